// One line a node, then "x = None" for the values whose last use it was (torch/fx/graph.py, CodeGen). The body is made
// first, since it collects the free variables, the return annotation and the wrapped names that stand before it.
#include "tracer/fx/python_code.h"

#include <map>
#include <set>

namespace fusepack::fx {
namespace {

using py::Interpreter;
using py::Value;

// operator functions that print as the operator itself; "{}" are the arguments in order.
const std::map<std::string, std::string>& OperatorForms() {
  static const std::map<std::string, std::string> forms = {
      {"add", "{} + {}"}, {"sub", "{} - {}"}, {"mul", "{} * {}"}, {"floordiv", "{} // {}"}, {"truediv", "{} / {}"},
      {"div", "{} / {}"}, {"mod", "{} % {}"}, {"pow", "{} ** {}"}, {"lshift", "{} << {}"}, {"rshift", "{} >> {}"},
      {"and_", "{} & {}"}, {"or_", "{} | {}"}, {"xor", "{} ^ {}"}, {"getitem", "{}[{}]"}, {"matmul", "{} @ {}"},
      {"eq", "{} == {}"}, {"ne", "{} != {}"}, {"lt", "{} < {}"}, {"gt", "{} > {}"}, {"le", "{} <= {}"},
      {"ge", "{} >= {}"}, {"pos", "+{}"}, {"neg", "-{}"}, {"invert", "~{}"},
  };
  return forms;
}

const std::map<std::string, std::string>& InplaceForms() {
  static const std::map<std::string, std::string> forms = {
      {"iadd", "{} += {}"}, {"iand", "{} &= {}"}, {"ifloordiv", "{} //= {}"}, {"ilshift", "{} <<= {}"},
      {"imod", "{} %= {}"}, {"imul", "{} *= {}"}, {"imatmul", "{} @= {}"}, {"ior", "{} |= {}"}, {"ipow", "{} **= {}"},
      {"irshift", "{} >>= {}"}, {"isub", "{} -= {}"}, {"itruediv", "{} /= {}"}, {"ixor", "{} ^= {}"},
      {"setitem", "{}[{}] = {}"},
  };
  return forms;
}

std::string Fill(const std::string& form, const std::vector<std::string>& arguments) {
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < form.size(); i++) {
    if (form[i] == '{') {
      out += next < arguments.size() ? arguments[next] : "";
      next++;
      i++;
    } else {
      out += form[i];
    }
  }
  return out;
}

std::string TextAttr(Interpreter& in, const Value& v, std::string_view name) {
  const Value found = in.FindAttr(v, name);
  const py::Str* text = found ? found.As<py::Str>() : nullptr;
  return text != nullptr ? text->text() : "";
}

bool IsFromTorch(const std::string& module) { return module == "torch" || module.rfind("torch.", 0) == 0; }

class CodeWriter {
 public:
  CodeWriter(Interpreter& in, const Graph& graph) : in_(in), graph_(graph) {
    for (const char* name : {"inf", "nan", "NoneType", "torch", "device", "fx_pytree", "pytree"}) names_.CreateName(name, name);
  }

  PythonCodeResult Write() {
    FindLastUses();
    for (const auto& node : graph_.nodes()) {
      EmitNode(*node);
      EmitDeletes(*node);
    }
    std::string wraps;
    for (const std::string& name : wrapped_) wraps += (wraps.empty() ? "" : "\n") + ("torch.fx._symbolic_trace.wrap(\"" + name + "\")");
    std::string parameters = "self";
    for (const std::string& p : parameters_) {
      if (p != "self") parameters += ", " + p;
    }
    PythonCodeResult result;
    result.code = "\n" + wraps + "\n\ndef forward(" + parameters + ")" + return_annotation_ + ":\n    ";
    for (char c : body_.empty() ? "pass\n" : body_) result.code += c == '\n' ? std::string("\n    ") : std::string(1, c);
    result.globals = std::move(globals_);
    return result;
  }

 private:
  // Walking backwards, the first node met that reads a value is its last user.
  void FindLastUses() {
    std::set<const Node*> seen;
    for (auto it = graph_.nodes().rbegin(); it != graph_.nodes().rend(); ++it) {
      const Node* user = it->get();
      const auto visit = [&](Node* used) {
        used_.insert(used);
        if (seen.insert(used).second) last_uses_[user].push_back(used);
      };
      VisitNodes(user->args, visit);
      VisitNodes(user->kwargs, visit);
    }
  }

  void EmitDeletes(const Node& node) {
    if (node.op == NodeOp::kPlaceholder) return;
    if (node.op == NodeOp::kOutput) {
      body_ += "\n";
      return;
    }
    std::string text;
    for (const Node* dead : last_uses_[&node]) text += dead->name + " = ";
    if (used_.count(&node) == 0) text += node.name + " = ";
    body_ += text.empty() ? "\n" : ";  " + text + "None\n";
  }

  void EmitNode(const Node& node) {
    const std::string annotation = node.type ? " : " + TypeText(node.type) : "";
    const auto& args = node.args.As<py::Tuple>()->items();
    switch (node.op) {
      case NodeOp::kPlaceholder: {
        const std::string target = node.target_text();
        parameters_.push_back(target + annotation + (args.empty() ? "" : " = " + Text(args[0])));
        std::string raw = target;
        std::erase(raw, '*');
        if (raw != node.name) body_ += node.name + " = " + raw + "\n";
        return;
      }
      case NodeOp::kCallMethod:
        body_ += node.name + annotation + " = " + FormatTarget(Text(args[0]), node.target_text()) + "(" +
                 Arguments(node, 1) + ")";
        return;
      case NodeOp::kCallFunction: EmitCallFunction(node, annotation); return;
      case NodeOp::kCallModule:
        body_ += node.name + annotation + " = " + FormatTarget("self", node.target_text()) + "(" + Arguments(node, 0) + ")";
        return;
      case NodeOp::kGetAttr:
        body_ += node.name + annotation + " = " + FormatTarget("self", node.target_text());
        return;
      case NodeOp::kOutput:
        if (node.type) return_annotation_ = " -> " + TypeText(node.type);
        body_ += "return " + Text(args[0]);
        return;
    }
  }

  void EmitCallFunction(const Node& node, const std::string& annotation) {
    const std::string module = TextAttr(in_, node.target, "__module__"), name = TextAttr(in_, node.target, "__name__");
    const auto& args = node.args.As<py::Tuple>()->items();
    if (module == "_operator") {
      std::vector<std::string> texts;
      for (const Value& arg : args) texts.push_back(Text(arg));
      if (const auto form = OperatorForms().find(name); form != OperatorForms().end()) {
        body_ += node.name + annotation + " = " + Fill(form->second, texts);
        return;
      }
      if (const auto form = InplaceForms().find(name); form != InplaceForms().end()) {
        body_ += Fill(form->second, texts) + ";  " + node.name + annotation + " = " + texts[0];
        return;
      }
    }
    const std::string global = AddGlobal(QualifiedName(in_, node.target), node.target);
    const py::Str* attribute = args.size() == 2 ? args[1].As<py::Str>() : nullptr;
    if (global == "getattr" && attribute != nullptr && IsIdentifier(attribute->text())) {
      body_ += node.name + annotation + " = " + FormatTarget(Text(args[0]), attribute->text());
      return;
    }
    body_ += node.name + annotation + " = " + global + "(" + Arguments(node, 0) + ")";
    if (node.is_wrapped && wrapped_seen_.insert(global).second) wrapped_.push_back(global);
  }

  std::string Arguments(const Node& node, size_t from) {
    std::string out;
    const auto& args = node.args.As<py::Tuple>()->items();
    for (size_t i = from; i < args.size(); i++) out += (out.empty() ? "" : ", ") + Text(args[i]);
    for (const auto& entry : node.kwargs.As<py::Dict>()->table.entries()) {
      if (entry.key) out += (out.empty() ? "" : ", ") + in_.ToStr(entry.key) + " = " + Text(entry.value);
    }
    return out;
  }

  std::string Text(const Value& argument) {
    if (const auto* tuple = argument.As<py::Tuple>()) {
      const bool named = in_.FindAttr(argument, "_fields").operator bool();
      const std::string items = Items(tuple->items(), tuple->size() == 1);
      if (!named) return "(" + items + ")";
      const Value cls(in_.TypeOf(argument));
      return AddGlobal(QualifiedName(in_, cls), cls) + "(" + items + ")";
    }
    if (const auto* list = argument.As<py::List>()) return "[" + Items(list->items(), false) + "]";
    if (const auto* slice = argument.As<py::Slice>()) {
      return "slice(" + Text(slice->start) + ", " + Text(slice->stop) + ", " + Text(slice->step) + ")";
    }
    return in_.Repr(argument);
  }

  std::string Items(const std::vector<Value>& items, bool trailing_comma) {
    std::string out;
    for (size_t i = 0; i < items.size(); i++) out += (i ? ", " : "") + Text(items[i]);
    return out + (trailing_comma ? "," : "");
  }

  // An annotation: a class by its global name; typing's aliases as origin[arguments]; a postponed one, which is a
  // str, by its repr made an identifier.
  std::string TypeText(const Value& type) {
    if (const auto* tuple = type.As<py::Tuple>(); tuple != nullptr && tuple->size() == 0) return "()";
    const Value origin = type.is_object() && type.As<py::Type>() == nullptr ? in_.FindAttr(type, "__origin__") : Value();
    if (origin && !origin.is_none()) {
      std::string name = TypeName(origin);
      const std::string alias = TextAttr(in_, type, "_name");
      if (origin.As<py::Type>() != nullptr && TextAttr(in_, type, "__module__") == "typing" && !alias.empty()) {
        name = "typing." + alias;  // typing.List[...] rather than list[...]
      }
      std::string text = AddGlobal(name, origin);
      const Value args = in_.FindAttr(type, "__args__");
      const auto* tuple = args ? args.As<py::Tuple>() : nullptr;
      if (tuple == nullptr || tuple->size() == 0) return text;
      text += "[";
      for (size_t i = 0; i < tuple->size(); i++) text += (i ? "," : "") + TypeText((*tuple)[i]);
      return text + "]";
    }
    return AddGlobal(TypeName(type), type);
  }

  std::string TypeName(const Value& type) {
    if (const auto* cls = type.As<py::Type>()) {
      if (cls == in_.types().none) return "NoneType";
      return cls->module().empty() || cls->module() == "builtins" ? cls->name() : cls->module() + "." + cls->qualname();
    }
    if (type.is_none()) return "NoneType";
    if (type.Is(in_.Ellipsis())) return "...";
    return in_.Repr(type);
  }

  // The name by which generated code refers to an outside object: torch's own by their qualified names.
  std::string AddGlobal(const std::string& hint, const Value& object) {
    if (hint == "NoneType" || hint == "torch.device") return hint == "NoneType" ? hint : "device";
    if (IsFromTorch(TextAttr(in_, object, "__module__")) || hint.rfind("torch.", 0) == 0) {
      return hint == "torch._tensor.Tensor" ? "torch.Tensor" : hint;
    }
    const void* identity = object.object_or_null();
    if (hint.find('.') == std::string::npos && in_.GetBuiltin(hint).Is(object)) names_.AllowName(hint, identity);
    std::string name = names_.CreateName(hint, identity);
    for (const auto& [known, value] : globals_) {
      if (known == name) return name;
    }
    globals_.emplace_back(name, object);
    return name;
  }

  Interpreter& in_;
  const Graph& graph_;
  Namespace names_;
  std::string body_, return_annotation_;
  std::vector<std::string> parameters_, wrapped_;
  std::set<std::string> wrapped_seen_;
  std::set<const Node*> used_;
  std::map<const Node*, std::vector<const Node*>> last_uses_;
  std::vector<std::pair<std::string, Value>> globals_;
};

}  // namespace

PythonCodeResult PythonCode(py::Interpreter& in, const Graph& graph) { return CodeWriter(in, graph).Write(); }

std::string QualifiedName(py::Interpreter& in, const py::Value& function) {
  const std::string name = TextAttr(in, function, "__name__"), module = TextAttr(in, function, "__module__");
  if (module.empty() || module == "builtins") return name;
  const std::string qualified = TextAttr(in, function, "__qualname__");
  if (qualified == "Tensor." + name && IsFromTorch(module)) return "torch.Tensor." + name;
  return module + "." + name;
}

}  // namespace fusepack::fx
