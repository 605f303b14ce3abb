// Calls. A module's becomes its forward's, compiled into its class; a function's that of a free function of the program; a
// rule (torch.jit._lower) says what most of torch.nn.functional means; what is left of torch's natives and of a value's
// methods are operators, written torch.NAME(...) by their schemas.
#include <algorithm>

#include "tracer/python/resolve.h"
#include "tracer/torchscript/body.h"

namespace fusepack::torchscript {

namespace {

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

}  // namespace

Body::CallArguments Body::Arguments(const ast::Call& call) {
  CallArguments out;
  for (const ast::Expr* a : call.args) {
    if (const auto* starred = a->Maybe<ast::Starred>()) {
      for (Exp& item : ItemsOf(Eval(*starred->value), *a)) out.positional.push_back(std::move(item));
    } else {
      out.positional.push_back(Eval(*a));
    }
  }
  for (const ast::Keyword& k : call.keywords) {
    const Exp value = Eval(*k.value);
    if (!k.name.empty()) {
      out.keywords.emplace_back(std::string(k.name), value);
      continue;
    }
    auto* dict = value.is_static() ? value.value.As<py::Dict>() : nullptr;
    if (dict == nullptr) Fail(&k, "** in a call");
    for (const auto& entry : dict->table.entries()) {
      if (entry.key && entry.key.As<Str>()) out.keywords.emplace_back(entry.key.As<Str>()->text(), Exp::Static(entry.value));
    }
  }
  return out;
}

std::string Body::ArgumentText(const CallArguments& args, const ast::Node& at) {
  std::string text;
  for (const Exp& e : args.positional) text += (text.empty() ? "" : ", ") + Text(e, at);
  for (const auto& [name, e] : args.keywords) text += (text.empty() ? "" : ", ") + name + "=" + Text(e, at);
  return text;
}

Exp Body::Call(const ast::Call& call) {
  const Exp callee = Eval(*call.function);
  // The first argument of annotate and isinstance is a type, evaluated and not compiled.
  if (callee.is_static() && !call.args.empty()) {
    const Value jit = in_.Import("torch.jit");
    if (callee.value.Is(in_.GetAttr(jit, "annotate")) && call.args.size() == 2) {
      return Typed(Eval(*call.args[1]), AnnotationText(*call.args[0]), call);
    }
    const bool builtin = callee.value.Is(in_.GetBuiltin("isinstance"));
    if ((builtin || callee.value.Is(in_.GetAttr(jit, "isinstance"))) && call.args.size() == 2) {
      return IsInstance(Eval(*call.args[0]), EvaluateTypes(*call.args[1]), call);
    }
  }
  return CallWith(callee, Arguments(call), call);
}

Value Body::EvaluateTypes(const ast::Expr& e) {
  const Exp types = Eval(e);
  if (types.is_static()) return types.value;
  if (types.kind == Kind::kItems) {
    std::vector<Value> values;
    for (const Exp& item : types.items) {
      if (!item.is_static()) Fail(&e, "these types of isinstance");
      values.push_back(item.value);
    }
    return Value(in_.NewTuple(std::move(values)));
  }
  Fail(&e, "these types of isinstance");
}

// Whether a value of a known type is one of a Python class; nothing where that is open.
std::optional<bool> Body::Matches(const std::string& type, const Value& cls) {
  if (auto* tuple = cls.As<py::Tuple>()) {
    bool open = false;
    for (size_t i = 0; i < tuple->size(); i++) {
      const auto one = Matches(type, (*tuple)[i]);
      if (one == true) return true;
      open |= !one.has_value();
    }
    return open ? std::nullopt : std::optional<bool>(false);
  }
  if (type.empty() || IsOptionalType(type) || type == "Any" || type == "number" || type.rfind("Union", 0) == 0) return std::nullopt;
  if (auto* python = cls.As<py::Type>()) {
    if (python == in_.types().list) return type.rfind("List[", 0) == 0;
    if (python == in_.types().tuple) return type.rfind("Tuple[", 0) == 0;
    if (python == in_.types().dict) return type.rfind("Dict[", 0) == 0;
    if (python == in_.types().integer) return type == "int" || type == "bool";
    if (python->FullName() == "torch.Tensor") return type == "Tensor";
    if (python->FullName() == "torch.Size") return type == "List[int]";
  }
  try {
    return type == c_.TypeText(cls);
  } catch (py::Raised&) {
    return false;
  }
}

Exp Body::IsInstance(const Exp& e, const Value& cls, const ast::Node& at) {
  if (e.is_static()) return Exp::Static(Value::Bool(in_.IsInstance(e.value, cls)));
  if (e.kind == Kind::kModule && e.cls->base == "Module") return Exp::Static(Value::Bool(in_.IsInstance(e.value, cls)));
  const auto known = Matches(TypeOf(e), cls);
  if (known.has_value()) return Exp::Static(Value::Bool(*known));
  std::string types;
  if (auto* tuple = cls.As<py::Tuple>()) {
    for (size_t i = 0; i < tuple->size(); i++) types += (i ? ", " : "") + c_.TypeText((*tuple)[i]);
    types = "(" + types + ",)";
  } else {
    types = c_.TypeText(cls);
  }
  return Exp::Dynamic("isinstance(" + Text(e, at) + ", " + types + ")", "bool");
}

Exp Body::CallWith(const Exp& callee, CallArguments args, const ast::Node& at) {
  switch (callee.kind) {
    case Kind::kModule: return CallModule(callee, std::move(args), at);
    case Kind::kMethod: {
      auto* f = callee.value.As<py::Function>();
      if (f == nullptr) Fail(&at, "a call of this method");
      return CallMethod(callee, f, callee.name, std::move(args), at);
    }
    case Kind::kMember:
      if (callee.value && args.all_static()) return Known(CallPython(callee.value, args));
      return CallMember(callee, std::move(args), at);
    case Kind::kStatic: return CallKnown(callee.value, std::move(args), at);
    default: Wrong(&at, "'" + callee.text + "' is not callable");
  }
}

Exp Body::CallModule(const Exp& module, CallArguments args, const ast::Node& at) {
  const char* name = module.cls->base == "Module" ? "forward" : "__call__";
  const Value found = module.cls->python->Lookup(in_.Intern(name));
  auto* f = found ? found.As<py::Function>() : nullptr;
  if (f == nullptr || f->name->text() == "_forward_unimplemented") {
    Wrong(&at, "module '" + module.text + "' of class " + module.cls->name + " is not callable: it has no " + name);
  }
  for (const char* hooks : {"_forward_hooks", "_forward_pre_hooks"}) {
    auto* dict = module.value ? in_.GetAttr(module.value, hooks).As<py::Dict>() : nullptr;
    if (dict != nullptr && dict->size() != 0) Fail(&at, "the hook of module '" + module.text + "'");
  }
  return CallMethod(module, f, name, std::move(args), at);
}

// Arguments by parameter, `skip` first ones left out (self).
std::vector<Argument> Body::BindArguments(py::Function* f, const CallArguments& args, size_t skip,
                                          const ast::Node& at) {
  const auto* def = static_cast<const ast::FunctionDef*>(f->code->scope->node);
  const ast::Parameters& p = def->parameters;
  std::vector<std::string> names;
  for (const ast::Parameter& x : p.positional_only) names.emplace_back(x.name);
  for (const ast::Parameter& x : p.positional) names.emplace_back(x.name);
  const size_t positional = names.size();
  for (const ast::Parameter& x : p.keyword_only) names.emplace_back(x.name);
  std::vector<Argument> out(names.size());
  const std::string called = f->name->text().data();
  if (args.positional.size() + skip > positional) {
    if (p.vararg != nullptr) Fail(&at, "the call of '" + called + "', which takes a variable number of arguments");
    Wrong(&at, called + "() takes " + std::to_string(positional - skip) + " arguments but " + std::to_string(args.positional.size()) + " were given");
  }
  for (size_t i = 0; i < args.positional.size(); i++) out[i + skip] = {true, args.positional[i]};
  for (const auto& [name, e] : args.keywords) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) Wrong(&at, called + "() got an unexpected keyword argument '" + name + "'");
    out[found - names.begin()] = {true, e};
  }
  return out;
}

bool Body::Accepts(const std::string& declared, const std::string& type) {
  return type.empty() || type == "number" || declared == type || declared == "Any" || (IsOptionalType(declared) && (type == "NoneType" || StripOptional(declared) == StripOptional(type))) ||
         (declared == "float" && type == "int");
}

// Whether the callee must be compiled for these arguments alone.
bool Body::NeedsInstance(py::Function* f, const std::vector<Argument>& arguments, size_t skip, bool always) {
  const auto* def = static_cast<const ast::FunctionDef*>(f->code->scope->node);
  const ast::Parameters& p = def->parameters;
  std::vector<const ast::Parameter*> parameters;
  for (const ast::Parameter& x : p.positional_only) parameters.push_back(&x);
  for (const ast::Parameter& x : p.positional) parameters.push_back(&x);
  std::vector<Value> defaults(parameters.size());
  if (auto* given = f->defaults.As<py::Tuple>()) {
    for (size_t i = 0; i < given->size(); i++) defaults[parameters.size() - given->size() + i] = (*given)[i];
  }
  for (const ast::Parameter& x : p.keyword_only) {
    parameters.push_back(&x);
    auto* given = f->keyword_defaults.As<py::Dict>();
    defaults.push_back(given != nullptr ? given->Get(in_.Intern(x.name)) : Value());
  }
  for (size_t i = skip; i < arguments.size(); i++) {
    if (!arguments[i].given) continue;
    const Exp& e = arguments[i].value;
    if (!IsText(e)) return true;
    if (always && parameters[i]->annotation == nullptr) return true;
    if (parameters[i]->annotation != nullptr) continue;
    std::string declared = "Tensor";
    if (c_.IsPrelude(f) && defaults[i]) declared = defaults[i].is_none() ? "Optional[Tensor]" : TypeOf(Exp::Static(defaults[i]));
    if (!Accepts(declared, TypeOf(e))) return true;
  }
  return false;
}

// Text of the arguments that an instantiated callee still has.
std::string Body::RemainingText(py::Function* f, const std::vector<Argument>& arguments, const ast::Node& at) {
  (void)f;
  std::string text;
  for (const Argument& a : arguments) {
    if (a.given && a.value.kind == Kind::kDynamic) text += (text.empty() ? "" : ", ") + Text(a.value, at);
  }
  return text;
}

// Known lists and tuples of values stay known; those that hold run-time values become one.
void Body::Flatten(std::vector<Argument>* arguments, const ast::Node& at) {
  for (Argument& a : *arguments) {
    if (a.given && a.value.kind == Kind::kItems && IsText(a.value)) a.value = Exp::Dynamic(Text(a.value, at), TypeOf(a.value));
  }
}

Exp Body::CallMethod(const Exp& object, py::Function* f, const std::string& name, CallArguments args,
                     const ast::Node& at) {
  if (object.cls->foreign) {
    std::string type;
    if (f->code->returns != nullptr) type = c_.Renamed(c_.Foreign(UnitOf(in_, object.cls->python.get())), std::string(f->code->source->tree->Text(*f->code->returns)));
    return Exp::Dynamic("(" + object.text + ")." + name + "(" + ArgumentText(args, at) + ")", type);
  }
  if (object.cls->base == "Module" && c_.IsPrelude(f)) {
    if (auto known = ChildrenCall(object, name)) return *known;
  }
  f = c_.Implementation(object.cls, name, f);
  std::vector<Argument> arguments = BindArguments(f, args, 1, at);
  std::vector<Value> overloads = c_.Overloads(f);
  if (!overloads.empty()) return CallOverload(object, f, overloads, name, arguments, args, at);
  const std::string target = "(" + object.text + ").";
  if (!NeedsInstance(f, arguments, 1, false)) {
    Compiled* made = c_.Method(object.cls, f, name, {});
    return Exp::Dynamic(target + made->name + "(" + ArgumentText(args, at) + ")", ResultType(made, f));
  }
  Flatten(&arguments, at);
  Compiled* made = c_.Method(object.cls, f, name, arguments);
  return Exp::Dynamic(target + made->name + "(" + RemainingText(f, arguments, at) + ")", ResultType(made, f));
}

// self.blocks.items(), self.children() and the like: what they give is known.
std::optional<Exp> Body::ChildrenCall(Exp object, const std::string& name) {
  object.kind = Kind::kModule;
  object.value = object.owner ? object.owner : object.value;
  static const std::set<std::string> kCalls = {"items", "keys", "values", "children", "named_children"};
  if (!kCalls.count(name)) return std::nullopt;
  const bool children = name == "children" || name == "named_children";
  if (!children && !IsContainer(object)) return std::nullopt;
  std::vector<Exp> items;
  for (const auto& [key, value] : ChildEntries(object)) {
    const bool module = c_.IsModule(value);
    if (children && !module) continue;
    const Exp entry = module ? Child(object, key, value) : Exp::Dynamic(Member(object.text, key), "Tensor");
    const Exp key_value = Exp::Static(Value(in_.NewStr(key)));
    if (name == "keys") items.push_back(key_value);
    else if (name == "items" || name == "named_children") items.push_back(Items({key_value, entry}, false));
    else items.push_back(entry);
  }
  return Items(std::move(items), true);
}

// The first signature that takes arguments of these types; its annotations are the implementation's.
Exp Body::CallOverload(const Exp& object, py::Function* f, const std::vector<Value>& overloads,
                       const std::string& name, std::vector<Argument> arguments, const CallArguments& args, const ast::Node& at) {
  for (size_t i = 0; i < overloads.size(); i++) {
    auto* signature = overloads[i].As<py::Function>();
    const auto* def = static_cast<const ast::FunctionDef*>(signature->code->scope->node);
    std::vector<Argument> typed = arguments;
    bool fits = true;
    for (size_t p = 1; p < typed.size() && p < def->parameters.positional.size(); p++) {
      if (!typed[p].given || def->parameters.positional[p].annotation == nullptr) continue;
      std::string type;
      try {
        type = c_.TypeText(EvaluateIn(in_, signature, std::string(signature->code->source->tree->Text(*def->parameters.positional[p].annotation))));
      } catch (py::Raised&) {
        fits = false;
        break;
      }
      fits &= Accepts(type, TypeOf(typed[p].value));
      typed[p].value = Exp::Dynamic(Text(typed[p].value, at), type);
      typed[p].typed = true;
    }
    if (!fits) continue;
    Compiled* made = c_.Method(object.cls, f, name + "__" + std::to_string(i), typed);
    return Exp::Dynamic("(" + object.text + ")." + made->name + "(" + ArgumentText(args, at) + ")", made->type);
  }
  Wrong(&at, "no overload of '" + name + "' takes these arguments");
}

Exp Body::CallFunction(py::Function* f, CallArguments args, const ast::Node& at) {
  if (f->code->scope == nullptr || f->code->name == "<lambda>") Fail(&at, "a call of a lambda");
  std::vector<Argument> arguments = BindArguments(f, args, 0, at);
  if (!NeedsInstance(f, arguments, 0, c_.IsPrelude(f))) {
    Compiled* made = c_.FreeFunction(f, {});
    return Exp::Dynamic(made->name + "(" + ArgumentText(args, at) + ")", made->type);
  }
  Flatten(&arguments, at);
  Compiled* made = c_.FreeFunction(f, arguments);
  return Exp::Dynamic(made->name + "(" + RemainingText(f, arguments, at) + ")", made->type);
}

Value Body::ToPython(const Exp& e, const ast::Node& at) {
  if (e.is_static()) return e.value;
  if (e.kind == Kind::kItems) {
    std::vector<Value> values;
    for (const Exp& item : e.items) values.push_back(ToPython(item, at));
    return e.is_list ? Value(in_.NewList(std::move(values))) : Value(in_.NewTuple(std::move(values)));
  }
  const std::string text = Text(e, at);
  return in_.Call(c_.lower("Expr"), {Value(in_.NewStr(text)), Value(in_.NewStr(TypeOf(e)))});
}

bool Body::HasExpr(const Value& v) {
  if (Is(v, "Expr") || Is(v, "Call")) return true;
  if (!v.As<py::List>() && !v.As<py::Tuple>()) return false;
  for (const Value& item : in_.ToVector(v)) {
    if (HasExpr(item)) return true;
  }
  return false;
}

Exp Body::FromPython(const Value& v, const ast::Node& at) {
  if (Is(v, "Expr")) return Exp::Dynamic(TextAttr(v, "text"), TextAttr(v, "type"));
  if (Is(v, "Call")) {
    CallArguments args;
    for (const Value& a : in_.ToVector(in_.GetAttr(v, "args"))) args.positional.push_back(FromPython(a, at));
    if (auto* kwargs = in_.GetAttr(v, "kwargs").As<py::Dict>()) {
      for (const auto& entry : kwargs->table.entries()) {
        if (entry.key) args.keywords.emplace_back(entry.key.As<Str>()->text(), FromPython(entry.value, at));
      }
    }
    return CallKnown(in_.GetAttr(v, "function"), std::move(args), at);
  }
  if (Is(v, "Operator")) {
    std::string text;
    for (const Value& a : in_.ToVector(in_.GetAttr(v, "args"))) text += (text.empty() ? "" : ", ") + Text(FromPython(a, at), at);
    return Exp::Dynamic("torch." + TextAttr(v, "name") + "(" + text + ")", TextAttr(v, "type"));
  }
  if (Is(v, "Assert")) {
    const Exp condition = FromPython(in_.GetAttr(v, "condition"), at);
    if (condition.is_static() && in_.Truth(condition.value)) return Exp::Static(Value::None());
    const Exp message = FromPython(in_.GetAttr(v, "message"), at);
    const std::string test = Text(condition, at);
    Line("assert " + (condition.type == "bool" ? test : "bool(" + test + ")") + ", " + Text(message, at));
    return Exp::Static(Value::None());
  }
  if (Is(v, "Raise")) {
    EmitRaise(Quote(TextAttr(v, "message")), TextAttr(v, "cls"));
    raised_ = true;
    return Exp::Static(Value::None());
  }
  if ((v.As<py::List>() || v.As<py::Tuple>()) && HasExpr(v)) {
    std::vector<Exp> items;
    for (const Value& item : in_.ToVector(v)) items.push_back(FromPython(item, at));
    return Items(std::move(items), v.As<py::List>() != nullptr);
  }
  return Known(v);
}

Value Body::CallPython(const Value& callee, const CallArguments& args) {
  std::vector<Value> positional;
  for (const Exp& e : args.positional) positional.push_back(e.value);
  std::vector<py::Keyword> keywords;
  for (const auto& [name, e] : args.keywords) keywords.push_back({in_.Intern(name), e.value});
  return in_.Call(callee, py::Args(positional, keywords));
}

Exp Body::CallRule(const Value& rule, const CallArguments& args, const ast::Node& at) {
  std::vector<Value> positional;
  for (const Exp& e : args.positional) positional.push_back(ToPython(e, at));
  std::vector<py::Keyword> keywords;
  for (const auto& [name, e] : args.keywords) keywords.push_back({in_.Intern(name), ToPython(e, at)});
  try {
    return FromPython(in_.Call(rule, py::Args(positional, keywords)), at);
  } catch (py::Raised& raised) {
    if (!in_.IsInstance(raised.exception, in_.types().type_error)) throw;
    Fail(&at, in_.ToStr(raised.exception));
  }
}

Exp Body::CallKnown(const Value& callee, CallArguments args, const ast::Node& at) {
  const Value rule = in_.Call(c_.lower("rule_of"), {callee});
  if (!rule.is_none()) return CallRule(rule, args, at);
  if (in_.IsInstance(callee, in_.GetAttr(in_.Import("torch.jit"), "ScriptFunction"))) {
    return CallKnown(in_.GetAttr(callee, "_function"), std::move(args), at);
  }
  if (args.all_static() && in_.Truth(in_.Call(c_.lower("is_pure"), {callee}))) return Known(CallPython(callee, args));
  if (auto* f = callee.As<py::Function>()) return CallFunction(f, std::move(args), at);
  if (auto* type = callee.As<py::Type>()) return CallType(type, std::move(args), at);
  if (auto* native = callee.As<py::NativeFunction>()) return CallNative(native, callee, std::move(args), at);
  if (auto* method = callee.As<py::BoundMethod>()) {
    if (args.all_static() && !c_.IsModule(method->self)) return Known(in_.Call(callee, py::Args(Values(args))));
  }
  if (in_.TypeName(callee) == "partial") {
    CallArguments all;
    for (const Value& v : in_.ToVector(in_.GetAttr(callee, "args"))) all.positional.push_back(Known(v));
    for (Exp& e : args.positional) all.positional.push_back(std::move(e));
    all.keywords = std::move(args.keywords);
    if (auto* kwargs = in_.GetAttr(callee, "keywords").As<py::Dict>()) {
      for (const auto& entry : kwargs->table.entries()) {
        if (entry.key) all.keywords.emplace_back(entry.key.As<Str>()->text(), Known(entry.value));
      }
    }
    return CallKnown(in_.GetAttr(callee, "func"), std::move(all), at);
  }
  Fail(&at, "a call of '" + in_.CallableName(callee) + "'");
}

std::vector<Value> Body::Values(const CallArguments& args) {
  std::vector<Value> out;
  for (const Exp& e : args.positional) out.push_back(e.value);
  return out;
}

Exp Body::CallType(py::Type* type, CallArguments args, const ast::Node& at) {
  const py::CoreTypes& t = in_.types();
  const Exp* first = args.positional.empty() ? nullptr : &args.positional[0];
  if (type == t.range) return Exp::Dynamic("range(" + ArgumentText(args, at) + ")", "Iter[int]");
  if (type == t.enumerate) return Enumerate(args, at);
  if (type == t.zip) return Zip(args, at);
  if (type == t.integer || type == t.floating || type == t.boolean || type == t.str) {
    if (first == nullptr) return Known(in_.Call(Value(type)));
    return Exp::Dynamic(type->name() + "(" + ArgumentText(args, at) + ")", type->name());
  }
  if (type == t.list) {
    if (first == nullptr) return Items({}, true);
    if (first->kind != Kind::kDynamic) return Items(ItemsOf(*first, at), true);
    const std::string element = ElementType(first->type);
    return Exp::Dynamic("torch.list(" + first->text + ")", element.empty() ? "" : "List[" + element + "]");
  }
  if (type == t.tuple) {
    if (first == nullptr) return Items({}, false);
    if (first->kind == Kind::kDynamic && first->type.rfind("Tuple[", 0) != 0) {
      if (first->type.rfind("List[", 0) == 0) return *first;
      Fail(&at, "tuple() of something whose length is not known while compiling");
    }
    return Items(ItemsOf(*first, at), false);
  }
  if (type == t.dict || type->name() == "OrderedDict") {
    if (first != nullptr) {
      if (first->kind == Kind::kDynamic) return Exp::Dynamic("torch.dict(" + first->text + ")", first->type);
      Fail(&at, "dict() of this");
    }
    if (args.keywords.empty()) return Exp::Dynamic("annotate(Dict[str, Tensor], {})", "Dict[str, Tensor]");
    std::string text, value_type;
    for (const auto& [name, e] : args.keywords) {
      value_type = text.empty() ? TypeOf(e) : MeetTypes(value_type, TypeOf(e));
      text += (text.empty() ? "" : ", ") + Quote(name) + ": " + Text(e, at);
    }
    return Exp::Dynamic("{" + text + "}", value_type.empty() ? "" : "Dict[str, " + value_type + "]");
  }
  if (type == t.reversed) {
    if (first != nullptr && first->kind != Kind::kDynamic) {
      std::vector<Exp> items = ItemsOf(*first, at);
      std::reverse(items.begin(), items.end());
      return Items(std::move(items), true);
    }
    Fail(&at, "reversed() of a list that is made at run time");
  }
  const std::string full = type->FullName();
  if (full == "torch.Size" && first != nullptr) return first->kind == Kind::kDynamic ? *first : Items(ItemsOf(*first, at), true);
  if (full == "torch.device") return Exp::Dynamic("torch.device(" + ArgumentText(args, at) + ")", "Device");
  if (c_.IsModuleClass(Value(type))) Fail(&at, "a module of class " + type->name() + " that is made inside forward");
  ClassType* cls = nullptr;
  try {
    cls = c_.TypeOfClass(Value(type));
  } catch (py::Raised& raised) {
    if (!in_.IsInstance(raised.exception, in_.types().type_error)) throw;
    Fail(&at, "an object of class " + full + " (" + in_.ToStr(raised.exception) + ")");
  }
  return Exp::Dynamic(cls->qualified() + "(" + ArgumentText(args, at) + ")", cls->qualified());
}

Exp Body::Enumerate(const CallArguments& args, const ast::Node& at) {
  if (args.positional.empty()) Wrong(&at, "enumerate() of nothing");
  const Exp& of = args.positional[0];
  Exp start = Exp::Static(Value::Int(0));
  if (args.positional.size() > 1) start = args.positional[1];
  if (!args.keywords.empty()) start = args.keywords[0].second;
  if (of.kind == Kind::kDynamic) {
    const std::string element = ElementType(of.type);
    const bool from_zero = start.is_static() && start.value.is_int() && start.value.integer() == 0;
    return Exp::Dynamic("enumerate(" + of.text + (from_zero ? "" : ", " + Text(start, at)) + ")",
                        element.empty() ? "" : "Iter[Tuple[int, " + element + "]]");
  }
  if (!start.is_static()) Fail(&at, "this start of enumerate()");
  std::vector<Exp> items;
  int64_t i = in_.Index(start.value);
  for (const Exp& item : ItemsOf(of, at)) items.push_back(Items({Exp::Static(Value::Int(i++)), item}, false));
  return Items(std::move(items), true);
}

// With something that is known among them, all are taken apart.
Exp Body::Zip(const CallArguments& args, const ast::Node& at) {
  size_t known = SIZE_MAX;
  for (const Exp& e : args.positional) {
    if (e.kind == Kind::kModule) known = std::min(known, ItemsOf(e, at).size());
    if (e.kind == Kind::kItems || e.is_static()) known = std::min(known, ItemsOf(e, at).size());
  }
  if (known == SIZE_MAX) {
    std::string elements;
    bool typed = true;
    for (const Exp& e : args.positional) {
      const std::string element = ElementType(e.type);
      typed &= !element.empty();
      elements += (elements.empty() ? "" : ", ") + element;
    }
    return Exp::Dynamic("zip(" + ArgumentText(args, at) + ")", typed ? "Iter[Tuple[" + elements + "]]" : "");
  }
  std::vector<Exp> items;
  for (size_t i = 0; i < known; i++) {
    std::vector<Exp> row;
    for (const Exp& e : args.positional) {
      if (e.kind == Kind::kDynamic) row.push_back(Exp::Dynamic(e.text + "[" + std::to_string(i) + "]", ElementType(e.type)));
      else row.push_back(ItemsOf(e, at)[i]);
    }
    items.push_back(Items(std::move(row), false));
  }
  return Items(std::move(items), true);
}

Exp Body::CallNative(py::NativeFunction* native, const Value& callee, CallArguments args, const ast::Node& at) {
  const std::string &name = native->name, &module = native->module;
  const Exp* first = args.positional.empty() ? nullptr : &args.positional[0];
  if (module == "math") {
    static const std::set<std::string> kInts = {"floor", "ceil", "factorial", "gcd"}, kBools = {"isinf", "isnan", "isfinite"};
    return Exp::Dynamic("torch." + name + "(" + ArgumentText(args, at) + ")", kInts.count(name) ? "int" : kBools.count(name) ? "bool" : "float");
  }
  if (module.rfind("torch", 0) == 0) {
    std::string operation = name;
    for (const char* space : {"linalg", "special", "fft"}) {
      if (module == std::string("torch.") + space) operation = std::string(space) + "_" + name;
    }
    return Operator(operation, nullptr, std::move(args), at);
  }
  if (name == "len" && first != nullptr) {
    if (first->kind == Kind::kModule && first->cls->base == "Module") {
      if (!IsContainer(*first)) Wrong(&at, "module '" + first->text + "' has no len()");
      return Exp::Static(Value::Int(static_cast<int64_t>(ChildEntries(*first).size())));
    }
    if (first->kind == Kind::kItems) return Exp::Static(Value::Int(static_cast<int64_t>(first->items.size())));
    return Exp::Dynamic("torch.len(" + Text(*first, at) + ")", "int");
  }
  if (name == "hasattr" && args.positional.size() == 2 && args.positional[1].is_static()) {
    const Exp& object = args.positional[0];
    if (object.kind == Kind::kModule && object.value) {
      return Exp::Static(Value::Bool(static_cast<bool>(in_.FindAttr(object.value, args.positional[1].value.As<Str>()->text()))));
    }
    if (object.kind == Kind::kModule) return Exp::Static(Value::Bool(object.cls->Find(args.positional[1].value.As<Str>()->text()) != nullptr));
  }
  if (name == "getattr" && args.positional.size() >= 2 && args.positional[1].is_static()) {
    const std::string attribute(args.positional[1].value.As<Str>()->text());
    const Exp& object = args.positional[0];
    if (args.positional.size() == 3 && object.kind == Kind::kModule && object.value && !in_.FindAttr(object.value, attribute)) return args.positional[2];
    return AttributeOf(object, attribute, at);
  }
  if (name == "abs" && first != nullptr) return Exp::Dynamic("torch.abs(" + Text(*first, at) + ")", TypeOf(*first));
  if (name == "print") return Exp::Dynamic("print(" + ArgumentText(args, at) + ")", "NoneType");
  if (name == "min" || name == "max") {
    std::string type = first == nullptr ? "" : args.positional.size() == 1 ? ElementType(TypeOf(*first)) : TypeOf(*first);
    for (const Exp& e : args.positional) {
      if (args.positional.size() > 1) type = Arithmetic(ast::BinaryOperator::kAdd, type, TypeOf(e));
    }
    if (args.positional.size() == 1 && first->kind == Kind::kItems && !first->is_list) {
      args.positional[0] = Items(first->items, true);
    }
    return Exp::Dynamic(name + "(" + ArgumentText(args, at) + ")", type);
  }
  if (name == "sum" || name == "sorted") {
    const std::string type = first == nullptr ? "" : TypeOf(*first);
    return Exp::Dynamic(name + "(" + ArgumentText(args, at) + ")", name == "sum" ? ElementType(type) : type);
  }
  if (name == "any" || name == "all") return Exp::Dynamic("torch." + name + "(" + ArgumentText(args, at) + ")", "bool");
  if (name == "round") return Exp::Dynamic("round(" + ArgumentText(args, at) + ")", "");
  if (name == "ord" || name == "hex" || name == "bin" || name == "chr" || name == "divmod") {
    return Exp::Dynamic(name + "(" + ArgumentText(args, at) + ")", name == "ord" ? "int" : name == "divmod" ? "" : "str");
  }
  if (args.all_static() && native->is_method) return Known(CallPython(callee, args));
  Fail(&at, "a call of '" + (module.empty() ? name : module + "." + name) + "'");
}

// A method of a run-time value.
Exp Body::CallMember(const Exp& member, CallArguments args, const ast::Node& at) {
  const std::string &name = member.name, &x = member.text, &type = member.type;
  if (type.empty() || type == "Tensor") {
    const auto cast = kCasts.find(name);
    if (cast != kCasts.end() && args.positional.empty()) return Exp::Dynamic("torch.to(" + x + ", " + std::to_string(cast->second) + ")", "Tensor");
    if (name == "type" && !args.positional.empty()) return Operator("to", &member, std::move(args), at);
    if (name == "numpy" || name == "tolist" || name == "backward" || name == "register_hook" || name == "apply_") {
      Fail(&at, "Tensor." + name + "()");
    }
  }
  const std::string text = "torch." + name + "(" + x;
  const std::string rest = ArgumentText(args, at);
  const auto call = [&](const std::string& result) { return Exp::Dynamic(text + (rest.empty() ? "" : ", " + rest) + ")", result); };
  if (type == "str") {
    static const std::set<std::string> kBools = {"startswith", "endswith", "isdigit", "isalpha", "isspace", "isupper", "islower"};
    if (name == "split" || name == "splitlines") return call("List[str]");
    return call(kBools.count(name) ? "bool" : name == "find" || name == "count" || name == "index" ? "int" : "str");
  }
  if (type.rfind("List[", 0) == 0) {
    if (name == "pop") return call(ElementType(type));
    if (name == "copy") return call(type);
    if (name == "index" || name == "count") return call("int");
    return call("NoneType");
  }
  if (type.rfind("Dict[", 0) == 0) {
    const std::vector<std::string> parts = TypeParts(type);
    const bool two = parts.size() == 2;
    if (name == "keys") return call(two ? "List[" + parts[0] + "]" : "");
    if (name == "values") return call(two ? "List[" + parts[1] + "]" : "");
    if (name == "items") return call(two ? "List[Tuple[" + parts[0] + ", " + parts[1] + "]]" : "");
    if (name == "get") return call(!two ? "" : args.positional.size() > 1 ? parts[1] : "Optional[" + parts[1] + "]");
    if (name == "pop") return call(two ? parts[1] : "");
    if (name == "copy") return call(type);
    return call("NoneType");
  }
  if (name == "size") return call(args.positional.empty() && args.keywords.empty() ? "List[int]" : "int");
  return Operator(name, &member, std::move(args), at);
}

// torch.NAME(...): arguments as they are, but for names that aten does not have.
Exp Body::Operator(const std::string& name, const Exp* self, CallArguments args, const ast::Node& at) {
  CallArguments kept;
  if (self != nullptr) kept.positional.push_back(Exp::Dynamic(self->text, self->type.empty() ? "Tensor" : self->type));
  for (Exp& e : args.positional) kept.positional.push_back(std::move(e));
  for (auto& [keyword, e] : args.keywords) {
    const bool none = e.is_static() && e.value.is_none();
    if (none && (keyword == "out" || keyword == "generator" || keyword == "dtype" || keyword == "device" || keyword == "layout" || keyword == "memory_format")) continue;
    if (keyword == "requires_grad") continue;
    if (keyword == "input" && kept.positional.empty()) {
      kept.positional.push_back(std::move(e));
      continue;
    }
    kept.keywords.emplace_back(keyword == "axis" ? "dim" : keyword == "keepdims" ? "keepdim" : keyword, std::move(e));
  }
  const bool reduces = name == "max" || name == "min" || name == "median" || name == "mode" || name == "cummax" || name == "cummin";
  std::string type = "Tensor";
  if (reduces) {
    bool dim = kept.positional.size() > 1 && TypeOf(kept.positional[1]) == "int";
    for (const auto& [keyword, e] : kept.keywords) dim |= keyword == "dim";
    if (dim) type = "Tuple[Tensor, Tensor]";
  }
  const auto returns = kReturns.find(name);
  if (returns != kReturns.end()) type = returns->second;
  return Exp::Dynamic("torch." + name + "(" + ArgumentText(kept, at) + ")", type);
}

}  // namespace fusepack::torchscript
