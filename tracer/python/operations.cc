// Python's operations: which method answers, in which order, and what is said when none does.
//
// Data model of the language reference, section 3.3: special methods are looked up on the class, never on the
// instance; a binary operator asks the right operand first when its class is a subclass that overrides the method.
#include <cmath>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"

namespace fusepack::py {

Type* Interpreter::TypeOf(const Value& v) const {
  switch (v.tag()) {
    case Value::Tag::kObject: return v.object()->type();
    case Value::Tag::kInt: return types_.integer;
    case Value::Tag::kFloat: return types_.floating;
    case Value::Tag::kBool: return types_.boolean;
    case Value::Tag::kNone:
    case Value::Tag::kNull: break;
  }
  return types_.none;
}

bool Interpreter::IsInstance(const Value& v, const Value& type_or_tuple) {
  if (auto* type = type_or_tuple.As<Type>()) {
    if (const Value check = type->type()->Override(Dunder::kInstanceCheck)) {
      return Truth(CallSpecial(*this, check, type_or_tuple, {v}));
    }
    if (TypeOf(v)->IsSubclassOf(type)) return true;
    // A proxy of an object may say another __class__.
    return false;
  }
  if (auto* tuple = type_or_tuple.As<Tuple>()) {
    CallScope scope(*this);
    for (const Value& t : tuple->items()) {
      if (IsInstance(v, t)) return true;
    }
    return false;
  }
  if (!type_or_tuple.is_object()) {
    RaiseTypeError("isinstance() arg 2 must be a type, a tuple of types, or a union");
  }
  Object* object = type_or_tuple.object();
  if (const Value check = object->type()->Override(Dunder::kInstanceCheck)) {
    return Truth(CallSpecial(*this, check, type_or_tuple, {v}));
  }
  return object->InstanceCheck(*this, v);
}

bool Interpreter::IsSubclass(const Value& cls, const Value& type_or_tuple) {
  auto* sub = cls.As<Type>();
  if (sub == nullptr) RaiseTypeError("issubclass() arg 1 must be a class");
  if (auto* tuple = type_or_tuple.As<Tuple>()) {
    CallScope scope(*this);
    for (const Value& t : tuple->items()) {
      if (IsSubclass(cls, t)) return true;
    }
    return false;
  }
  auto* type = type_or_tuple.As<Type>();
  if (Object* object = type_or_tuple.object_or_null()) {
    if (const Value check = object->type()->Override(Dunder::kSubclassCheck)) {
      return Truth(CallSpecial(*this, check, type_or_tuple, {cls}));
    }
  }
  if (type == nullptr) RaiseTypeError("issubclass() arg 2 must be a class, a tuple of classes, or a union");
  return sub->IsSubclassOf(type);
}

// --- Calls and attributes

Value Interpreter::Call(const Value& callee, const Args& args) {
  Object* object = callee.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(callee) + "' object is not callable");
  if (const Value call = object->type()->Override(Dunder::kCall)) {
    CallScope scope(*this);
    Value bound = BindAttribute(*this, call, callee, object->type());
    if (bound.Is(callee)) RaiseTypeError("'" + TypeName(callee) + "' object is not callable");
    return Call(bound, args);
  }
  CallScope scope(*this);
  return object->Call(*this, args);
}

Value Interpreter::CallMethod(const Value& self, std::string_view name, const Args& args) {
  return Call(GetAttr(self, Intern(name)), args);
}

bool Interpreter::IsCallable(const Value& v) {
  Object* object = v.object_or_null();
  if (object == nullptr) return false;
  return object->IsCallable() || object->type()->Has(*this, Dunder::kCall);
}

std::string Interpreter::CallableName(const Value& v) {
  if (auto* f = v.As<Function>()) return f->qualified_name->text();
  if (auto* f = v.As<NativeFunction>()) return f->name;
  if (auto* m = v.As<BoundMethod>()) return CallableName(m->function);
  if (auto* t = v.As<Type>()) return t->qualname();
  return TypeName(v) + " object";
}

namespace {

// Attributes of the immediates: methods of int, float, bool and None.
bool ImmediateAttr(Interpreter& in, const Value& v, Str* name, Value* out) {
  Type* type = in.TypeOf(v);
  Value attribute = type->Lookup(name);
  if (attribute) return *out = BindAttribute(in, attribute, v, type), true;
  if (name == in.names().__class__) return *out = Value(type), true;
  return false;
}

bool IsAttributeError(Interpreter& in, const Raised& raised) {
  return in.IsInstance(raised.exception, in.types().attribute_error);
}

}  // namespace

Value Interpreter::FindAttr(const Value& v, Str* name) {
  Object* object = v.object_or_null();
  Value out;
  if (object == nullptr) {
    ImmediateAttr(*this, v, name, &out);
    return out;
  }
  Type* type = object->type();
  if (type->native()) {
    try {
      if (!object->GetAttr(*this, name, &out)) return Value();
    } catch (Raised& raised) {  // a property that gave up
      if (!IsAttributeError(*this, raised)) throw;
      return Value();
    }
    return out;
  }
  const Value fallback = type->Override(Dunder::kGetAttr);
  const Value override_all = type->Override(Dunder::kGetAttribute);
  try {
    if (override_all) return CallSpecial(*this, override_all, v, {Value(name)});
    if (object->GetAttr(*this, name, &out)) return out;
  } catch (Raised& raised) {
    if (!IsAttributeError(*this, raised)) throw;
  }
  if (!fallback) return Value();
  try {
    return CallSpecial(*this, fallback, v, {Value(name)});
  } catch (Raised& raised) {
    if (!IsAttributeError(*this, raised)) throw;
  }
  return Value();
}

Value Interpreter::GetAttr(const Value& v, Str* name) {
  Object* object = v.object_or_null();
  Value out;
  if (object == nullptr) {
    if (!ImmediateAttr(*this, v, name, &out)) RaiseAttributeError(v, name);
    return out;
  }
  Type* type = object->type();
  if (type->native()) {
    if (!object->GetAttr(*this, name, &out)) RaiseAttributeError(v, name);
    return out;
  }
  const Value override_all = type->Override(Dunder::kGetAttribute);
  const Value fallback = type->Override(Dunder::kGetAttr);
  if (!fallback) {
    if (override_all) return CallSpecial(*this, override_all, v, {Value(name)});
    if (!object->GetAttr(*this, name, &out)) RaiseAttributeError(v, name);
    return out;
  }
  try {
    if (override_all) return CallSpecial(*this, override_all, v, {Value(name)});
    if (object->GetAttr(*this, name, &out)) return out;
  } catch (Raised& raised) {
    if (!IsAttributeError(*this, raised)) throw;
  }
  return CallSpecial(*this, fallback, v, {Value(name)});
}

void Interpreter::SetAttr(const Value& v, Str* name, const Value& value) {
  Object* object = v.object_or_null();
  if (object != nullptr) {
    if (const Value set = object->type()->Override(Dunder::kSetAttr)) {
      CallSpecial(*this, set, v, {Value(name), value});
      return;
    }
    if (object->SetAttr(*this, name, value)) return;
  }
  if (FindAttr(v, name)) {
    Raise(types_.attribute_error, "'" + TypeName(v) + "' object attribute '" + name->text() + "' is read-only");
  }
  RaiseAttributeError(v, name);
}

void Interpreter::DelAttr(const Value& v, Str* name) {
  Object* object = v.object_or_null();
  if (object != nullptr) {
    if (const Value del = object->type()->Override(Dunder::kDelAttr)) {
      CallSpecial(*this, del, v, {Value(name)});
      return;
    }
    if (object->DelAttr(*this, name)) return;
  }
  RaiseAttributeError(v, name);
}

Value Interpreter::FindSpecial(const Value& v, std::string_view name) {
  Type* type = TypeOf(v);
  Value attribute = type->Lookup(Intern(name));
  return attribute ? BindAttribute(*this, attribute, v, type) : Value();
}

// --- Operators

namespace {

Dunder Offset(Dunder first, BinOp op) { return static_cast<Dunder>(static_cast<int>(first) + static_cast<int>(op)); }
Dunder Offset(CmpOp op) { return static_cast<Dunder>(static_cast<int>(Dunder::kEq) + static_cast<int>(op)); }

// `self op other` as self's class has it (or `other op self`); null: NotImplemented.
Value AskBinary(Interpreter& in, const Value& self, BinOp op, const Value& other, bool reflected) {
  Object* object = self.object_or_null();
  if (object == nullptr) return Value();
  if (const Value method = object->type()->Override(Offset(reflected ? Dunder::kRAdd : Dunder::kAdd, op))) {
    if (method.is_none()) return Value();
    Value r = CallSpecial(in, method, self, {other});
    return r.Is(in.NotImplemented()) ? Value() : r;
  }
  return object->Binary(in, op, other, reflected);
}

Value AskCompare(Interpreter& in, const Value& self, CmpOp op, const Value& other) {
  Object* object = self.object_or_null();
  if (object == nullptr) return NumberCompare(op, self, other);
  Type* type = object->type();
  if (const Value method = type->Override(Offset(op))) {
    if (method.is_none()) return Value();
    Value r = CallSpecial(in, method, self, {other});
    return r.Is(in.NotImplemented()) ? Value() : r;
  }
  if (op == CmpOp::kNe) {
    if (const Value equal = type->Override(Dunder::kEq)) {
      Value r = CallSpecial(in, equal, self, {other});
      if (r.Is(in.NotImplemented())) return Value();
      return Value::Bool(!in.Truth(r));
    }
  }
  return object->Compare(in, op, other);
}

bool IsStrictSubclass(const Type* sub, const Type* super) { return sub != super && sub->IsSubclassOf(super); }

}  // namespace

Value Interpreter::Binary(BinOp op, const Value& a, const Value& b) {
  if (!a.is_object() && !b.is_object()) {
    if (Value r = NumberBinary(*this, op, a, b)) return r;
  } else {
    CallScope scope(*this);
    bool right_first = a.is_object() && b.is_object() && IsStrictSubclass(TypeOf(b), TypeOf(a));
    if (!right_first && a.is_float() && b.is_object() && b.object()->layout() == Layout::kFloatBox) right_first = true;
    if (!right_first && a.is_int() && b.is_object() && b.object()->layout() == Layout::kIntBox) right_first = true;
    Value r;
    if (right_first) r = AskBinary(*this, b, op, a, true);
    if (!r) r = AskBinary(*this, a, op, b, false);
    if (!r && !right_first) r = AskBinary(*this, b, op, a, true);
    if (!r) r = NumberBinary(*this, op, a, b);
    if (r) return r;
  }
  auto is_sequence = [](const Value& v) { return v.As<Str>() || v.As<Bytes>() || v.As<Tuple>() || v.As<List>(); };
  if (op == BinOp::kMul && (is_sequence(a) || is_sequence(b))) {
    RaiseTypeError("can't multiply sequence by non-int of type '" + TypeName(is_sequence(a) ? b : a) + "'");
  }
  RaiseTypeError("unsupported operand type(s) for " + std::string(OperatorText(op)) + ": '" + TypeName(a) + "' and '" +
                 TypeName(b) + "'");
}

Value Interpreter::Inplace(BinOp op, const Value& a, const Value& b) {
  if (Object* object = a.object_or_null()) {
    CallScope scope(*this);
    Value r;
    if (const Value method = object->type()->Override(Offset(Dunder::kIAdd, op))) {
      r = CallSpecial(*this, method, a, {b});
      if (r.Is(NotImplemented())) r = Value();
    } else {
      r = object->Inplace(*this, op, b);
    }
    if (r) return r;
  }
  try {
    return Binary(op, a, b);
  } catch (Raised& raised) {
    auto* e = raised.exception.As<ExceptionObject>();
    std::string plain = "unsupported operand type(s) for " + std::string(OperatorText(op)) + ": ";
    if (e->type() == types_.type_error && e->traceback.empty()) {
      std::string text = e->ToStr(*this);
      if (text.starts_with(plain)) {
        std::string symbol = op == BinOp::kPow ? "**" : OperatorText(op);
        RaiseTypeError("unsupported operand type(s) for " + symbol + "=: " + text.substr(plain.size()));
      }
    }
    throw;
  }
}

Value Interpreter::Unary(UnOp op, const Value& v) {
  if (Value r = NumberUnary(*this, op, v); r && !v.is_object()) return r;
  if (Object* object = v.object_or_null()) {
    CallScope scope(*this);
    Dunder dunder = op == UnOp::kNeg ? Dunder::kNeg : op == UnOp::kPos ? Dunder::kPos : Dunder::kInvert;
    if (const Value method = object->type()->Override(dunder)) return CallSpecial(*this, method, v, {});
    if (Value r = object->Unary(*this, op)) return r;
  }
  static constexpr const char* kText[] = {"-", "+", "~"};
  RaiseTypeError("bad operand type for unary " + std::string(kText[static_cast<int>(op)]) + ": '" + TypeName(v) + "'");
}

Value Interpreter::Compare(CmpOp op, const Value& a, const Value& b) {
  if (!a.is_object() && !b.is_object()) {
    if (Value r = NumberCompare(op, a, b)) return r;
  } else {
    CallScope scope(*this);
    bool right_first = IsStrictSubclass(TypeOf(b), TypeOf(a));
    Value r;
    if (right_first) r = AskCompare(*this, b, Swapped(op), a);
    if (!r) r = AskCompare(*this, a, op, b);
    if (!r && !right_first) r = AskCompare(*this, b, Swapped(op), a);
    if (r) return r;
  }
  if (op == CmpOp::kEq) return Value::Bool(a.Is(b));
  if (op == CmpOp::kNe) return Value::Bool(!a.Is(b));
  RaiseTypeError("'" + std::string(OperatorText(op)) + "' not supported between instances of '" + TypeName(a) +
                 "' and '" + TypeName(b) + "'");
}

bool Interpreter::Equal(const Value& a, const Value& b) {
  if (a.Is(b)) return true;  // also nan in a list, as CPython finds it by identity
  return Truth(Compare(CmpOp::kEq, a, b));
}

bool Interpreter::Truth(const Value& v) {
  switch (v.tag()) {
    case Value::Tag::kNull:
    case Value::Tag::kNone: return false;
    case Value::Tag::kBool:
    case Value::Tag::kInt: return v.integer() != 0;
    case Value::Tag::kFloat: return v.number() != 0;
    case Value::Tag::kObject: break;
  }
  Object* object = v.object();
  Type* type = object->type();
  if (!type->native()) {
    if (const Value method = type->Override(Dunder::kBool)) {
      Value r = CallSpecial(*this, method, v, {});
      if (!r.is_bool()) RaiseTypeError("__bool__ should return bool, returned " + TypeName(r));
      return r.boolean();
    }
    if (const Value method = type->Override(Dunder::kLen)) {
      return Index(CallSpecial(*this, method, v, {})) != 0;
    }
  }
  return object->Truth(*this);
}

bool Interpreter::Contains(const Value& container, const Value& item) {
  Object* object = container.object_or_null();
  if (object == nullptr) RaiseTypeError("argument of type '" + TypeName(container) + "' is not iterable");
  CallScope scope(*this);
  if (const Value method = object->type()->Override(Dunder::kContains)) {
    return Truth(CallSpecial(*this, method, container, {item}));
  }
  if (object->type()->Override(Dunder::kIter)) return object->Object::Contains(*this, item);
  return object->Contains(*this, item);
}

bool Interpreter::IsIterableObject(const Value& v) {
  Object* object = v.object_or_null();
  return object != nullptr && object->layout() == Layout::kOther && object->type()->native();
}

Value Interpreter::Iter(const Value& v) {
  Object* object = v.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(v) + "' object is not iterable");
  Type* type = object->type();
  if (!type->native()) {
    if (const Value method = type->Override(Dunder::kIter)) {
      if (method.is_none()) RaiseTypeError("'" + TypeName(v) + "' object is not iterable");
      Value iterator = CallSpecial(*this, method, v, {});
      if (!TypeOf(iterator)->Has(*this, Dunder::kNext)) {
        RaiseTypeError("iter() returned non-iterator of type '" + TypeName(iterator) + "'");
      }
      return iterator;
    }
    if (type->Override(Dunder::kGetItem) && !type->Has(*this, Dunder::kIter)) {
      // The old protocol: indices from 0 until IndexError.
      return NewIterator([sequence = v, i = int64_t{0}](Interpreter& in, Value* out) mutable {
        try {
          *out = in.GetItem(sequence, Value::Int(i++));
          return true;
        } catch (Raised& raised) {
          if (in.IsInstance(raised.exception, in.types().index_error) ||
              in.IsInstance(raised.exception, in.types().stop_iteration)) {
            return false;
          }
          throw;
        }
      });
    }
  }
  return object->Iter(*this);
}

bool Interpreter::Next(const Value& iterator, Value* out) {
  Object* object = iterator.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(iterator) + "' object is not an iterator");
  CallScope scope(*this);
  if (const Value method = object->type()->Override(Dunder::kNext)) {
    try {
      *out = CallSpecial(*this, method, iterator, {});
      return true;
    } catch (Raised& raised) {
      if (!IsInstance(raised.exception, types_.stop_iteration)) throw;
      return false;
    }
  }
  return object->Next(*this, out);
}

int64_t Interpreter::Len(const Value& v) {
  Object* object = v.object_or_null();
  if (object == nullptr) RaiseTypeError("object of type '" + TypeName(v) + "' has no len()");
  if (const Value method = object->type()->Override(Dunder::kLen)) {
    Value r = CallSpecial(*this, method, v, {});
    int64_t n;
    if (!FindIndex(r, &n)) RaiseTypeError("'" + TypeName(r) + "' object cannot be interpreted as an integer");
    if (n < 0) RaiseValueError("__len__() should return >= 0");
    return n;
  }
  return object->Len(*this);
}

Value Interpreter::GetItem(const Value& v, const Value& key) {
  Object* object = v.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(v) + "' object is not subscriptable");
  if (const Value method = object->type()->Override(Dunder::kGetItem)) return CallSpecial(*this, method, v, {key});
  return object->GetItem(*this, key);
}

void Interpreter::SetItem(const Value& v, const Value& key, const Value& value) {
  Object* object = v.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(v) + "' object does not support item assignment");
  if (const Value method = object->type()->Override(Dunder::kSetItem)) {
    CallSpecial(*this, method, v, {key, value});
    return;
  }
  object->SetItem(*this, key, value);
}

void Interpreter::DelItem(const Value& v, const Value& key) {
  Object* object = v.object_or_null();
  if (object == nullptr) RaiseTypeError("'" + TypeName(v) + "' object doesn't support item deletion");
  if (const Value method = object->type()->Override(Dunder::kDelItem)) {
    CallSpecial(*this, method, v, {key});
    return;
  }
  object->DelItem(*this, key);
}

// --- Text, hash, numbers

std::string Interpreter::Repr(const Value& v) {
  switch (v.tag()) {
    case Value::Tag::kNull: return "<unbound>";
    case Value::Tag::kNone: return "None";
    case Value::Tag::kBool: return v.boolean() ? "True" : "False";
    case Value::Tag::kInt: return std::to_string(v.integer());
    case Value::Tag::kFloat: return FloatRepr(v.number());
    case Value::Tag::kObject: break;
  }
  DepthScope scope(*this);
  Object* object = v.object();
  if (const Value method = object->type()->Override(Dunder::kRepr)) {
    Value r = CallSpecial(*this, method, v, {});
    if (r.As<Str>() == nullptr) RaiseTypeError("__repr__ returned non-string (type " + TypeName(r) + ")");
    return r.As<Str>()->text();
  }
  return object->Repr(*this);
}

std::string Interpreter::ToStr(const Value& v) {
  Object* object = v.object_or_null();
  if (object == nullptr) return Repr(v);
  if (const Value method = object->type()->Override(Dunder::kStr)) {
    DepthScope scope(*this);
    Value r = CallSpecial(*this, method, v, {});
    if (r.As<Str>() == nullptr) RaiseTypeError("__str__ returned non-string (type " + TypeName(r) + ")");
    return r.As<Str>()->text();
  }
  if (object->type()->Override(Dunder::kRepr) && !object->type()->native_base()->Has(*this, Dunder::kStr)) return Repr(v);
  if (object->layout() == Layout::kInstance) return Repr(v);
  DepthScope scope(*this);
  return object->ToStr(*this);
}

std::string Interpreter::Format(const Value& v, const std::string& spec) {
  if (Object* object = v.object_or_null()) {
    Value method = object->type()->Override(Dunder::kFormat);
    // A native class's own __format__ (tensors) is an ordinary method of it.
    if (!method && object->layout() == Layout::kOther) {
      Value own = object->type()->Lookup(Intern("__format__"));
      if (auto* f = own.As<NativeFunction>(); f != nullptr && f->signature != nullptr) method = own;
    }
    if (method) {
      Value r = CallSpecial(*this, method, v, {Value(NewStr(spec))});
      if (r.As<Str>() == nullptr) RaiseTypeError("__format__ must return a str, not " + TypeName(r));
      return r.As<Str>()->text();
    }
  }
  return FormatSlot(*this, v, spec);
}

uint64_t Interpreter::Hash(const Value& v) {
  switch (v.tag()) {
    case Value::Tag::kNull:
    case Value::Tag::kNone: return 0xfca86420;
    case Value::Tag::kBool:
    case Value::Tag::kInt: return HashInt(v.integer());
    case Value::Tag::kFloat: return HashFloat(v.number());
    case Value::Tag::kObject: break;
  }
  Object* object = v.object();
  if (object->layout() == Layout::kStr && object->type()->native()) return static_cast<Str*>(object)->hash();
  if (const Value method = object->type()->Override(Dunder::kHash)) {
    if (method.is_none()) RaiseTypeError("unhashable type: '" + TypeName(v) + "'");
    return static_cast<uint64_t>(Index(CallSpecial(*this, method, v, {})));
  }
  DepthScope scope(*this);
  return object->Hash(*this);
}

std::vector<Value> Interpreter::ToVector(const Value& iterable) {
  if (auto* tuple = iterable.As<Tuple>(); tuple != nullptr && tuple->type()->native()) {
    Step(static_cast<int64_t>(tuple->size()));
    return tuple->items();
  }
  if (auto* list = iterable.As<List>(); list != nullptr && list->type()->native()) {
    Step(static_cast<int64_t>(list->size()));
    return list->items();
  }
  std::vector<Value> items;
  Value iterator = Iter(iterable);
  Value item;
  MemoryCharge charge;
  while (Next(iterator, &item)) {
    Step();
    if (items.size() == items.capacity()) {
      size_t capacity = std::max<size_t>(16, items.capacity() * 2);
      charge.Set(heap_, static_cast<int64_t>(capacity * sizeof(Value)));
      items.reserve(capacity);
    }
    items.push_back(std::move(item));
  }
  return items;
}

bool Interpreter::FindIndex(const Value& v, int64_t* out) {
  if (v.is_int() || v.is_bool()) return *out = v.integer(), true;
  Object* object = v.object_or_null();
  if (object == nullptr) return false;
  if (const Value method = object->type()->Override(Dunder::kIndex)) {
    Value r = CallSpecial(*this, method, v, {});
    if (!r.is_int() && !r.is_bool()) RaiseTypeError("__index__ returned non-int (type " + TypeName(r) + ")");
    return *out = r.integer(), true;
  }
  return object->AsIndex(*this, out);
}

int64_t Interpreter::Index(const Value& v) {
  int64_t out;
  if (!FindIndex(v, &out)) RaiseTypeError("'" + TypeName(v) + "' object cannot be interpreted as an integer");
  return out;
}

bool Interpreter::FindFloat(const Value& v, double* out) {
  if (v.is_float()) return *out = v.number(), true;
  if (v.is_int() || v.is_bool()) return *out = static_cast<double>(v.integer()), true;
  Object* object = v.object_or_null();
  if (object == nullptr) return false;
  if (const Value method = object->type()->Override(Dunder::kFloat)) {
    Value r = CallSpecial(*this, method, v, {});
    if (!r.is_float()) RaiseTypeError(TypeName(v) + ".__float__ returned non-float (type " + TypeName(r) + ")");
    return *out = r.number(), true;
  }
  if (object->AsFloat(*this, out)) return true;
  int64_t i;
  if (FindIndex(v, &i)) return *out = static_cast<double>(i), true;
  return false;
}

double Interpreter::Float(const Value& v) {
  double out;
  if (!FindFloat(v, &out)) RaiseTypeError("must be real number, not " + TypeName(v));
  return out;
}

}  // namespace fusepack::py
