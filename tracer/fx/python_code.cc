// One line a node, then "x = None" for the values whose last use it was (torch/fx/graph.py, CodeGen). The body is made
// first, since it collects the free variables, the return annotation and the wrapped names that stand before it.
#include "tracer/fx/python_code.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tracer/fx/format.h"

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

bool IsFromTorch(const std::string& module) { return module == "torch" || module.rfind("torch.", 0) == 0; }

class CodeWriter {
 public:
  CodeWriter(Interpreter& in, Graph& graph, const CodeOptions& options) : in_(in), graph_(graph), options_(options) {
    for (const char* name : {"inf", "nan", "NoneType", "torch", "device", "fx_pytree", "pytree"}) {
      names_.AllowName(name, name);
      names_.CreateName(name, name);
    }
    old_printing_ = std::exchange(graph_.printing, &names_);
  }
  ~CodeWriter() { graph_.printing = old_printing_; }
  CodeWriter(const CodeWriter&) = delete;
  CodeWriter& operator=(const CodeWriter&) = delete;

  PythonCodeResult Write() {
    FindLastUses();
    int counter = 0;
    for (Node* node : graph_.nodes()) {
      if (options_.verbose) EmitStackTrace(*node);
      body_.push_back(kCounter + std::to_string(counter++) + "\n");
      EmitNode(*node);
      EmitDeletes(*node);
    }
    if (body_.empty()) body_.push_back("pass\n");
    std::string wraps;
    for (const std::string& name : wrapped_) wraps += (wraps.empty() ? "" : "\n") + ("torch.fx._symbolic_trace.wrap(\"" + name + "\")");
    const std::string prologue = Prologue();

    // Lines of the body, without the counters that say which node each is of.
    PythonCodeResult result;
    const int prologue_lines = static_cast<int>(std::count(prologue.begin(), prologue.end(), '\n')) + 1;
    std::string joined, text;
    for (const std::string& part : body_) joined += part;
    int node = -1, line_number = 0;
    for (size_t begin = 0; begin <= joined.size();) {
      const size_t end = std::min(joined.find('\n', begin), joined.size());
      const std::string line = joined.substr(begin, end - begin);
      begin = end + 1;
      if (line.rfind(kCounter, 0) == 0) {
        node = std::stoi(line.substr(sizeof(kCounter) - 1));
        continue;
      }
      result.lines.emplace_back(line_number++ + prologue_lines, node);
      text += (line_number == 1 ? "" : "\n") + line;
    }
    text.erase(0, text.find_first_not_of('\n'));
    result.code = "\n" + wraps + "\n\n" + prologue + "\n    ";
    for (char c : text) {
      result.code += c;
      if (c == '\n') result.code += "    ";
    }
    result.prologue_start = static_cast<int>(std::count(wraps.begin(), wraps.end(), '\n')) + 4;
    result.globals = std::move(globals_);
    return result;
  }

 private:
  static constexpr char kCounter[] = "# COUNTER: ";

  // Walking backwards, the first node met that reads a value is its last user.
  void FindLastUses() {
    std::set<const Node*> seen;
    const std::vector<Node*> nodes = graph_.nodes();
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
      for (Node* used : (*it)->Inputs()) {
        if (seen.insert(used).second) last_uses_[*it].push_back(used);
      }
    }
  }

  // "def forward(self, x):", or what a CodeGen subclass makes of it; its transformer and globals come first.
  std::string Prologue() {
    if (!graph_.codegen) {
      std::string parameters = "self";
      for (size_t i = 0; i < parameters_.size(); i++) {
        if (i > 0 || parameters_[i] != "self") parameters += ", " + parameters_[i];
      }
      return "def forward(" + parameters + ")" + return_annotation_ + ":";
    }
    const Value transformer = in_.FindAttr(graph_.codegen, "_body_transformer");
    if (transformer && !transformer.is_none()) {
      std::vector<Value> parts;
      for (const std::string& part : body_) parts.push_back(in_.NewStr(part));
      const Value transformed = in_.Call(transformer, {Value(in_.NewList(std::move(parts)))});
      body_.clear();
      for (const Value& part : in_.ToVector(transformed)) body_.push_back(in_.ToStr(part));
    }
    for (const Value& pair : in_.ToVector(in_.CallMethod(graph_.codegen, "additional_globals"))) {
      AddGlobal(in_.ToStr(in_.GetItem(pair, Value::Int(0))), in_.GetItem(pair, Value::Int(1)));
    }
    std::vector<Value> parameters;
    for (const std::string& p : parameters_) parameters.push_back(in_.NewStr(p));
    return in_.ToStr(in_.CallMethod(graph_.codegen, "gen_fn_def",
                                    {Value(in_.NewList(std::move(parameters))), Value(in_.NewStr(return_annotation_))}));
  }

  void EmitDeletes(const Node& node) {
    if (node.op == NodeOp::kPlaceholder) return;
    if (node.op == NodeOp::kOutput) {
      body_.push_back("\n");
      return;
    }
    std::string text;
    for (Node* dead : last_uses_[&node]) text += Name(*dead) + " = ";
    if (node.users().size() == 0) text += Name(node) + " = ";
    body_.push_back(text.empty() ? "\n" : ";  " + text + "None\n");
  }

  void EmitStackTrace(Node& node) {
    if (node.op == NodeOp::kPlaceholder || node.op == NodeOp::kOutput) return;
    std::string place = "No stacktrace found for following nodes";
    const Value trace = node.meta(in_).Get(in_.Intern("stack_trace"));
    if (trace && !trace.is_none()) {
      const Value summary = in_.CallMethod(in_.Import("torch.fx.graph"), "_stack_trace_summary", {trace});
      if (!summary.is_none()) place = in_.ToStr(summary);
    }
    const std::string comment = "\n# " + place + "\n";
    if (comment == last_comment_) return;
    last_comment_ = comment;
    body_.push_back(comment);
  }

  std::string Name(const Node& node) { return in_.Repr(Value(const_cast<Node*>(&node))); }

  void EmitNode(const Node& node) {
    const std::string name = Name(node);
    const std::string annotation = node.type ? " : " + TypeText(node.type) : "";
    const auto& args = node.args().As<py::Tuple>()->items();
    switch (node.op) {
      case NodeOp::kPlaceholder: {
        const std::string target = node.target_text();
        parameters_.push_back(target + annotation + (args.empty() ? "" : " = " + Text(args[0])));
        std::string raw = target;
        std::erase(raw, '*');
        if (raw != name) body_.push_back(name + " = " + raw + "\n");
        return;
      }
      case NodeOp::kCallMethod:
        body_.push_back(name + annotation + " = " + FormatTarget(args.empty() ? "" : Text(args[0]), node.target_text()) + "(" +
                        Arguments(node, 1) + ")");
        return;
      case NodeOp::kCallFunction: EmitCallFunction(node, name + annotation); return;
      case NodeOp::kCallModule:
        body_.push_back(name + annotation + " = " + FormatTarget(options_.root_module, node.target_text()) + "(" + Arguments(node, 0) + ")");
        return;
      case NodeOp::kGetAttr:
        body_.push_back(name + annotation + " = " + FormatTarget(options_.root_module, node.target_text()));
        return;
      case NodeOp::kOutput:
        if (node.type) return_annotation_ = " -> " + TypeText(node.type);
        EmitOutput(args.empty() ? Value::None() : args[0]);
        return;
      case NodeOp::kRoot: return;
    }
  }

  void EmitOutput(const Value& result) {
    if (!graph_.codegen) {
      body_.push_back("return " + Text(result));
      return;
    }
    const Value repr = in_.NewFunction("repr_fn", "argument", [this](Interpreter& in, py::BoundArgs& a) {
      return Value(in.NewStr(Text(a[0])));
    });
    body_.push_back(in_.ToStr(in_.CallMethod(in_.Import("torch.fx.graph"), "_generate_output", {graph_.codegen, result, repr})));
  }

  void EmitCallFunction(const Node& node, const std::string& result) {
    const std::string module = TextAttr(in_, node.target, "__module__"), name = TextAttr(in_, node.target, "__name__");
    const auto& args = node.args().As<py::Tuple>()->items();
    if (module == "_operator") {
      std::vector<std::string> texts;
      for (const Value& arg : args) texts.push_back(Text(arg));
      if (const auto form = OperatorForms().find(name); form != OperatorForms().end()) {
        body_.push_back(result + " = " + Fill(form->second, texts));
        return;
      }
      if (const auto form = InplaceForms().find(name); form != InplaceForms().end() && !texts.empty()) {
        body_.push_back(Fill(form->second, texts) + ";  " + result + " = " + texts[0]);
        return;
      }
    }
    const std::string global = AddGlobal(QualifiedName(in_, node.target), node.target);
    const py::Str* attribute = args.size() == 2 ? args[1].As<py::Str>() : nullptr;
    if (global == "getattr" && attribute != nullptr && IsIdentifier(attribute->text())) {
      body_.push_back(result + " = " + FormatTarget(Text(args[0]), attribute->text()));
      return;
    }
    body_.push_back(result + " = " + global + "(" + Arguments(node, 0) + ")");
    if (node.MetaFlag(in_, "is_wrapped") && wrapped_seen_.insert(global).second) wrapped_.push_back(global);
  }

  std::string Arguments(const Node& node, size_t from) {
    std::string out;
    const auto& args = node.args().As<py::Tuple>()->items();
    for (size_t i = from; i < args.size(); i++) out += (out.empty() ? "" : ", ") + Text(args[i]);
    for (const auto& entry : node.kwargs().As<py::Dict>()->table.entries()) {
      if (entry.key) out += (out.empty() ? "" : ", ") + in_.ToStr(entry.key) + " = " + Text(entry.value);
    }
    return out;
  }

  std::string Text(const Value& argument) {
    if (argument.As<Node>() != nullptr) return in_.Repr(argument);
    if (const auto* tuple = argument.As<py::Tuple>()) {
      if (in_.TypeOf(argument) == in_.types().tuple || !in_.FindAttr(argument, "_fields")) {
        return "(" + Items(tuple->items(), tuple->size() == 1) + ")";
      }
      const Value cls(in_.TypeOf(argument));
      return AddGlobal(QualifiedName(in_, cls), cls) + in_.Repr(in_.NewTuple(tuple->items()));
    }
    if (const auto* list = argument.As<py::List>()) return "[" + Items(list->items(), false) + "]";
    if (const auto* slice = argument.As<py::Slice>()) {
      return "slice(" + Text(slice->start) + ", " + Text(slice->stop) + ", " + Text(slice->step) + ")";
    }
    if (!in_.TypeOf(argument)->native() && in_.IsInstance(argument, in_.GetAttr(in_.Import("enum"), "Enum"))) {
      const Value cls(in_.TypeOf(argument));
      return AddGlobal(in_.TypeName(argument), cls) + "." + in_.ToStr(in_.GetAttr(argument, "name"));
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
      Value object = origin;
      const std::string alias = TextAttr(in_, type, "_name");
      if (origin.As<py::Type>() != nullptr && TextAttr(in_, type, "__module__") == "typing" && !alias.empty()) {
        name = "typing." + alias;  // typing.List[...] rather than list[...]
        if (const Value found = in_.FindAttr(in_.Import("typing"), alias)) object = found;
      }
      std::string text = AddGlobal(name, object);
      const Value args = in_.FindAttr(type, "__args__");
      const auto* tuple = args ? args.As<py::Tuple>() : nullptr;
      if (tuple == nullptr || tuple->size() == 0) return text;
      text += "[";
      for (size_t i = 0; i < tuple->size(); i++) text += (i ? "," : "") + TypeText((*tuple)[i]);
      return text + "]";
    }
    if (in_.TypeOf(type)->FullName() == "types.UnionType") {  // int | None
      std::string text = AddGlobal("typing.Union", in_.GetAttr(in_.Import("typing"), "Union")) + "[";
      const std::vector<Value> args = in_.ToVector(in_.GetAttr(type, "__args__"));
      for (size_t i = 0; i < args.size(); i++) text += (i ? "," : "") + TypeText(args[i]);
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
    const bool method = hint.starts_with("torch.Tensor.");
    if (IsFromTorch(TextAttr(in_, object, "__module__")) || (hint.starts_with("torch.") && !method)) {
      return hint == "torch._tensor.Tensor" ? "torch.Tensor" : hint;
    }
    const auto* text = object.As<py::Str>();  // a postponed annotation: equal texts are the same object
    const void* identity = text != nullptr ? in_.Intern(text->text()) : object.object_or_null();
    if (hint.find('.') == std::string::npos && in_.GetBuiltin(hint).Is(object)) names_.AllowName(hint, identity);
    std::string name = names_.CreateName(hint, identity);
    for (const auto& [known, value] : globals_) {
      if (known == name) return name;
    }
    globals_.emplace_back(name, object);
    return name;
  }

  Interpreter& in_;
  Graph& graph_;
  const CodeOptions& options_;
  Namespace names_;
  Namespace* old_printing_;
  std::vector<std::string> body_, parameters_, wrapped_;
  std::string return_annotation_, last_comment_;
  std::set<std::string> wrapped_seen_;
  std::map<const Node*, std::vector<Node*>> last_uses_;
  std::vector<std::pair<std::string, Value>> globals_;
};

}  // namespace

PythonCodeResult PythonCode(py::Interpreter& in, Graph& graph, const CodeOptions& options) {
  const py::Ref<Graph> kept(&graph);
  return CodeWriter(in, graph, options).Write();
}

}  // namespace fusepack::fx
