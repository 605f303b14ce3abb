// Expressions: what each is, a value that is known or text. Operators of known constants are folded; a comparison with
// None is known where the other side certainly is something; `a and b` stops at what is known to be false.
#include <algorithm>
#include <functional>

#include "tracer/python/ast_walk.h"
#include "tracer/python/module.h"
#include "tracer/python/resolve.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torchscript/body.h"

namespace fusepack::torchscript {

namespace {

const std::map<std::string_view, const char*> kTensorAttributes = {
    {"shape", "List[int]"}, {"dtype", "int"}, {"device", "Device"}, {"ndim", "int"}, {"is_cuda", "bool"}, {"requires_grad", "bool"},
    {"data", "Tensor"}, {"T", "Tensor"}, {"mT", "Tensor"}, {"is_quantized", "bool"}, {"is_nested", "bool"}, {"is_sparse", "bool"},
    {"layout", "int"}, {"is_mkldnn", "bool"}, {"grad", "Optional[Tensor]"}, {"is_meta", "bool"}, {"itemsize", "int"}};

}  // namespace

Exp Body::Condition(const ast::Expr& e) {
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

bool Body::IsText(const Exp& e) {
  switch (e.kind) {
    case Kind::kDynamic: return true;
    case Kind::kStatic: return IsConstant(e.value);
    case Kind::kItems:
      return std::all_of(e.items.begin(), e.items.end(), [&](const Exp& item) { return IsText(item); });
    default: return false;
  }
}

std::string Body::Text(const Exp& e, const ast::Node& at) {
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

std::string Body::TypeOf(const Exp& e) {
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
        for (const std::string& t : types) meet = MeetTypes(meet, t);
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

Exp Body::Variable(const std::string& name, const ast::Node& at) {
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

Exp Body::Self() {
  Exp e;
  e.kind = Kind::kModule;
  e.text = self_;
  e.cls = cls_;
  e.value = cls_->example;
  return e;
}

Exp Body::Eval(const ast::Expr& e) {
  in_.Step();
  if (++nesting_ > kMaxNesting) Fail(&e, "an expression nested this deep");
  Exp out = EvalNew(e);
  nesting_--;
  return out;
}

Exp Body::EvalNew(const ast::Expr& e) {
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
    default: c_.Fail(Place(&e), std::string("the expression ") + ast::KindName(e.kind) + " is not supported by TorchScript", Compiler::kUnsupportedNode);
  }
}

Exp Body::Constant(const ast::Constant& k) {
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

Exp Body::Items(std::vector<Exp> items, bool list) {
  Exp out;
  out.kind = Kind::kItems;
  out.items = std::move(items);
  out.is_list = list;
  return out;
}

Exp Body::Display(ast::ExprSeq elements, bool list) {
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

Exp Body::DictDisplay(const ast::Dict& d) {
  std::string text = "{", key_type, value_type;
  for (size_t i = 0; i < d.keys.size(); i++) {
    if (d.keys[i] == nullptr) Fail(&d, "** in a dict");
    const Exp key = Eval(*d.keys[i]), value = Eval(*d.values[i]);
    text += (i ? ", " : "") + Text(key, d) + ": " + Text(value, d);
    key_type = i ? MeetTypes(key_type, TypeOf(key)) : TypeOf(key);
    value_type = i ? MeetTypes(value_type, TypeOf(value)) : TypeOf(value);
  }
  if (d.keys.empty()) return Exp::Dynamic("{}", "Dict[str, Tensor]");
  return Exp::Dynamic(text + "}", key_type.empty() || value_type.empty() ? "" : "Dict[" + key_type + ", " + value_type + "]");
}

// Elements of something whose number is known.
std::vector<Exp> Body::ItemsOf(const Exp& e, const ast::Node& at) {
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

Exp Body::Child(const Exp& module, const std::string& name, const Value& value) {
  Exp e;
  e.kind = Kind::kModule;
  e.text = IsPlainName(name) ? module.text + "." + name : "getattr(" + module.text + ", \"" + name + "\")";
  e.value = value;
  const auto found = module.cls->children.find(name);
  e.cls = found != module.cls->children.end() ? found->second : c_.TypeOfModule(value);
  return e;
}

// Children of a Sequential, ModuleList, ModuleDict (names) or tensors of a ParameterList.
std::vector<Exp> Body::Children(const Exp& e, const ast::Node& at, bool values) {
  std::vector<Exp> out;
  if (!IsContainer(e)) Wrong(&at, "module '" + e.text + "' is not iterable");
  const bool dict = ContainerName(e).find("Dict") != std::string::npos;
  for (const auto& [name, value] : ChildEntries(e)) {
    if (dict && !values) out.push_back(Exp::Static(Value(in_.NewStr(name))));
    else out.push_back(c_.IsModule(value) ? Child(e, name, value) : Exp::Dynamic(Member(e.text, name), "Tensor"));
  }
  return out;
}

std::string Body::Member(const std::string& object, const std::string& name) {
  return IsPlainName(name) ? object + "." + name : "getattr(" + object + ", \"" + name + "\")";
}

std::vector<std::pair<std::string, Value>> Body::ChildEntries(const Exp& e) {
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
std::string Body::ContainerName(const Exp& e) {
  static const std::set<std::string> kContainers = {"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"};
  if (!e.value) return "";
  for (py::Type* type : in_.TypeOf(e.value)->mro()) {
    if (kContainers.count(type->name()) && type->module().rfind("torch.nn", 0) == 0) return type->name();
  }
  return "";
}

Exp Body::Attribute(const ast::Attribute& a) {
  if (const auto* call = a.value->Maybe<ast::Call>()) {
    const auto* name = call->function->Maybe<ast::Name>();
    if (name != nullptr && name->id == "super" && !env_.count("super")) return SuperMethod(a, *call);
  }
  const Exp object = Eval(*a.value);
  return AttributeOf(object, std::string(a.attribute), a);
}

Exp Body::SuperMethod(const ast::Attribute& a, const ast::Call& call) {
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

Exp Body::AttributeOf(const Exp& object, const std::string& name, const ast::Node& at) {
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

Exp Body::MemberOf(const Exp& object, const std::string& name) {
  Exp e;
  e.kind = Kind::kMember;
  e.text = object.text;
  e.type = object.type;
  e.name = name;
  return e;
}

Exp Body::DynamicAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
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

ClassType* Body::ClassNamed(const std::string& type) {
  if (type.rfind("__torch__.", 0) != 0) return nullptr;
  for (const auto& cls : c_.classes_) {
    if (cls->qualified() == type) return cls.get();
  }
  return nullptr;
}

// Of a script class's object, a NamedTuple or an enum member.
Exp Body::ObjectAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
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

bool Body::Assigns(const Exp& module, const std::string& name) {
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

Exp Body::ModuleAttribute(const Exp& object, const std::string& name, const ast::Node& at) {
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

std::string Body::Arithmetic(ast::BinaryOperator op, const std::string& a, const std::string& b) {
  if (a == "Tensor" || b == "Tensor") return "Tensor";
  if (a.empty() || b.empty()) return "";
  if (op == ast::BinaryOperator::kDiv && (a == "int" || a == "float") && (b == "int" || b == "float")) return "float";
  if (a == b) return a;
  if ((a == "int" && b == "float") || (a == "float" && b == "int")) return "float";
  if (op == ast::BinaryOperator::kMod && a == "str") return "str";
  if (op == ast::BinaryOperator::kMult && a.rfind("List[", 0) == 0) return a;
  return "";
}

py::BinOp Body::ToBinOp(ast::BinaryOperator op) {
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

Exp Body::Binary(ast::BinaryOperator op, const Exp& a, const Exp& b, const ast::Node& at) {
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
  return Exp::Dynamic("(" + left + " " + ast::OperatorText(op) + " " + right + ")", Arithmetic(op, TypeOf(a), TypeOf(b)));
}

Exp Body::Unary(const ast::UnaryOp& u) {
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

Exp Body::Boolean(const ast::BoolOp& b) {
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

Exp Body::Comparison(const ast::Compare& c) {
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

Exp Body::Compare(ast::CompareOperator op, const Exp& a, const Exp& b, const ast::Node& at) {
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

Exp Body::Ternary(const ast::IfExp& e) {
  const Exp test = Condition(*e.test);
  if (test.is_static()) return Eval(in_.Truth(test.value) ? *e.body : *e.orelse);
  const Env before = env_;
  Refine(*e.test, true);
  const Exp yes = Eval(*e.body);
  env_ = before;
  Refine(*e.test, false);
  const Exp no = Eval(*e.orelse);
  env_ = before;
  return Exp::Dynamic("(" + Text(yes, e) + " if " + test.text + " else " + Text(no, e) + ")", MeetTypes(TypeOf(yes), TypeOf(no)));
}

std::string Body::IndexText(const ast::Expr& index) {
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

Exp Body::Subscript(const ast::Subscript& s) {
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
    element = ElementType(type);
  }
  return Exp::Dynamic(Text(object, s) + "[" + Text(index, s) + "]", element);
}

Exp Body::SliceKnown(const Exp& object, const ast::Slice& slice, const ast::Subscript& s) {
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
Exp Body::ModuleItem(const Exp& object, const ast::Subscript& s) {
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

Exp Body::FString(const ast::JoinedStr& j) {
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

Exp Body::Comprehension(const ast::Expr* element, ast::Seq<ast::Comprehension> generators, const ast::Expr& at) {
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
  const std::string target = TargetText(*g.target, ElementType(iter.type));
  const Exp value = Eval(*element);
  env_ = before;
  const std::string type = TypeOf(value);
  return Exp::Dynamic("[" + Text(value, at) + " for " + target + " in " + iter.text + "]", type.empty() ? "" : "List[" + type + "]");
}

// Names of a comprehension over known elements.
void Body::BindKnown(const ast::Expr& target, const Exp& e) {
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

Exp Body::DictComprehension(const ast::DictComp& d) {
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
  const std::string target = TargetText(*d.generators[0].target, ElementType(iter.type));
  const Exp key = Eval(*d.key), value = Eval(*d.value);
  env_ = before;
  return Exp::Dynamic("{" + Text(key, d) + ": " + Text(value, d) + " for " + target + " in " + iter.text + "}", "");
}

}  // namespace fusepack::torchscript
