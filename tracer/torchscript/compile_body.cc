// One function body, statement by statement. The environment says what each local name is: a Python value that is known,
// or a TorchScript variable of the same name and the type that is known of it.
//
// A name whose assignments all stand in straight code keeps what it was assigned. In a branch or loop that is left to run
// time only variables survive, so names assigned there are variables from the start (`fluid_`), constants included; a
// module or function bound there is forgotten where the paths meet. Types meet as TorchScript's do: T and None make
// Optional[T], other pairs are not known. `x is None` in a condition refines x in the branches.
//
// `raise` becomes prim::RaiseException with the exception's class, and after it `raise AssertionError("")`, the one form by
// which TorchScript's own source tells that control ends there.
#include <algorithm>

#include <functional>
#include <optional>

#include "tracer/python/ast_walk.h"
#include "tracer/python/module.h"
#include "tracer/python/parse.h"
#include "tracer/python/resolve.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torchscript/compiler.h"
#include "tracer/torchscript/type_text.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;
namespace ast = py::ast;
using Kind = Exp::Kind;

Value EvaluateIn(Interpreter& in, py::Function* f, const std::string& text) {
  const Value as_text(in.NewStr(text));
  auto tree = py::ParseExpression(f->code->source->file, text);
  if (!tree.ok()) return as_text;
  auto resolution = py::Resolve(**tree);
  if (!resolution.ok()) return as_text;
  auto source = std::make_shared<py::Source>();
  source->tree = *tree;
  source->resolution = *resolution;
  source->file = f->code->source->file;
  try {
    py::Frame frame;
    frame.code = py::CompileExpression(in, source, *(*tree)->body()[0]->As<ast::ExprStmt>().value);
    frame.module = f->module;
    bool yielded;
    return py::RunFrame(in, &frame, &yielded);
  } catch (py::Raised&) {
    return as_text;
  }
}

namespace {

const std::set<std::string_view> kReserved = {"torch", "ops", "annotate", "CONSTANTS", "inf", "nan", "fork", "uninitialized",
                                              "unchecked_cast", "__torch__"};

const std::map<std::string_view, const char*> kTensorAttributes = {
    {"shape", "List[int]"}, {"dtype", "int"}, {"device", "Device"}, {"ndim", "int"}, {"is_cuda", "bool"}, {"requires_grad", "bool"},
    {"data", "Tensor"}, {"T", "Tensor"}, {"mT", "Tensor"}, {"is_quantized", "bool"}, {"is_nested", "bool"}, {"is_sparse", "bool"},
    {"layout", "int"}, {"is_mkldnn", "bool"}, {"grad", "Optional[Tensor]"}, {"is_meta", "bool"}, {"itemsize", "int"}};

const std::map<std::string_view, int> kCasts = {{"float", 6}, {"double", 7}, {"half", 5}, {"bfloat16", 15}, {"int", 3}, {"long", 4},
                                                {"short", 2}, {"char", 1}, {"byte", 0}, {"bool", 11}};

// What operators return where that is no Tensor.
const std::map<std::string_view, const char*> kReturns = {
    {"dim", "int"}, {"ndimension", "int"}, {"numel", "int"}, {"len", "int"}, {"is_floating_point", "bool"}, {"is_complex", "bool"}, {"chunk", "List[Tensor]"},
    {"split", "List[Tensor]"}, {"unbind", "List[Tensor]"}, {"split_with_sizes", "List[Tensor]"}, {"tensor_split", "List[Tensor]"},
    {"item", "number"}, {"topk", "Tuple[Tensor, Tensor]"}, {"sort", "Tuple[Tensor, Tensor]"}, {"stride", "List[int]"}, {"equal", "bool"},
    {"allclose", "bool"}, {"is_contiguous", "bool"}, {"element_size", "int"}, {"get_device", "int"}, {"is_same_size", "bool"},
    {"device", "Device"}, {"is_grad_enabled", "bool"}, {"is_autocast_enabled", "bool"}, {"promote_types", "int"}, {"result_type", "int"},
    {"var_mean", "Tuple[Tensor, Tensor]"}, {"std_mean", "Tuple[Tensor, Tensor]"}, {"meshgrid", "List[Tensor]"}, {"nonzero_numpy", "List[Tensor]"},
    {"max_pool2d_with_indices", "Tuple[Tensor, Tensor]"}, {"max_pool1d_with_indices", "Tuple[Tensor, Tensor]"}, {"kthvalue", "Tuple[Tensor, Tensor]"}};

const char* OperatorName(ast::BinaryOperator op) { return ast::OperatorText(op); }

std::string Element(const std::string& type) {
  for (std::string_view head : {"List[", "Iter["}) {
    if (type.rfind(head, 0) == 0) return type.substr(head.size(), type.size() - head.size() - 1);
  }
  if (type == "Tensor") return "Tensor";
  if (type == "str") return "str";
  if (type.rfind("Dict[", 0) == 0) return type.substr(5, type.find(',') - 5);
  return "";
}

// Whether a value of this type is certainly something.
bool NeverNone(const std::string& type) {
  return !type.empty() && !IsOptionalType(type) && type != "NoneType" && type != "Any" && type.rfind("Union", 0) != 0;
}

std::string Meet(const std::string& a, const std::string& b) {
  if (a == b) return a;
  if (a.empty() || b.empty()) return "";
  if (a == "NoneType") return IsOptionalType(b) ? b : "Optional[" + b + "]";
  if (b == "NoneType") return IsOptionalType(a) ? a : "Optional[" + a + "]";
  if (StripOptional(a) == StripOptional(b)) return "Optional[" + StripOptional(a) + "]";
  return "";
}

// Names that a block assigns, how often; not those of functions inside.
void CountAssigned(const ast::Stmt& s, std::map<std::string, int>* counts);
void CountTargets(const ast::Expr& e, std::map<std::string, int>* counts) {
  if (const auto* name = e.Maybe<ast::Name>()) {
    if (name->context != ast::Context::kLoad) (*counts)[std::string(name->id)]++;
  } else if (const auto* walrus = e.Maybe<ast::NamedExpr>()) {
    CountTargets(*walrus->target, counts);
  } else if (e.kind == ast::ExprKind::kAttribute || e.kind == ast::ExprKind::kSubscript || e.kind == ast::ExprKind::kLambda) {
    return;
  }
  ast::ForEachChild(e, [&](const ast::Expr& x) { CountTargets(x, counts); });
}
void CountAssigned(const ast::Stmt& s, std::map<std::string, int>* counts) {
  if (s.kind == ast::StmtKind::kFunctionDef || s.kind == ast::StmtKind::kClassDef) return;
  if (const auto* aug = s.Maybe<ast::AugAssign>()) {
    if (const auto* name = aug->target->Maybe<ast::Name>()) (*counts)[std::string(name->id)]++;
  }
  ast::ForEachChild(
      s, [&](const ast::Expr& e) { CountTargets(e, counts); }, [&](const ast::Stmt& x) { CountAssigned(x, counts); },
      [](const ast::Pattern&) {});
}

}  // namespace

class Body {
 public:
  Body(Compiler& compiler, Compiled* made, ClassType* cls, py::Function* function)
      : c_(compiler), in_(compiler.in_), made_(made), cls_(cls), f_(function), tree_(*function->code->source->tree) {}

  void Run(const std::vector<Argument>& arguments) {
    if (f_->code->scope == nullptr || f_->code->name == "<lambda>") Fail(nullptr, "a lambda");
    def_ = static_cast<const ast::FunctionDef*>(f_->code->scope->node);
    if (f_->code->is_generator || def_->is_async) Fail(def_, "a generator or async function");
    indent_ = cls_ != nullptr ? 4 : 2;
    const std::string modifier = c_.Modifier(Value(f_));
    std::string signature = Signature(arguments);
    std::string returns;
    if (def_->returns != nullptr) {
      returns = AnnotationText(*def_->returns);
      made_->type = returns;
    }
    declared_return_ = returns;
    if (modifier == "unused" || modifier == "ignore") {
      Line("ops.prim.RaiseException(" + Quote("the function " + f_->code->qualified_name + " is " + modifier + "d by TorchScript") + ", \"builtins.RuntimeError\")");
      Line("raise AssertionError(\"\")");
    } else {
      std::map<std::string, int> counts;
      for (const ast::Stmt* s : def_->body) CountAssigned(*s, &counts);
      for (const auto& [name, count] : counts) {
        if (count > 1 || env_.count(name)) fluid_.insert(name);
      }
      if (!Block(def_->body)) {
        if (returned_.empty()) {
          if (returns.empty()) made_->type = "NoneType";
          Line("return None");
        } else if (returns.empty() && made_->type != "NoneType") {
          Line("return None");
        }
      }
    }
    const std::string pad(cls_ != nullptr ? 2 : 0, ' ');
    const size_t dot = made_->name.rfind('.');
    made_->text = pad + "def " + made_->name.substr(dot == std::string::npos ? 0 : dot + 1) + "(" + signature + ")" +
                  (returns.empty() ? "" : " -> " + returns) + ":\n" + out_;
  }

 private:
  using Env = std::map<std::string, Exp>;

  // --- errors and text

  std::string Place(const ast::Node* node) const {
    if (node == nullptr) return f_->code->source->file + ":" + std::to_string(f_->code->first_line);
    return f_->code->source->file + ":" + std::to_string(node->start.line) + ":" + std::to_string(node->start.column);
  }
  [[noreturn]] void Fail(const ast::Node* node, const std::string& what) { c_.Fail(Place(node), what + " is not supported by TorchScript"); }
  [[noreturn]] void Wrong(const ast::Node* node, const std::string& what) { c_.Fail(Place(node), what, false); }

  void Line(const std::string& text) {
    out_ += std::string(indent_, ' ') + text + "\n";
    c_.Grow(indent_ + text.size() + 1);
  }
  std::string Quote(const std::string& text) {
    return std::string(in_.Call(c_.lower("quoted"), {Value(in_.NewStr(text))}).As<Str>()->text());
  }
  std::string Temporary() { return "_" + std::to_string(temporaries_++) + "_"; }

  // --- signature

  std::string AnnotationText(const ast::Expr& annotation) {
    const std::string text(tree_.Text(annotation));
    try {
      return c_.TypeText(EvaluateIn(in_, f_, text));
    } catch (py::Raised&) {
      // BroadcastingList2[int] and the like evaluate to nothing; their text says what they are.
      try {
        return c_.TypeText(Value(in_.NewStr(text)));
      } catch (py::Raised& raised) {
        Wrong(&annotation, "the annotation '" + text + "' means no type to TorchScript (" + in_.ExceptionText(raised.exception) + ")");
      }
    }
  }

  std::string Signature(const std::vector<Argument>& arguments) {
    const ast::Parameters& p = def_->parameters;
    if (p.vararg != nullptr || p.kwarg != nullptr) {
      Fail(p.vararg != nullptr ? p.vararg : p.kwarg, "a variable number of arguments");
    }
    std::vector<std::pair<const ast::Parameter*, Value>> all;  // with defaults
    for (const ast::Parameter& x : p.positional_only) all.push_back({&x, Value()});
    for (const ast::Parameter& x : p.positional) all.push_back({&x, Value()});
    if (auto* defaults = f_->defaults.As<py::Tuple>()) {
      const size_t first = all.size() - defaults->size();
      for (size_t i = 0; i < defaults->size(); i++) all[first + i].second = (*defaults)[i];
    }
    const size_t positional = all.size();
    for (const ast::Parameter& x : p.keyword_only) {
      all.push_back({&x, Value()});
      if (auto* defaults = f_->keyword_defaults.As<py::Dict>()) all.back().second = defaults->Get(in_.Intern(x.name));
    }
    std::string out;
    const bool prelude = c_.IsPrelude(f_);
    bool seen_default = false;
    for (size_t i = 0; i < all.size(); i++) {
      const auto& [parameter, given_default] = all[i];
      const std::string name(parameter->name);
      if (i == positional && arguments.empty()) {
        out += out.empty() ? "*" : ", *";
      }
      if (i == 0 && cls_ != nullptr) {
        self_ = name;
        out += name;
        continue;
      }
      const Argument* argument = i < arguments.size() && arguments[i].given ? &arguments[i] : nullptr;
      if (argument != nullptr && argument->value.kind != Kind::kDynamic) {
        env_[name] = argument->value;
        continue;
      }
      // An instantiated function is always called with everything that is not the default.
      if (argument == nullptr && !arguments.empty() && given_default) {
        env_[name] = Exp::Static(given_default);
        continue;
      }
      std::string type;
      if (argument != nullptr && argument->typed) {
        type = argument->value.type;
      } else if (parameter->annotation != nullptr) {
        type = AnnotationText(*parameter->annotation);
      } else if (argument != nullptr && !argument->value.type.empty() && argument->value.type != "number") {
        type = argument->value.type;
      } else if (prelude && given_default) {
        type = given_default.is_none() ? "Optional[Tensor]" : c_.TypeOfValue(given_default);
      } else {
        type = "Tensor";
      }
      if (argument != nullptr && parameter->annotation == nullptr && type == "NoneType") type = "Optional[Tensor]";
      out += (out.empty() ? "" : ", ") + name + ": " + type;
      if (given_default && (argument == nullptr || seen_default)) {
        const std::string literal = c_.Literal(given_default);
        if (literal.empty()) Fail(parameter, "the default of parameter '" + name + "'");
        out += "=" + literal;
        seen_default = true;
      }
      env_[name] = Exp::Dynamic(name, type);
    }
    return out;
  }

  // --- statements. True: control does not reach what follows.

  bool Block(ast::StmtSeq statements) {
    for (const ast::Stmt* s : statements) {
      in_.Step();
      if (Statement(*s)) return true;
    }
    return false;
  }

  bool Statement(const ast::Stmt& s) {
    using K = ast::StmtKind;
    switch (s.kind) {
      case K::kPass: return false;
      case K::kExprStmt: return ExpressionStatement(s.As<ast::ExprStmt>());
      case K::kReturn: return Return(s.As<ast::Return>());
      case K::kAssign: return Assign(s.As<ast::Assign>());
      case K::kAnnAssign: return AnnotatedAssign(s.As<ast::AnnAssign>());
      case K::kAugAssign: return Augment(s.As<ast::AugAssign>());
      case K::kIf: return If(s.As<ast::If>());
      case K::kFor: return For(s.As<ast::For>());
      case K::kWhile: return While(s.As<ast::While>());
      case K::kRaise: return RaiseStatement(s.As<ast::Raise>());
      case K::kAssert: return Assert(s.As<ast::Assert>());
      case K::kWith: return With(s.As<ast::With>());
      case K::kBreak:
      case K::kContinue:
        if (unrolling_ > 0) Fail(&s, "break or continue in a loop over modules or constants");
        Line(s.kind == K::kBreak ? "break" : "continue");
        return true;
      case K::kDelete:
        for (const ast::Expr* target : s.As<ast::Delete>().targets) {
          if (target->kind == ast::ExprKind::kName) continue;
          const auto* item = target->Maybe<ast::Subscript>();
          if (item == nullptr) Fail(&s, "del of an attribute");
          Line("del " + Text(Eval(*item->value), *item) + "[" + Text(Eval(*item->index), *item) + "]");
        }
        return false;
      case K::kImport:
      case K::kImportFrom: return ImportStatement(s);
      default: Fail(&s, std::string("the statement ") + ast::KindName(s.kind));
    }
  }

  // Names of modules are known while compiling.
  bool ImportStatement(const ast::Stmt& s) {
    py::Importer* importer = f_->module->importer() != nullptr ? f_->module->importer() : &in_.importer();
    if (const auto* import = s.Maybe<ast::Import>()) {
      for (const ast::Alias& a : import->names) {
        const std::string name(a.name);
        const Value module = in_.Import(*importer, name);
        if (!a.as_name.empty()) env_[std::string(a.as_name)] = Exp::Static(module);
        else env_[name.substr(0, name.find('.'))] = Exp::Static(in_.Import(*importer, name.substr(0, name.find('.'))));
      }
      return false;
    }
    const auto& from = s.As<ast::ImportFrom>();
    if (from.level != 0) Fail(&s, "a relative import inside a function");
    const Value module = in_.Import(*importer, std::string(from.module));
    for (const ast::Alias& a : from.names) {
      env_[std::string(a.as_name.empty() ? a.name : a.as_name)] = Exp::Static(in_.GetAttr(module, a.name));
    }
    return false;
  }

  bool ExpressionStatement(const ast::ExprStmt& s) {
    if (s.value->kind == ast::ExprKind::kConstant) return false;
    const Exp e = Eval(*s.value);
    if (raised_) return raised_ = false, true;
    if (e.kind == Kind::kDynamic) Line(e.text);
    if (e.kind == Kind::kItems) Line(Text(e, *s.value));
    return false;
  }

  bool Return(const ast::Return& s) {
    if (s.value == nullptr) {
      Returned("NoneType");
      Line("return None");
      return true;
    }
    const Exp e = Eval(*s.value);
    if (raised_) return raised_ = false, true;
    Returned(TypeOf(e));
    Line("return " + Text(e, s));
    return true;
  }

  void Returned(const std::string& type) {
    if (declared_return_.empty()) made_->type = returned_.empty() ? type : Meet(made_->type, type);
    returned_.push_back(type);
  }

  bool Assign(const ast::Assign& s) {
    Exp e = Eval(*s.value);
    if (raised_) return raised_ = false, true;
    if (s.targets.size() > 1 && e.kind != Kind::kStatic && e.kind != Kind::kModule) {
      const std::string temporary = Temporary();
      Line(temporary + " = " + Text(e, s));
      e = Exp::Dynamic(temporary, TypeOf(e));
    }
    for (const ast::Expr* target : s.targets) Store(*target, e);
    return false;
  }

  // Whether a static value must be kept in a variable: only constants can.
  bool IsConstant(const Value& v) { return !c_.Literal(v).empty(); }

  std::string LocalName(const std::string& name) { return kReserved.count(name) ? name + "_" : name; }

  void Store(const ast::Expr& target, const Exp& e) {
    if (const auto* name = target.Maybe<ast::Name>()) return Bind(std::string(name->id), e, target);
    if (const auto* starred = target.Maybe<ast::Starred>()) Fail(starred, "a starred target");
    const ast::ExprSeq* parts = nullptr;
    if (const auto* tuple = target.Maybe<ast::Tuple>()) parts = &tuple->elements;
    if (const auto* list = target.Maybe<ast::List>()) parts = &list->elements;
    if (parts != nullptr) {
      if (e.kind == Kind::kItems || (e.is_static() && e.value.As<py::Tuple>() != nullptr)) {
        const std::vector<Exp> items = ItemsOf(e, target);
        if (items.size() != parts->size()) {
          Wrong(&target, std::to_string(items.size()) + " values for " + std::to_string(parts->size()) + " targets");
        }
        // The right side is complete before anything is assigned.
        std::vector<Exp> ready;
        for (const Exp& item : items) {
          if (item.kind == Kind::kDynamic && items.size() > 1) {
            const std::string temporary = Temporary();
            Line(temporary + " = " + item.text);
            ready.push_back(Exp::Dynamic(temporary, item.type));
          } else {
            ready.push_back(item);
          }
        }
        for (size_t i = 0; i < ready.size(); i++) Store(*(*parts)[i], ready[i]);
        return;
      }
      const std::string type = TypeOf(e);
      const std::vector<std::string> types = type.rfind("Tuple[", 0) == 0 ? TypeParts(type) : std::vector<std::string>();
      std::string text = TargetText(target, type);
      Line(text + " = " + Text(e, target));
      return;
    }
    if (const auto* attribute = target.Maybe<ast::Attribute>()) {
      const Exp object = Eval(*attribute->value);
      const std::string name(attribute->attribute);
      ClassType* of = object.kind == Kind::kModule ? object.cls : nullptr;
      if (of != nullptr && of->base.empty() && made_->name == "__init__" && of == cls_ && of->Find(name) == nullptr) {
        std::string type = TypeOf(e);
        if (type.empty()) Wrong(&target, "attribute '" + name + "' has no type that is known: annotate it");
        of->declarations.push_back({name, type, ""});
      }
      if (of != nullptr && of->Find(name) == nullptr) {
        Wrong(&target, "assignment to '" + name + "', which " + of->name + " does not have when it is scripted");
      }
      Line(ObjectText(object, target) + "." + name + " = " + Text(e, target));
      return;
    }
    if (const auto* item = target.Maybe<ast::Subscript>()) {
      Line(Text(Eval(*item->value), target) + "[" + IndexText(*item->index) + "] = " + Text(e, target));
      return;
    }
    Fail(&target, "this target of an assignment");
  }

  // Variables inside a target that is unpacked at run time.
  std::string TargetText(const ast::Expr& target, const std::string& type) {
    if (const auto* name = target.Maybe<ast::Name>()) {
      const std::string local = LocalName(std::string(name->id));
      env_[std::string(name->id)] = Exp::Dynamic(local, type);
      return local;
    }
    const ast::ExprSeq* parts = nullptr;
    if (const auto* tuple = target.Maybe<ast::Tuple>()) parts = &tuple->elements;
    if (const auto* list = target.Maybe<ast::List>()) parts = &list->elements;
    if (parts == nullptr) Fail(&target, "this target inside an unpacking");
    std::vector<std::string> types;
    if (type.rfind("Tuple[", 0) == 0) types = TypeParts(type);
    std::string text;
    for (size_t i = 0; i < parts->size(); i++) {
      const ast::Expr& part = *(*parts)[i];
      const bool nested = part.kind != ast::ExprKind::kName;
      const std::string inner = TargetText(part, types.empty() ? Element(type) : i < types.size() ? types[i] : "");
      text += (i ? ", " : "") + (nested ? "(" + inner + ")" : inner);
    }
    return parts->size() == 1 ? text + "," : text;
  }

  void Bind(const std::string& name, const Exp& e, const ast::Node& at) {
    const std::string local = LocalName(name);
    const bool constant = e.is_static() && IsConstant(e.value);
    if (e.kind == Kind::kModule || e.kind == Kind::kMethod || e.kind == Kind::kMember || (e.is_static() && !constant)) {
      env_[name] = e;
      return;
    }
    if (e.kind == Kind::kItems && !IsText(e)) {
      env_[name] = e;
      return;
    }
    const auto declared = declared_.find(name);
    Line(local + " = " + Text(e, at));
    written_.insert(name);
    if (constant && !fluid_.count(name) && !e.value.As<py::List>() && !e.value.As<py::Dict>()) {
      env_[name] = e;
    } else {
      std::string type = TypeOf(e);
      if (declared != declared_.end() && (type.empty() || type == declared->second)) type = declared->second;
      env_[name] = Exp::Dynamic(local, type);
    }
  }

  bool AnnotatedAssign(const ast::AnnAssign& s) {
    if (const auto* attribute = s.target->Maybe<ast::Attribute>()) {
      if (s.value == nullptr) return false;
      Exp e = Typed(Eval(*s.value), AnnotationText(*s.annotation), s);
      Store(*attribute, e);
      return false;
    }
    const auto* name = s.target->Maybe<ast::Name>();
    if (name == nullptr) Fail(&s, "an annotation of this target");
    const std::string type = AnnotationText(*s.annotation), id(name->id);
    declared_[id] = type;
    if (s.value == nullptr) return false;
    const Exp e = Eval(*s.value);
    if (raised_) return raised_ = false, true;
    const std::string local = LocalName(id);
    Line(local + " : " + type + " = " + Text(Typed(e, type, s), s));
    const std::string have = TypeOf(e);
    env_[id] = Exp::Dynamic(local, IsOptionalType(type) && NeverNone(have) && StripOptional(type) == have ? have : type);
    fluid_.insert(id);
    return false;
  }

  // A literal of a container says its type.
  Exp Typed(const Exp& e, const std::string& type, const ast::Node& at) {
    const bool empty = (e.kind == Kind::kItems && e.items.empty()) || (e.kind == Kind::kDynamic && (e.text == "{}" || e.text == "[]")) ||
                       (e.is_static() && (e.value.As<py::List>() || e.value.As<py::Dict>()));
    if (!empty) {
      Exp out = e;
      if (e.is_static()) return Exp::Dynamic(Text(e, at), type);
      out.type = type;
      return out.kind == Kind::kItems ? Exp::Dynamic(Text(e, at), type) : out;
    }
    return Exp::Dynamic("annotate(" + StripOptional(type) + ", " + Text(e, at) + ")", type);
  }

  bool Augment(const ast::AugAssign& s) {
    const Exp value = Eval(*s.value);
    const std::string op = std::string(OperatorName(s.op)) + "= ";
    if (const auto* name = s.target->Maybe<ast::Name>()) {
      const std::string id(name->id);
      const Exp before = Variable(id, s);
      if (before.kind == Kind::kItems || before.is_static()) {
        Bind(id, Binary(s.op, before, value, s), s);
        return false;
      }
      const std::string type = Arithmetic(s.op, before.type, TypeOf(value));
      Line(Text(before, s) + " " + op + Text(value, s));
      env_[id] = Exp::Dynamic(before.text, before.type == "Tensor" ? "Tensor" : type);
      return false;
    }
    if (const auto* attribute = s.target->Maybe<ast::Attribute>()) {
      const Exp object = Eval(*attribute->value);
      Line(ObjectText(object, s) + "." + std::string(attribute->attribute) + " " + op + Text(value, s));
      return false;
    }
    const auto* item = s.target->Maybe<ast::Subscript>();
    if (item == nullptr) Fail(&s, "this target of an assignment");
    Line(Text(Eval(*item->value), s) + "[" + IndexText(*item->index) + "] " + op + Text(value, s));
    return false;
  }

  // --- control flow

  // Makes variables of what a block that may not run, or run again, assigns.
  std::set<std::string> Loosen(ast::StmtSeq a, ast::StmtSeq b, bool loop) {
    std::map<std::string, int> counts;
    for (const ast::Stmt* s : a) CountAssigned(*s, &counts);
    for (const ast::Stmt* s : b) CountAssigned(*s, &counts);
    std::set<std::string> names;
    for (const auto& [name, count] : counts) {
      names.insert(name);
      fluid_.insert(name);
      const auto found = env_.find(name);
      if (found == env_.end()) continue;
      Exp& e = found->second;
      if (e.is_static() && IsConstant(e.value)) {
        // It was written when it was bound, but for parameters that are compiled in.
        const std::string local = LocalName(name);
        if (!written_.count(name)) Line(local + " = " + Text(e, *def_));
        e = Exp::Dynamic(local, TypeOf(e));
      }
      if (loop && e.kind == Kind::kDynamic && !declared_.count(name) && e.type != "Tensor" && e.type != "int" && e.type != "float") e.type = "";
      if (loop && declared_.count(name) && e.kind == Kind::kDynamic) e.type = declared_[name];
      if (loop && e.kind == Kind::kItems && IsText(e)) {
        const std::string local = LocalName(name);
        Line(local + " = " + Text(e, *def_));
        e = Exp::Dynamic(local, TypeOf(e));
      }
    }
    return names;
  }

  void Join(Env&& one, bool one_ends, Env&& other, bool other_ends) {
    if (one_ends && !other_ends) {
      env_ = std::move(other);
      return;
    }
    if (other_ends && !one_ends) {
      env_ = std::move(one);
      return;
    }
    Env joined;
    for (auto& [name, e] : one) {
      const auto found = other.find(name);
      if (found == other.end()) continue;
      const Exp& o = found->second;
      if (e.kind == o.kind && (e.kind == Kind::kStatic || e.kind == Kind::kModule || e.kind == Kind::kMethod) && e.value.Is(o.value)) {
        joined[name] = e;
      } else if (e.kind == Kind::kDynamic && o.kind == Kind::kDynamic && e.text == o.text) {
        joined[name] = Exp::Dynamic(e.text, Meet(e.type, o.type));
      } else if (e.kind == Kind::kItems && o.kind == Kind::kItems && e.text == o.text && IsSame(e, o)) {
        joined[name] = e;
      }
    }
    env_ = std::move(joined);
  }

  static bool IsSame(const Exp& a, const Exp& b) {
    if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() || !a.value.Is(b.value)) return false;
    for (size_t i = 0; i < a.items.size(); i++) {
      if (!IsSame(a.items[i], b.items[i])) return false;
    }
    return true;
  }

  // What a condition says of variables where it holds (or not).
  void Refine(const ast::Expr& test, bool holds) {
    if (const auto* boolean = test.Maybe<ast::BoolOp>()) {
      if ((boolean->op == ast::BoolOperator::kAnd) == holds) {
        for (const ast::Expr* part : boolean->values) Refine(*part, holds);
      }
      return;
    }
    if (const auto* unary = test.Maybe<ast::UnaryOp>()) {
      if (unary->op == ast::UnaryOperator::kNot) Refine(*unary->operand, !holds);
      return;
    }
    const auto* compare = test.Maybe<ast::Compare>();
    if (compare == nullptr || compare->ops.size() != 1) return;
    const auto* name = compare->left->Maybe<ast::Name>();
    const auto* none = compare->comparators[0]->Maybe<ast::Constant>();
    if (name == nullptr || none == nullptr || none->type != ast::ConstantKind::kNone) return;
    const bool is = compare->ops[0] == ast::CompareOperator::kIs || compare->ops[0] == ast::CompareOperator::kEq;
    const bool is_not = compare->ops[0] == ast::CompareOperator::kIsNot || compare->ops[0] == ast::CompareOperator::kNotEq;
    if (!is && !is_not) return;
    const auto found = env_.find(std::string(name->id));
    if (found == env_.end() || found->second.kind != Kind::kDynamic) return;
    if (is_not == holds) found->second.type = StripOptional(found->second.type);
  }

  bool If(const ast::If& s) {
    const Exp test = Condition(*s.test);
    if (test.is_static()) return Block(in_.Truth(test.value) ? s.body : s.orelse);
    Loosen(s.body, s.orelse, false);
    Line("if " + test.text + ":");
    const Env before = env_;
    Refine(*s.test, true);
    const bool one_ends = Indented(s.body);
    Env one = std::move(env_);
    env_ = before;
    Refine(*s.test, false);
    bool other_ends = false;
    if (!s.orelse.empty()) {
      Line("else:");
      other_ends = Indented(s.orelse);
    }
    Env other = std::move(env_);
    Join(std::move(one), one_ends, std::move(other), other_ends);
    return one_ends && other_ends;
  }

  bool Indented(ast::StmtSeq body) {
    indent_ += 2;
    control_++;
    const int unrolling = unrolling_;
    const size_t begin = out_.size();
    const bool ends = Block(body);
    if (out_.size() == begin) Line("pass");
    unrolling_ = unrolling;
    control_--;
    indent_ -= 2;
    return ends;
  }

  bool For(const ast::For& s) {
    if (!s.orelse.empty()) Fail(&s, "for ... else");
    if (s.is_async) Fail(&s, "async for");
    const Exp iter = Eval(*s.iter);
    if (iter.kind != Kind::kDynamic && !(iter.is_static() && IsRange(iter.value))) {
      std::vector<Exp> items = ItemsOf(iter, *s.iter);
      bool plain = true;
      for (const Exp& item : items) plain &= IsText(item);
      // Values that a variable can hold make a loop; modules are written out.
      if (!(plain && iter.is_static() && iter.value.As<py::List>())) {
        unrolling_++;
        bool ends = false;
        for (const Exp& item : items) {
          Store(*s.target, item);
          if ((ends = Block(s.body))) break;
        }
        unrolling_--;
        return ends;
      }
    }
    const std::string type = iter.is_static() ? "Iter[int]" : iter.type;
    const std::string text = iter.is_static() ? RangeText(iter.value) : iter.text;
    Loosen(s.body, {}, true);
    const Env before = env_;
    const std::string target = TargetText(*s.target, Element(type));
    Line("for " + target + " in " + text + ":");
    const int unrolling = unrolling_;
    unrolling_ = 0;
    const bool ends = Indented(s.body);
    unrolling_ = unrolling;
    Env after = std::move(env_);
    Join(std::move(after), ends, Env(before), false);
    return false;
  }

  bool IsRange(const Value& v) { return in_.TypeName(v) == "range"; }
  std::string RangeText(const Value& v) {
    return "range(" + c_.Literal(in_.GetAttr(v, "start")) + ", " + c_.Literal(in_.GetAttr(v, "stop")) + ", " +
           c_.Literal(in_.GetAttr(v, "step")) + ")";
  }

  bool While(const ast::While& s) {
    if (!s.orelse.empty()) Fail(&s, "while ... else");
    Loosen(s.body, {}, true);
    const Exp test = Condition(*s.test);
    if (test.is_static() && !in_.Truth(test.value)) return false;
    const Env before = env_;
    Line("while " + (test.is_static() ? "True" : test.text) + ":");
    Refine(*s.test, true);
    const int unrolling = unrolling_;
    unrolling_ = 0;
    const bool ends = Indented(s.body);
    unrolling_ = unrolling;
    Env after = std::move(env_);
    Join(std::move(after), ends, Env(before), false);
    return false;
  }

  void EmitRaise(const std::string& message, const std::string& cls) {
    Line("ops.prim.RaiseException(" + message + ", \"" + cls + "\")");
    Line("raise AssertionError(\"\")");
  }

  bool RaiseStatement(const ast::Raise& s) {
    if (s.exception == nullptr) Fail(&s, "raise without an exception");
    const auto* call = s.exception->Maybe<ast::Call>();
    const Exp cls = Eval(call != nullptr ? *call->function : *s.exception);
    auto* type = cls.is_static() ? cls.value.As<py::Type>() : nullptr;
    if (type == nullptr || !type->IsSubclassOf(in_.types().base_exception)) Fail(&s, "raise of anything but an exception");
    std::string message = "\"\"";
    if (call != nullptr && !call->args.empty()) {
      const Exp text = Eval(*call->args[0]);
      message = TypeOf(text) == "str" ? Text(text, s) : "str(" + Text(text, s) + ")";
    }
    const std::string module = type->module().empty() ? "builtins" : type->module();
    EmitRaise(message, module + "." + type->name());
    return true;
  }

  bool Assert(const ast::Assert& s) {
    const Exp test = Condition(*s.test);
    if (test.is_static() && in_.Truth(test.value)) return false;
    std::string message = "\"\"";
    if (s.message != nullptr) {
      const Exp text = Eval(*s.message);
      message = TypeOf(text) == "str" ? Text(text, s) : "str(" + Text(text, s) + ")";
    }
    if (test.is_static()) {
      EmitRaise(message, "builtins.AssertionError");
      return true;
    }
    Line("assert " + test.text + ", " + message);
    Refine(*s.test, true);
    return false;
  }

  // no_grad and its like change nothing of what is computed here.
  bool With(const ast::With& s) {
    if (s.is_async) Fail(&s, "async with");
    for (const ast::WithItem& item : s.items) {
      const auto* call = item.context_expr->Maybe<ast::Call>();
      const Exp manager = Eval(call != nullptr ? *call->function : *item.context_expr);
      static const std::set<std::string> kHarmless = {"no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "record_function", "autocast"};
      auto* type = manager.is_static() ? manager.value.As<py::Type>() : nullptr;
      if (type == nullptr || !kHarmless.count(type->name()) || item.optional_vars != nullptr) Fail(item.context_expr, "this context manager");
    }
    return Block(s.body);
  }

  // --- expressions

  Exp Condition(const ast::Expr& e) {
    Exp test = Eval(e);
    if (test.is_static()) return Exp::Static(Value::Bool(in_.Truth(test.value)));
    if (test.kind == Kind::kModule) return Exp::Static(Value::Bool(true));
    if (test.kind == Kind::kItems) return Exp::Static(Value::Bool(!test.items.empty()));
    if (test.kind != Kind::kDynamic) Fail(&e, "a function as a condition");
    if (test.type == "str" || test.type.rfind("List[", 0) == 0 || test.type.rfind("Dict[", 0) == 0) {
      return Exp::Dynamic("(torch.len(" + test.text + ") != 0)", "bool");
    }
    if (test.type == "Tensor" || test.type == "int" || test.type == "float") return Exp::Dynamic("bool(" + test.text + ")", "bool");
    return test;
  }

  bool IsText(const Exp& e) {
    switch (e.kind) {
      case Kind::kDynamic: return true;
      case Kind::kStatic: return IsConstant(e.value);
      case Kind::kItems:
        return std::all_of(e.items.begin(), e.items.end(), [&](const Exp& item) { return IsText(item); });
      default: return false;
    }
  }

  std::string Text(const Exp& e, const ast::Node& at) {
    switch (e.kind) {
      case Kind::kDynamic: return e.text;
      case Kind::kStatic: {
        const std::string literal = c_.Literal(e.value);
        if (!literal.empty()) return literal;
        if (in_.TypeName(e.value) == "dict" || in_.TypeName(e.value) == "OrderedDict") return "{}";
        Wrong(&at, "Python value of type '" + in_.TypeName(e.value) + "' cannot be used as a value");
      }
      case Kind::kItems: {
        std::string text = e.is_list ? "[" : "(";
        for (size_t i = 0; i < e.items.size(); i++) text += (i ? ", " : "") + Text(e.items[i], at);
        if (!e.is_list && e.items.size() == 1) text += ",";
        return text + (e.is_list ? "]" : ")");
      }
      case Kind::kModule:
        if (e.cls != nullptr && e.cls->base != "Module") return e.text;
        Wrong(&at, "module '" + e.text + "' cannot be used as a value");
      case Kind::kMethod:
      case Kind::kMember: Wrong(&at, "a method cannot be used as a value");
    }
    return "";
  }

  std::string ObjectText(const Exp& e, const ast::Node& at) { return e.kind == Kind::kModule ? e.text : Text(e, at); }

  std::string TypeOf(const Exp& e) {
    switch (e.kind) {
      case Kind::kDynamic: return e.type;
      case Kind::kStatic:
        try {
          return c_.TypeOfValue(e.value);
        } catch (py::Raised&) {
          return "";
        }
      case Kind::kItems: {
        std::vector<std::string> types;
        for (const Exp& item : e.items) types.push_back(TypeOf(item));
        if (std::find(types.begin(), types.end(), "") != types.end()) return "";
        if (e.is_list) {
          if (types.empty()) return "List[Tensor]";
          std::string meet = types[0];
          for (const std::string& t : types) meet = Meet(meet, t);
          return meet.empty() ? "" : "List[" + meet + "]";
        }
        std::string text = "Tuple[";
        for (size_t i = 0; i < types.size(); i++) text += (i ? ", " : "") + types[i];
        return text + "]";
      }
      case Kind::kModule: return e.cls != nullptr ? e.cls->qualified() : "";
      default: return "";
    }
  }

  Exp Variable(const std::string& name, const ast::Node& at) {
    if (const auto found = env_.find(name); found != env_.end()) return found->second;
    if (name == self_ && cls_ != nullptr) return Self();
    Str* interned = in_.Intern(name);
    const auto& frees = f_->code->scope->frees;
    for (size_t i = 0; i < frees.size() && i < f_->closure.size(); i++) {
      if (frees[i].name == name && f_->closure[i]->value) return Exp::Static(f_->closure[i]->value);
    }
    Value value = f_->module->Get(in_, interned);
    if (!value) value = in_.builtins()->Get(interned);
    if (!value) value = f_->module->GetLate(in_, interned);
    if (!value) Wrong(&at, "name '" + name + "' is not defined here, or not on every path to here");
    if (c_.IsModule(value)) Wrong(&at, "module '" + name + "' is a global: only modules that are attributes can be called");
    return Exp::Static(value);
  }

  Exp Self() {
    Exp e;
    e.kind = Kind::kModule;
    e.text = self_;
    e.cls = cls_;
    e.value = cls_->example;
    return e;
  }

  Exp Eval(const ast::Expr& e) {
    in_.Step();
    if (++nesting_ > kMaxNesting) Fail(&e, "an expression nested this deep");
    Exp out = EvalNew(e);
    nesting_--;
    return out;
  }

  Exp EvalNew(const ast::Expr& e) {
    using K = ast::ExprKind;
    switch (e.kind) {
      case K::kConstant: return Constant(e.As<ast::Constant>());
      case K::kName: return Variable(std::string(e.As<ast::Name>().id), e);
      case K::kAttribute: return Attribute(e.As<ast::Attribute>());
      case K::kCall: return Call(e.As<ast::Call>());
      case K::kTuple: return Display(e.As<ast::Tuple>().elements, false);
      case K::kList: return Display(e.As<ast::List>().elements, true);
      case K::kDict: return DictDisplay(e.As<ast::Dict>());
      case K::kBinOp: {
        const auto& b = e.As<ast::BinOp>();
        const Exp left = Eval(*b.left), right = Eval(*b.right);
        return Binary(b.op, left, right, e);
      }
      case K::kUnaryOp: return Unary(e.As<ast::UnaryOp>());
      case K::kBoolOp: return Boolean(e.As<ast::BoolOp>());
      case K::kCompare: return Comparison(e.As<ast::Compare>());
      case K::kIfExp: return Ternary(e.As<ast::IfExp>());
      case K::kSubscript: return Subscript(e.As<ast::Subscript>());
      case K::kJoinedStr: return FString(e.As<ast::JoinedStr>());
      case K::kListComp: return Comprehension(e.As<ast::ListComp>().element, e.As<ast::ListComp>().generators, e);
      case K::kGeneratorExp: return Generator(e.As<ast::GeneratorExp>());
      case K::kDictComp: return DictComprehension(e.As<ast::DictComp>());
      case K::kStarred: Fail(&e, "a starred expression");
      default: Fail(&e, std::string("the expression ") + ast::KindName(e.kind));
    }
  }

  Exp Constant(const ast::Constant& k) {
    using C = ast::ConstantKind;
    switch (k.type) {
      case C::kNone: return Exp::Static(Value::None());
      case C::kTrue: return Exp::Static(Value::Bool(true));
      case C::kFalse: return Exp::Static(Value::Bool(false));
      case C::kInt:
        if (!k.int_fits) Fail(&k, "an integer of more than 64 bits");
        return Exp::Static(Value::Int(k.int_value));
      case C::kFloat: return Exp::Static(Value::Float(k.float_value));
      case C::kStr: return Exp::Static(Value(in_.NewStr(k.text)));
      case C::kEllipsis: return Exp::Dynamic("...", "ellipsis");
      default: Fail(&k, "this constant");
    }
  }

  Exp Items(std::vector<Exp> items, bool list) {
    Exp out;
    out.kind = Kind::kItems;
    out.items = std::move(items);
    out.is_list = list;
    return out;
  }

  Exp Display(ast::ExprSeq elements, bool list) {
    std::vector<Exp> items;
    bool known = !list;
    for (const ast::Expr* element : elements) {
      if (const auto* starred = element->Maybe<ast::Starred>()) {
        for (const Exp& item : ItemsOf(Eval(*starred->value), *element)) items.push_back(item);
      } else {
        items.push_back(Eval(*element));
      }
      known &= items.back().is_static();
    }
    if (known) {
      std::vector<Value> values;
      for (const Exp& item : items) values.push_back(item.value);
      return Exp::Static(Value(in_.NewTuple(std::move(values))));
    }
    return Items(std::move(items), list);
  }

  Exp DictDisplay(const ast::Dict& d) {
    std::string text = "{", key_type, value_type;
    for (size_t i = 0; i < d.keys.size(); i++) {
      if (d.keys[i] == nullptr) Fail(&d, "** in a dict");
      const Exp key = Eval(*d.keys[i]), value = Eval(*d.values[i]);
      text += (i ? ", " : "") + Text(key, d) + ": " + Text(value, d);
      key_type = i ? Meet(key_type, TypeOf(key)) : TypeOf(key);
      value_type = i ? Meet(value_type, TypeOf(value)) : TypeOf(value);
    }
    if (d.keys.empty()) return Exp::Dynamic("{}", "Dict[str, Tensor]");
    return Exp::Dynamic(text + "}", key_type.empty() || value_type.empty() ? "" : "Dict[" + key_type + ", " + value_type + "]");
  }

  // Elements of something whose number is known.
  std::vector<Exp> ItemsOf(const Exp& e, const ast::Node& at) {
    if (e.kind == Kind::kItems) return e.items;
    if (e.kind == Kind::kModule) return Children(e, at);
    if (e.is_static()) {
      if (!in_.IsIterableObject(e.value) && !e.value.As<py::Tuple>() && !e.value.As<py::List>()) {
        Wrong(&at, "'" + in_.TypeName(e.value) + "' object is not iterable");
      }
      std::vector<Exp> out;
      for (const Value& v : in_.ToVector(e.value)) out.push_back(Known(v));
      return out;
    }
    const std::string& type = e.type;
    if (type.rfind("Tuple[", 0) == 0) {
      std::vector<Exp> out;
      const std::vector<std::string> parts = TypeParts(type);
      for (size_t i = 0; i < parts.size(); i++) out.push_back(Exp::Dynamic(e.text + "[" + std::to_string(i) + "]", parts[i]));
      return out;
    }
    Wrong(&at, "how many elements this has is not known while compiling");
  }

  Exp Known(const Value& v) { return Exp::Static(v); }

  Exp Child(const Exp& module, const std::string& name, const Value& value) {
    Exp e;
    e.kind = Kind::kModule;
    e.text = IsPlainName(name) ? module.text + "." + name : "getattr(" + module.text + ", \"" + name + "\")";
    e.value = value;
    const auto found = module.cls->children.find(name);
    e.cls = found != module.cls->children.end() ? found->second : c_.TypeOfModule(value);
    return e;
  }

  // Children of a Sequential, ModuleList, ModuleDict (names) or tensors of a ParameterList.
  std::vector<Exp> Children(const Exp& e, const ast::Node& at, bool values = false) {
    std::vector<Exp> out;
    if (!IsContainer(e)) Wrong(&at, "module '" + e.text + "' is not iterable");
    const bool dict = ContainerName(e).find("Dict") != std::string::npos;
    for (const auto& [name, value] : ChildEntries(e)) {
      if (dict && !values) out.push_back(Exp::Static(Value(in_.NewStr(name))));
      else out.push_back(c_.IsModule(value) ? Child(e, name, value) : Exp::Dynamic(Member(e.text, name), "Tensor"));
    }
    return out;
  }

  static std::string Member(const std::string& object, const std::string& name) {
    return IsPlainName(name) ? object + "." + name : "getattr(" + object + ", \"" + name + "\")";
  }

  std::vector<std::pair<std::string, Value>> ChildEntries(const Exp& e) {
    std::vector<std::pair<std::string, Value>> out;
    for (const char* place : {"_parameters", "_modules"}) {
      auto* dict = in_.GetAttr(e.value, place).As<py::Dict>();
      if (dict == nullptr) continue;
      for (const auto& entry : dict->table.entries()) {
        if (entry.key && entry.key.As<Str>() && !entry.value.is_none()) out.emplace_back(entry.key.As<Str>()->text(), entry.value);
      }
    }
    return out;
  }

  // The container class of torch.nn that a module is, or derives from.
  std::string ContainerName(const Exp& e) {
    static const std::set<std::string> kContainers = {"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"};
    if (!e.value) return "";
    for (py::Type* type : in_.TypeOf(e.value)->mro()) {
      if (kContainers.count(type->name()) && type->module().rfind("torch.nn", 0) == 0) return type->name();
    }
    return "";
  }
  bool IsContainer(const Exp& e) { return e.kind == Kind::kModule && !ContainerName(e).empty(); }

  // --- attributes

  Exp Attribute(const ast::Attribute& a) {
    if (const auto* call = a.value->Maybe<ast::Call>()) {
      const auto* name = call->function->Maybe<ast::Name>();
      if (name != nullptr && name->id == "super" && !env_.count("super")) return SuperMethod(a, *call);
    }
    const Exp object = Eval(*a.value);
    return AttributeOf(object, std::string(a.attribute), a);
  }

  Exp SuperMethod(const ast::Attribute& a, const ast::Call& call) {
    if (cls_ == nullptr) Fail(&a, "super() outside a method");
    py::Type* after = nullptr;
    if (!call.args.empty()) {
      const Exp given = Eval(*call.args[0]);
      after = given.is_static() ? given.value.As<py::Type>() : nullptr;
    } else {
      const Exp given = Variable("__class__", a);
      after = given.is_static() ? given.value.As<py::Type>() : nullptr;
    }
    if (after == nullptr) Fail(&a, "this form of super()");
    const auto& mro = cls_->python->mro();
    auto at = std::find(mro.begin(), mro.end(), after);
    Str* name = in_.Intern(a.attribute);
    for (at = at == mro.end() ? at : at + 1; at != mro.end(); ++at) {
      if ((*at)->native() || (*at)->dict() == nullptr) continue;
      if (const Value found = (*at)->dict()->Get(name)) {
        Exp e = Self();
        e.kind = Kind::kMethod;
        e.owner = e.value;
        e.value = found;
        e.name = std::string(a.attribute) + "__" + (*at)->name();
        return e;
      }
    }
    Wrong(&a, "no '" + std::string(a.attribute) + "' above " + after->name());
  }

  Exp AttributeOf(const Exp& object, const std::string& name, const ast::Node& at) {
    switch (object.kind) {
      case Kind::kModule: return object.cls->base == "Module" ? ModuleAttribute(object, name, at) : ObjectAttribute(object, name, at);
      case Kind::kStatic: {
        const Value found = in_.FindAttr(object.value, name);
        if (!found) {
          Wrong(&at, "'" + in_.TypeName(object.value) + "' object has no attribute '" + name + "'");
        }
        if (torch::AsTensor(object.value) != nullptr || object.value.As<Str>() || object.value.As<py::List>() || object.value.As<py::Dict>()) {
          if (in_.IsCallable(found)) {
            Exp e = MemberOf(Exp::Dynamic(Text(object, at), TypeOf(object)), name);
            e.value = found;  // of a constant: a call with constants is one too
            return e;
          }
        }
        return Known(found);
      }
      case Kind::kDynamic: return DynamicAttribute(object, name, at);
      case Kind::kItems: {
        return MemberOf(Exp::Dynamic(Text(object, at), TypeOf(object)), name);
      }
      default: Wrong(&at, "a method has no attribute '" + name + "' here");
    }
  }

  Exp MemberOf(const Exp& object, const std::string& name) {
    Exp e;
    e.kind = Kind::kMember;
    e.text = object.text;
    e.type = object.type;
    e.name = name;
    return e;
  }

  Exp DynamicAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
    if (ClassType* cls = ClassNamed(object.type)) {
      Exp as = object;
      as.kind = Kind::kModule;
      as.cls = cls;
      return ObjectAttribute(as, name, at);
    }
    if (object.type == "Tensor" || object.type.empty()) {
      const auto found = kTensorAttributes.find(name);
      if (found != kTensorAttributes.end()) {
        const std::string& x = object.text;
        if (name == "shape") return Exp::Dynamic("torch.size(" + x + ")", "List[int]");
        if (name == "ndim") return Exp::Dynamic("torch.dim(" + x + ")", "int");
        if (name == "T") return Exp::Dynamic("torch.numpy_T(" + x + ")", "Tensor");
        if (name == "mT") return Exp::Dynamic("torch.transpose(" + x + ", -2, -1)", "Tensor");
        return Exp::Dynamic("ops.prim." + name + "(" + x + ")", found->second);
      }
    }
    if (object.type == "Device" && (name == "type" || name == "index")) {
      return Exp::Dynamic("ops.prim." + name + "(" + object.text + ")", name == "type" ? "str" : "Optional[int]");
    }
    return MemberOf(object, name);
  }

  ClassType* ClassNamed(const std::string& type) {
    if (type.rfind("__torch__.", 0) != 0) return nullptr;
    for (const auto& cls : c_.classes_) {
      if (cls->qualified() == type) return cls.get();
    }
    return nullptr;
  }

  // Of a script class's object, a NamedTuple or an enum member.
  Exp ObjectAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
    if (object.cls->base == "Enum" && (name == "name" || name == "value")) {
      return Exp::Dynamic(object.text + "." + name, name == "name" ? "str" : object.cls->declarations.empty() ? "" : object.cls->declarations[0].type);
    }
    if (const Declaration* d = object.cls->Find(name)) return Exp::Dynamic(object.text + "." + name, d->type);
    const Value found = object.cls->python->Lookup(in_.Intern(name));
    if (found && found.As<py::Function>()) {
      Exp e;
      e.kind = Kind::kMethod;
      e.text = object.text;
      e.cls = object.cls;
      e.value = found;
      e.name = name;
      return e;
    }
    Wrong(&at, "'" + object.cls->name + "' object has no attribute '" + name + "'");
  }

  bool Assigns(const Exp& module, const std::string& name) {
    for (py::Type* type : in_.TypeOf(module.value)->mro()) {
      if (type->native() || type->dict() == nullptr) continue;
      for (const auto& entry : type->dict()->table.entries()) {
        auto* f = entry.key ? entry.value.As<py::Function>() : nullptr;
        if (f == nullptr || f->name->text() == "__init__" || f->code->scope == nullptr || c_.IsPrelude(f)) continue;
        if (f->code->name == "<lambda>") continue;
        const auto* def = static_cast<const ast::FunctionDef*>(f->code->scope->node);
        bool found = false;
        std::function<void(const ast::Expr&)> expr = [&](const ast::Expr& e) {
          const auto* attribute = e.Maybe<ast::Attribute>();
          if (attribute != nullptr && attribute->context != ast::Context::kLoad && attribute->attribute == name) found = true;
          ast::ForEachChild(e, expr);
        };
        std::function<void(const ast::Stmt&)> stmt = [&](const ast::Stmt& s) {
          if (const auto* aug = s.Maybe<ast::AugAssign>()) expr(*aug->target);
          ast::ForEachChild(s, expr, stmt, [](const ast::Pattern&) {});
        };
        for (const ast::Stmt* s : def->body) stmt(*s);
        if (found) return true;
      }
    }
    return false;
  }

  Exp ModuleAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
    Str* interned = in_.Intern(name);
    for (const char* place : {"_parameters", "_buffers", "_modules"}) {
      auto* dict = in_.GetAttr(object.value, place).As<py::Dict>();
      const Value found = dict != nullptr ? dict->Get(interned) : Value();
      if (!found) continue;
      if (found.is_none()) {
        const Declaration* d = object.cls->Find(name);
        if (d != nullptr && IsOptionalType(d->type)) return Exp::Dynamic(Member(object.text, name), d->type);
        return Exp::Static(found);
      }
      if (c_.IsModule(found)) return Child(object, name, found);
      return Exp::Dynamic(Member(object.text, name), "Tensor");
    }
    auto* own = in_.GetAttr(object.value, "__dict__").As<py::Dict>();
    const Value value = own != nullptr ? own->Get(interned) : Value();
    const Declaration* d = object.cls->Find(name);
    if (d != nullptr) {
      const bool optional = IsOptionalType(d->type);
      const Value known = value ? value : in_.GetAttr(object.value, interned);
      if (!d->constant.empty()) return Exp::Static(known);
      if (known.is_none() && !optional && !Assigns(object, name)) return Exp::Static(known);
      // Modes and the like are constants where no method changes them.
      if (known.As<Str>() && !Assigns(object, name)) return Exp::Static(known);
      return Exp::Dynamic(Member(object.text, name), d->type);
    }
    if (value) return Known(value);
    // A method, property or constant of the class.
    const Value found = in_.TypeOf(object.value)->Lookup(interned);
    if (!found) Wrong(&at, "module '" + in_.TypeName(object.value) + "' has no attribute '" + name + "'");
    if (auto* property = found.As<py::Property>()) {
      auto* getter = property->get.As<py::Function>();
      if (getter == nullptr) Fail(&at, "the property '" + name + "'");
      Compiled* made = c_.Method(object.cls, getter, name + "__getter", {});
      return Exp::Dynamic("(" + object.text + ")." + made->name + "()", made->type);
    }
    if (found.As<py::Function>()) {
      Exp e = object;
      e.kind = Kind::kMethod;
      e.owner = object.value;
      e.value = found;
      e.name = name;
      return e;
    }
    return Known(in_.GetAttr(object.value, interned));
  }

  // --- operators

  std::string Arithmetic(ast::BinaryOperator op, const std::string& a, const std::string& b) {
    if (a == "Tensor" || b == "Tensor") return "Tensor";
    if (a.empty() || b.empty()) return "";
    if (op == ast::BinaryOperator::kDiv && (a == "int" || a == "float") && (b == "int" || b == "float")) return "float";
    if (a == b) return a;
    if ((a == "int" && b == "float") || (a == "float" && b == "int")) return "float";
    if (op == ast::BinaryOperator::kMod && a == "str") return "str";
    if (op == ast::BinaryOperator::kMult && a.rfind("List[", 0) == 0) return a;
    return "";
  }

  static py::BinOp ToBinOp(ast::BinaryOperator op) {
    using A = ast::BinaryOperator;
    using B = py::BinOp;
    switch (op) {
      case A::kAdd: return B::kAdd;
      case A::kSub: return B::kSub;
      case A::kMult: return B::kMul;
      case A::kMatMult: return B::kMatMul;
      case A::kDiv: return B::kTrueDiv;
      case A::kMod: return B::kMod;
      case A::kPow: return B::kPow;
      case A::kLShift: return B::kLShift;
      case A::kRShift: return B::kRShift;
      case A::kBitOr: return B::kOr;
      case A::kBitXor: return B::kXor;
      case A::kBitAnd: return B::kAnd;
      case A::kFloorDiv: return B::kFloorDiv;
    }
    return B::kAdd;
  }

  bool Foldable(const Value& v) { return !v.is_object() || v.As<Str>() || v.As<py::Tuple>(); }

  Exp Binary(ast::BinaryOperator op, const Exp& a, const Exp& b, const ast::Node& at) {
    if (a.is_static() && b.is_static() && Foldable(a.value) && Foldable(b.value)) return Exp::Static(in_.Binary(ToBinOp(op), a.value, b.value));
    const bool displays = (a.kind == Kind::kItems || b.kind == Kind::kItems) && op == ast::BinaryOperator::kAdd;
    if (displays) {
      const auto sequence = [](const Exp& e) { return e.kind == Kind::kItems || (e.is_static() && (e.value.As<py::Tuple>() || e.value.As<py::List>())); };
      if (sequence(a) && sequence(b)) {
        std::vector<Exp> items = ItemsOf(a, at);
        for (const Exp& item : ItemsOf(b, at)) items.push_back(item);
        const bool list = a.kind == Kind::kItems ? a.is_list : b.is_list;
        return Items(std::move(items), list);
      }
      // torch.Size + tuple and the like: sizes are lists in TorchScript.
      const auto as_list = [&](const Exp& e) {
        if (e.kind != Kind::kItems || e.is_list) return Text(e, at);
        return Text(Items(e.items, true), at);
      };
      return Exp::Dynamic("(" + as_list(a) + " + " + as_list(b) + ")", a.kind == Kind::kItems ? TypeOf(b) : TypeOf(a));
    }
    std::string left = Text(a, at), right = Text(b, at);
    // A size is a list: its sum with a known tuple is one too.
    if (op == ast::BinaryOperator::kAdd && TypeOf(a) == "List[int]" && b.is_static() && b.value.As<py::Tuple>()) right = Text(Items(ItemsOf(b, at), true), at);
    if (op == ast::BinaryOperator::kAdd && TypeOf(b) == "List[int]" && a.is_static() && a.value.As<py::Tuple>()) left = Text(Items(ItemsOf(a, at), true), at);
    if (op == ast::BinaryOperator::kMod && TypeOf(a) == "str") {
      return Exp::Dynamic("torch.percentFormat(" + left + ", " + right + ")", "str");
    }
    return Exp::Dynamic("(" + left + " " + OperatorName(op) + " " + right + ")", Arithmetic(op, TypeOf(a), TypeOf(b)));
  }

  Exp Unary(const ast::UnaryOp& u) {
    if (u.op == ast::UnaryOperator::kNot) {
      const Exp test = Condition(*u.operand);
      if (test.is_static()) return Exp::Static(Value::Bool(!in_.Truth(test.value)));
      return Exp::Dynamic("(not " + test.text + ")", "bool");
    }
    const Exp e = Eval(*u.operand);
    const py::UnOp op = u.op == ast::UnaryOperator::kUSub ? py::UnOp::kNeg : u.op == ast::UnaryOperator::kUAdd ? py::UnOp::kPos : py::UnOp::kInvert;
    if (e.is_static() && Foldable(e.value)) return Exp::Static(in_.Unary(op, e.value));
    if (op == py::UnOp::kPos) return e;
    if (op == py::UnOp::kInvert) return Exp::Dynamic("torch.bitwise_not(" + Text(e, u) + ")", TypeOf(e));
    return Exp::Dynamic("(-" + Text(e, u) + ")", TypeOf(e));
  }

  Exp Boolean(const ast::BoolOp& b) {
    const bool is_and = b.op == ast::BoolOperator::kAnd;
    std::string text;
    std::vector<Exp> parts;
    const Env before = env_;
    for (const ast::Expr* value : b.values) {
      Exp e = Condition(*value);
      if (e.is_static()) {
        if (in_.Truth(e.value) == is_and) continue;
        // What stands before it has no effect on the answer.
        env_ = before;
        return Exp::Static(Value::Bool(!is_and));
      }
      parts.push_back(e);
      Refine(*value, is_and);
    }
    env_ = before;
    if (parts.empty()) return Exp::Static(Value::Bool(is_and));
    if (parts.size() == 1) return parts[0];
    for (size_t i = 0; i < parts.size(); i++) text += (i ? (is_and ? " and " : " or ") : "") + parts[i].text;
    return Exp::Dynamic("(" + text + ")", "bool");
  }

  Exp Comparison(const ast::Compare& c) {
    Exp left = Eval(*c.left);
    std::vector<std::string> parts;
    std::string type = "bool";
    for (size_t i = 0; i < c.ops.size(); i++) {
      Exp right = Eval(*c.comparators[i]);
      Exp answer = Compare(c.ops[i], left, right, c);
      if (answer.is_static()) {
        if (!in_.Truth(answer.value)) return answer;
      } else {
        parts.push_back(answer.text);
        if (c.ops.size() == 1) type = answer.type;
      }
      left = std::move(right);
    }
    if (parts.empty()) return Exp::Static(Value::Bool(true));
    std::string text = parts[0];
    for (size_t i = 1; i < parts.size(); i++) text += " and " + parts[i];
    return Exp::Dynamic(parts.size() == 1 ? text : "(" + text + ")", type);
  }

  Exp Compare(ast::CompareOperator op, const Exp& a, const Exp& b, const ast::Node& at) {
    using O = ast::CompareOperator;
    const bool identity = op == O::kIs || op == O::kIsNot;
    const auto none = [](const Exp& e) { return e.is_static() && e.value.is_none(); };
    if (identity || ((op == O::kEq || op == O::kNotEq) && (none(a) || none(b)))) {
      const bool negated = op == O::kIsNot || op == O::kNotEq;
      if (none(a) || none(b)) {
        const Exp& other = none(a) ? b : a;
        if (none(a) && none(b)) return Exp::Static(Value::Bool(!negated));
        if (other.kind != Kind::kDynamic || NeverNone(other.type)) return Exp::Static(Value::Bool(negated));
        if (other.type == "NoneType") return Exp::Static(Value::Bool(!negated));
        return Exp::Dynamic("(" + other.text + (negated ? " is not None)" : " is None)"), "bool");
      }
      if (a.is_static() && b.is_static()) return Exp::Static(Value::Bool(a.value.Is(b.value) != negated));
      if (a.kind == Kind::kDynamic && b.kind == Kind::kDynamic) {
        return Exp::Dynamic(std::string(negated ? "torch.__isnot__(" : "torch.__is__(") + a.text + ", " + b.text + ")", "bool");
      }
      return Exp::Static(Value::Bool((IsSame(a, b)) != negated));
    }
    if (op == O::kIn || op == O::kNotIn) {
      const bool negated = op == O::kNotIn;
      if (b.kind == Kind::kModule && a.is_static()) {
        bool found = false;
        for (const auto& [name, value] : ChildEntries(b)) found |= a.value.As<Str>() && a.value.As<Str>()->text() == name;
        return Exp::Static(Value::Bool(found != negated));
      }
      if (a.is_static() && b.is_static()) return Exp::Static(Value::Bool(in_.Contains(b.value, a.value) != negated));
      std::string container;
      if (b.kind == Kind::kItems || (b.is_static() && (b.value.As<py::Tuple>() || b.value.As<py::List>() || in_.TypeName(b.value) == "set"))) {
        container = Text(Items(ItemsOf(b, at), true), at);
      } else {
        container = Text(b, at);
      }
      const std::string text = "torch.__contains__(" + container + ", " + Text(a, at) + ")";
      return Exp::Dynamic(negated ? "(not " + text + ")" : text, "bool");
    }
    if (a.is_static() && b.is_static()) {
      static const std::map<O, py::CmpOp> kOps = {{O::kEq, py::CmpOp::kEq}, {O::kNotEq, py::CmpOp::kNe}, {O::kLt, py::CmpOp::kLt},
                                                  {O::kLtE, py::CmpOp::kLe}, {O::kGt, py::CmpOp::kGt}, {O::kGtE, py::CmpOp::kGe}};
      return Exp::Static(in_.Compare(kOps.at(op), a.value, b.value));
    }
    std::string left = Text(a, at), right = Text(b, at);
    const std::string left_type = TypeOf(a), right_type = TypeOf(b);
    // A size compared with a tuple: both are lists.
    const auto as_list = [&](const Exp& e) { return Text(Items(ItemsOf(e, at), true), at); };
    const auto tuple = [](const Exp& e) { return (e.kind == Kind::kItems && !e.is_list) || (e.is_static() && e.value.As<py::Tuple>()); };
    if (left_type == "List[int]" && tuple(b)) right = as_list(b);
    if (right_type == "List[int]" && tuple(a)) left = as_list(a);
    return Exp::Dynamic("(" + left + " " + ast::OperatorText(op) + " " + right + ")",
                        left_type == "Tensor" || right_type == "Tensor" ? "Tensor" : "bool");
  }

  Exp Ternary(const ast::IfExp& e) {
    const Exp test = Condition(*e.test);
    if (test.is_static()) return Eval(in_.Truth(test.value) ? *e.body : *e.orelse);
    const Env before = env_;
    Refine(*e.test, true);
    const Exp yes = Eval(*e.body);
    env_ = before;
    Refine(*e.test, false);
    const Exp no = Eval(*e.orelse);
    env_ = before;
    return Exp::Dynamic("(" + Text(yes, e) + " if " + test.text + " else " + Text(no, e) + ")", Meet(TypeOf(yes), TypeOf(no)));
  }

  std::string IndexText(const ast::Expr& index) {
    if (const auto* slice = index.Maybe<ast::Slice>()) {
      const auto part = [&](const ast::Expr* e) { return e == nullptr ? std::string() : Text(Eval(*e), index); };
      std::string text = part(slice->lower) + ":" + part(slice->upper);
      if (slice->step != nullptr) text += ":" + part(slice->step);
      return text;
    }
    if (const auto* tuple = index.Maybe<ast::Tuple>()) {
      std::string text;
      for (size_t i = 0; i < tuple->elements.size(); i++) text += (i ? ", " : "") + IndexText(*tuple->elements[i]);
      return tuple->elements.size() == 1 ? text + "," : text;
    }
    return Text(Eval(index), index);
  }

  Exp Subscript(const ast::Subscript& s) {
    const Exp object = Eval(*s.value);
    if (object.is_static() && (object.value.As<py::Type>() || in_.TypeName(object.value).find("lias") != std::string::npos)) {
      return Exp::Static(EvaluateIn(in_, f_, std::string(tree_.Text(s))));  // List[int]
    }
    if (object.kind == Kind::kModule && object.cls->base == "Module") return ModuleItem(object, s);
    if (const auto* slice = s.index->Maybe<ast::Slice>()) {
      if (object.kind == Kind::kItems || (object.is_static() && object.value.As<py::Tuple>())) return SliceKnown(object, *slice, s);
      const std::string text = Text(object, s) + "[" + IndexText(*s.index) + "]";
      return Exp::Dynamic(text, TypeOf(object));
    }
    if (s.index->kind == ast::ExprKind::kTuple) {
      return Exp::Dynamic(Text(object, s) + "[" + IndexText(*s.index) + "]", "Tensor");
    }
    const Exp index = Eval(*s.index);
    if (index.is_static()) {
      if (object.is_static() && Foldable(object.value)) return Known(in_.GetItem(object.value, index.value));
      if (object.is_static() && (object.value.As<py::Dict>() || object.value.As<py::List>()) && !IsConstant(object.value)) {
        return Known(in_.GetItem(object.value, index.value));
      }
      if (object.kind == Kind::kItems && index.value.is_int()) {
        const int64_t size = static_cast<int64_t>(object.items.size());
        int64_t i = index.value.integer();
        if (i < 0) i += size;
        if (i < 0 || i >= size) Wrong(&s, "index " + std::to_string(index.value.integer()) + " of " + std::to_string(size) + " elements");
        return object.items[i];
      }
    }
    const std::string type = TypeOf(object);
    std::string element;
    if (type.rfind("Tuple[", 0) == 0) {
      const std::vector<std::string> parts = TypeParts(type);
      if (index.is_static() && index.value.is_int() && !parts.empty()) {
        int64_t i = index.value.integer();
        if (i < 0) i += static_cast<int64_t>(parts.size());
        if (i >= 0 && i < static_cast<int64_t>(parts.size())) element = parts[i];
      }
    } else if (type.rfind("Dict[", 0) == 0) {
      const std::vector<std::string> parts = TypeParts(type);
      if (parts.size() == 2) element = parts[1];
    } else if (TypeOf(index) == "int" || type == "Tensor") {
      element = Element(type);
    }
    return Exp::Dynamic(Text(object, s) + "[" + Text(index, s) + "]", element);
  }

  Exp SliceKnown(const Exp& object, const ast::Slice& slice, const ast::Subscript& s) {
    std::vector<Value> bounds;
    for (const ast::Expr* part : {slice.lower, slice.upper, slice.step}) {
      const Exp e = part == nullptr ? Exp::Static(Value::None()) : Eval(*part);
      if (!e.is_static()) {
        if (!IsText(object)) Wrong(&s, "a slice whose bounds are not known while compiling");
        return Exp::Dynamic(Text(object, s) + "[" + IndexText(slice) + "]", TypeOf(object));
      }
      bounds.push_back(e.value);
    }
    const Value key = in_.NewSlice(bounds[0], bounds[1], bounds[2]);
    if (object.is_static()) return Exp::Static(in_.GetItem(object.value, key));
    std::vector<Value> places;
    for (size_t i = 0; i < object.items.size(); i++) places.push_back(Value::Int(static_cast<int64_t>(i)));
    std::vector<Exp> items;
    for (const Value& place : in_.ToVector(in_.GetItem(Value(in_.NewList(places)), key))) items.push_back(object.items[place.integer()]);
    return Items(std::move(items), object.is_list);
  }

  // self.layers[0], self.layers[1:], self.by_name["x"]
  Exp ModuleItem(const Exp& object, const ast::Subscript& s) {
    if (!IsContainer(object)) Wrong(&s, "module '" + object.text + "' is not subscriptable");
    if (const auto* slice = s.index->Maybe<ast::Slice>()) {
      return SliceKnown(Items(Children(object, s, true), true), *slice, s);
    }
    const Exp index = Eval(*s.index);
    if (!index.is_static()) Fail(&s, "an index of a " + ContainerName(object) + " that is not known while compiling");
    const auto entries = ChildEntries(object);
    const std::vector<Exp> children = Children(object, s, true);
    if (auto* name = index.value.As<Str>()) {
      for (size_t i = 0; i < entries.size(); i++) {
        if (entries[i].first == name->text()) return children[i];
      }
      Wrong(&s, "'" + object.text + "' has no '" + std::string(name->text()) + "'");
    }
    int64_t i = in_.Index(index.value);
    if (i < 0) i += static_cast<int64_t>(children.size());
    if (i < 0 || i >= static_cast<int64_t>(children.size())) Wrong(&s, "index " + std::to_string(i) + " of " + std::to_string(children.size()) + " modules");
    return children[i];
  }

  Exp FString(const ast::JoinedStr& j) {
    std::string format, values;
    bool known = true;
    std::string whole;
    for (const ast::Expr* part : j.values) {
      if (const auto* constant = part->Maybe<ast::Constant>()) {
        std::string text(constant->text);
        whole += text;
        for (char c : text) {
          format += c;
          if (c == '{' || c == '}') format += c;
        }
        continue;
      }
      const auto& value = part->As<ast::FormattedValue>();
      const Exp e = Eval(*value.value);
      if (e.is_static() && Foldable(e.value)) {
        std::string text = value.conversion == 'r' ? in_.Repr(e.value) : in_.ToStr(e.value);
        if (value.format_spec != nullptr) {
          const Exp spec = Eval(*value.format_spec);
          if (!spec.is_static()) Fail(&value, "this format in an f-string");
          text = in_.Format(e.value, std::string(spec.value.As<Str>()->text()));
        }
        whole += text;
        for (char c : text) {
          format += c;
          if (c == '{' || c == '}') format += c;
        }
        continue;
      }
      if (value.format_spec != nullptr) Fail(&value, "a format in an f-string");
      known = false;
      format += "{}";
      values += ", " + (IsText(e) ? Text(e, j) : Quote(e.kind == Kind::kModule ? e.text : in_.ToStr(e.value)));
    }
    if (known) return Exp::Static(Value(in_.NewStr(whole)));
    return Exp::Dynamic("torch.format(" + Quote(format) + values + ")", "str");
  }

  Exp Comprehension(const ast::Expr* element, ast::Seq<ast::Comprehension> generators, const ast::Expr& at) {
    if (generators.size() != 1 || generators[0].is_async) Fail(&at, "a comprehension with several loops");
    const ast::Comprehension& g = generators[0];
    const Exp iter = Eval(*g.iter);
    const Env before = env_;
    if (iter.kind != Kind::kDynamic && !(iter.is_static() && IsRange(iter.value) && false)) {
      std::vector<Exp> items;
      for (const Exp& item : ItemsOf(iter, at)) {
        BindKnown(*g.target, item);
        bool keep = true;
        for (const ast::Expr* test : g.ifs) {
          const Exp condition = Condition(*test);
          if (!condition.is_static()) Fail(test, "this condition in a comprehension");
          keep &= in_.Truth(condition.value);
        }
        if (keep) items.push_back(Eval(*element));
      }
      env_ = before;
      return Items(std::move(items), true);
    }
    if (!g.ifs.empty()) Fail(&at, "a condition in a comprehension");
    const std::string target = TargetText(*g.target, Element(iter.type));
    const Exp value = Eval(*element);
    env_ = before;
    const std::string type = TypeOf(value);
    return Exp::Dynamic("[" + Text(value, at) + " for " + target + " in " + iter.text + "]", type.empty() ? "" : "List[" + type + "]");
  }

  // Names of a comprehension over known elements.
  void BindKnown(const ast::Expr& target, const Exp& e) {
    if (const auto* name = target.Maybe<ast::Name>()) {
      env_[std::string(name->id)] = e;
      return;
    }
    const ast::ExprSeq* parts = nullptr;
    if (const auto* tuple = target.Maybe<ast::Tuple>()) parts = &tuple->elements;
    if (parts == nullptr) Fail(&target, "this target in a comprehension");
    const std::vector<Exp> items = ItemsOf(e, target);
    if (items.size() != parts->size()) Wrong(&target, std::to_string(items.size()) + " values for " + std::to_string(parts->size()) + " targets");
    for (size_t i = 0; i < items.size(); i++) BindKnown(*(*parts)[i], items[i]);
  }

  Exp Generator(const ast::GeneratorExp& g) { return Comprehension(g.element, g.generators, g); }

  Exp DictComprehension(const ast::DictComp& d) {
    if (d.generators.size() != 1 || !d.generators[0].ifs.empty()) Fail(&d, "this dict comprehension");
    const Exp iter = Eval(*d.generators[0].iter);
    const Env before = env_;
    if (iter.kind != Kind::kDynamic) {
      std::string text;
      for (const Exp& item : ItemsOf(iter, d)) {
        BindKnown(*d.generators[0].target, item);
        text += (text.empty() ? "" : ", ") + Text(Eval(*d.key), d) + ": " + Text(Eval(*d.value), d);
      }
      env_ = before;
      return Exp::Dynamic("{" + text + "}", "");
    }
    const std::string target = TargetText(*d.generators[0].target, Element(iter.type));
    const Exp key = Eval(*d.key), value = Eval(*d.value);
    env_ = before;
    return Exp::Dynamic("{" + Text(key, d) + ": " + Text(value, d) + " for " + target + " in " + iter.text + "}", "");
  }

#include "tracer/torchscript/compile_calls.inc"

  Compiler& c_;
  Interpreter& in_;
  Compiled* const made_;
  ClassType* const cls_;
  py::Function* const f_;
  const ast::Tree& tree_;
  const ast::FunctionDef* def_ = nullptr;
  std::string self_, out_, declared_return_;
  std::vector<std::string> returned_;
  Env env_;
  std::set<std::string> fluid_, written_;
  std::map<std::string, std::string> declared_;
  int indent_ = 2, temporaries_ = 0, unrolling_ = 0, control_ = 0, nesting_ = 0;
  bool raised_ = false;  // the expression certainly raises, and code for that has been written
  static constexpr int kMaxNesting = 200;
};

void CompileBody(Compiler& compiler, Compiled* made, ClassType* cls, py::Function* function, const std::vector<Argument>& arguments) {
  Body(compiler, made, cls, function).Run(arguments);
}

}  // namespace fusepack::torchscript
