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

#include "tracer/python/ast_walk.h"
#include "tracer/python/module.h"
#include "tracer/python/parse.h"
#include "tracer/python/resolve.h"
#include "tracer/torchscript/body.h"

namespace fusepack::torchscript {

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

std::string Body::LocalName(const std::string& name) { return kReserved.count(name) ? name + "_" : name; }

void Body::Run(const std::vector<Argument>& arguments) {
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

std::string Body::Place(const ast::Node* node) const {
  if (node == nullptr) return f_->code->source->file + ":" + std::to_string(f_->code->first_line);
  return f_->code->source->file + ":" + std::to_string(node->start.line) + ":" + std::to_string(node->start.column);
}

void Body::Line(const std::string& text) {
  out_ += std::string(indent_, ' ') + text + "\n";
  c_.Grow(indent_ + text.size() + 1);
}

std::string Body::Quote(const std::string& text) {
  return std::string(in_.Call(c_.lower("quoted"), {Value(in_.NewStr(text))}).As<Str>()->text());
}

std::string Body::AnnotationText(const ast::Expr& annotation) {
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

std::string Body::Signature(const std::vector<Argument>& arguments) {
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

bool Body::Block(ast::StmtSeq statements) {
  for (const ast::Stmt* s : statements) {
    in_.Step();
    if (Statement(*s)) return true;
  }
  return false;
}

bool Body::Statement(const ast::Stmt& s) {
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
    default: c_.Fail(Place(&s), std::string("the statement ") + ast::KindName(s.kind) + " is not supported by TorchScript", Compiler::kUnsupportedNode);
  }
}

// Names of modules are known while compiling.
bool Body::ImportStatement(const ast::Stmt& s) {
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

bool Body::ExpressionStatement(const ast::ExprStmt& s) {
  if (s.value->kind == ast::ExprKind::kConstant) return false;
  const Exp e = Eval(*s.value);
  if (raised_) return raised_ = false, true;
  if (e.kind == Kind::kDynamic) Line(e.text);
  if (e.kind == Kind::kItems) Line(Text(e, *s.value));
  return false;
}

bool Body::Return(const ast::Return& s) {
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

void Body::Returned(const std::string& type) {
  if (declared_return_.empty()) made_->type = returned_.empty() ? type : MeetTypes(made_->type, type);
  returned_.push_back(type);
}

bool Body::Assign(const ast::Assign& s) {
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

void Body::Store(const ast::Expr& target, const Exp& e) {
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
std::string Body::TargetText(const ast::Expr& target, const std::string& type) {
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
    const std::string inner = TargetText(part, types.empty() ? ElementType(type) : i < types.size() ? types[i] : "");
    text += (i ? ", " : "") + (nested ? "(" + inner + ")" : inner);
  }
  return parts->size() == 1 ? text + "," : text;
}

void Body::Bind(const std::string& name, const Exp& e, const ast::Node& at) {
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

bool Body::AnnotatedAssign(const ast::AnnAssign& s) {
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
Exp Body::Typed(const Exp& e, const std::string& type, const ast::Node& at) {
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

bool Body::Augment(const ast::AugAssign& s) {
  const Exp value = Eval(*s.value);
  const std::string op = std::string(ast::OperatorText(s.op)) + "= ";
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

// Makes variables of what a block that may not run, or run again, assigns.
std::set<std::string> Body::Loosen(ast::StmtSeq a, ast::StmtSeq b, bool loop) {
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

void Body::Join(Env&& one, bool one_ends, Env&& other, bool other_ends) {
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
      joined[name] = Exp::Dynamic(e.text, MeetTypes(e.type, o.type));
    } else if (e.kind == Kind::kItems && o.kind == Kind::kItems && e.text == o.text && IsSame(e, o)) {
      joined[name] = e;
    }
  }
  env_ = std::move(joined);
}

bool Body::IsSame(const Exp& a, const Exp& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() || !a.value.Is(b.value)) return false;
  for (size_t i = 0; i < a.items.size(); i++) {
    if (!IsSame(a.items[i], b.items[i])) return false;
  }
  return true;
}

// What a condition says of variables where it holds (or not).
void Body::Refine(const ast::Expr& test, bool holds) {
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

bool Body::If(const ast::If& s) {
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

bool Body::Indented(ast::StmtSeq body) {
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

bool Body::For(const ast::For& s) {
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
  const std::string target = TargetText(*s.target, ElementType(type));
  Line("for " + target + " in " + text + ":");
  const int unrolling = unrolling_;
  unrolling_ = 0;
  const bool ends = Indented(s.body);
  unrolling_ = unrolling;
  Env after = std::move(env_);
  Join(std::move(after), ends, Env(before), false);
  return false;
}

std::string Body::RangeText(const Value& v) {
  return "range(" + c_.Literal(in_.GetAttr(v, "start")) + ", " + c_.Literal(in_.GetAttr(v, "stop")) + ", " +
         c_.Literal(in_.GetAttr(v, "step")) + ")";
}

bool Body::While(const ast::While& s) {
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

void Body::EmitRaise(const std::string& message, const std::string& cls) {
  Line("ops.prim.RaiseException(" + message + ", \"" + cls + "\")");
  Line("raise AssertionError(\"\")");
}

bool Body::RaiseStatement(const ast::Raise& s) {
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

bool Body::Assert(const ast::Assert& s) {
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
bool Body::With(const ast::With& s) {
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

void CompileBody(Compiler& compiler, Compiled* made, ClassType* cls, py::Function* function, const std::vector<Argument>& arguments) {
  Body(compiler, made, cls, function).Run(arguments);
}

}  // namespace fusepack::torchscript
