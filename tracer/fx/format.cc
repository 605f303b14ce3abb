#include "tracer/fx/format.h"

#include "tracer/python/bytecode.h"
#include "tracer/python/callables.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::fx {
namespace {

using py::Interpreter;
using py::Value;

// A lambda goes by the name that its statement gives it: "lift = lambda x: x" -> "lift".
std::string NameOfLambda(Interpreter& in, const Value& function) {
  const auto* lambda = function.As<py::Function>();
  std::string line;
  if (lambda != nullptr) line = std::string(lambda->code->source->tree->Line(static_cast<uint32_t>(lambda->code->first_line)));
  if (line.empty()) in.Raise(in.types().runtime_error, "Unable to represent lambda");
  line = line.substr(0, line.find('='));
  const size_t begin = line.find_first_not_of(" \t"), end = line.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
}

}  // namespace

SourceLine UserLine(Interpreter& in) {
  for (const py::Frame* frame = in.frame(); frame != nullptr; frame = frame->back) {
    const py::Code& code = *frame->code;
    if (code.source->file.starts_with(torch::kPreludePrefix) || code.source->file.starts_with("<lib>/")) continue;
    const size_t at = frame->pc > 0 ? static_cast<size_t>(frame->pc - 1) : 0;
    if (at >= code.positions.size()) return {};
    std::string_view text = code.source->tree->Line(code.positions[at].line);
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    return {code.source->file, std::string(text), static_cast<int>(code.positions[at].line), static_cast<int>(code.positions[at].column)};
  }
  return {};
}

std::string TextAttr(Interpreter& in, const Value& v, std::string_view name) {
  const Value found = in.FindAttr(v, name);
  const py::Str* text = found ? found.As<py::Str>() : nullptr;
  return text != nullptr ? text->text() : "";
}

std::string TypeName(Interpreter& in, const Value& value) {
  const py::Type* type = in.TypeOf(value);
  return type->module().empty() || type->module() == "builtins" ? type->qualname() : type->module() + "." + type->qualname();
}

std::string TypeRepr(Interpreter& in, const Value& type) {
  if (const auto* cls = type.As<py::Type>()) {
    return cls->module().empty() || cls->module() == "builtins" ? cls->qualname() : cls->module() + "." + cls->qualname();
  }
  if (type.Is(in.Ellipsis())) return "...";
  if (type.As<py::Function>() != nullptr) return TextAttr(in, type, "__name__");
  return in.Repr(type);
}

std::string QualifiedName(Interpreter& in, const Value& function) {
  std::string name = TextAttr(in, function, "__name__");
  const std::string module = TextAttr(in, function, "__module__");
  if (name == "<lambda>") name = NameOfLambda(in, function);
  if (module == "builtins" || (module.empty() && in.GetBuiltin(name).Is(function))) return name;
  const std::string qualified = TextAttr(in, function, "__qualname__");
  const bool of_torch = module == "torch" || module.rfind("torch.", 0) == 0;
  if (qualified == "Tensor." + name && of_torch) return "torch.Tensor." + name;
  if (!module.empty()) return module + "." + name;
  for (const char* guess : {"torch", "torch.nn.functional"}) {
    const Value found = in.FindAttr(in.Import(guess), name);
    if (found && found.Is(function)) return std::string(guess) + "." + name;
  }
  const Value method = in.FindAttr(in.GetAttr(in.Import("torch"), "Tensor"), name);
  if (method && method.Is(function)) return "torch.Tensor." + name;
  in.Raise(in.types().runtime_error, "cannot find module for " + in.Repr(function));
}

std::string FormatTargetName(Interpreter& in, const Value& target) {
  if (const auto* text = target.As<py::Str>()) return text->text();
  const std::string module = TextAttr(in, target, "__module__"), name = TextAttr(in, target, "__name__");
  if (!name.empty() && module == "builtins") return "builtins." + name;
  if (!name.empty() && module == "_operator") return "operator." + name;
  return QualifiedName(in, target);
}

std::string FormatArg(Interpreter& in, const Value& argument) {
  if (const Node* node = argument.As<Node>()) return "%" + in.Repr(Value(const_cast<Node*>(node)));
  std::string out;
  if (const auto* list = argument.As<py::List>()) {
    for (const Value& item : list->items()) out += (out.empty() ? "" : ", ") + FormatArg(in, item);
    return "[" + out + "]";
  }
  if (const auto* tuple = argument.As<py::Tuple>()) {
    for (const Value& item : tuple->items()) out += (out.empty() ? "" : ", ") + FormatArg(in, item);
    return "(" + out + (tuple->size() == 1 ? ",)" : ")");
  }
  if (const auto* dict = argument.As<py::Dict>()) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key) out += (out.empty() ? "" : ", ") + in.ToStr(entry.key) + ": " + FormatArg(in, entry.value);
    }
    return "{" + out + "}";
  }
  return in.ToStr(argument);
}

std::string FormatNode(Interpreter& in, Node& node) {
  const auto& args = node.args().As<py::Tuple>()->items();
  if (node.op == NodeOp::kOutput) return "return " + (args.empty() ? "" : in.ToStr(args[0]));
  const std::string type = node.type && !node.type.is_none() ? TypeRepr(in, node.type) + " " : "";
  std::string out = "%" + node.name + " : " + type + "[num_users=" + std::to_string(node.users().size()) + "] = " +
                    NodeOpName(node.op) + "[target=" + FormatTargetName(in, node.target) + "]";
  if (node.op == NodeOp::kPlaceholder) return out + (args.empty() ? "" : "(default=" + in.ToStr(args[0]) + ")");
  if (node.op == NodeOp::kGetAttr) return out;
  return out + "(args = " + FormatArg(in, node.args()) + ", kwargs = " + FormatArg(in, node.kwargs()) + ")";
}

}  // namespace fusepack::fx
