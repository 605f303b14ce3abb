// Classes: C3 order of bases, attribute lookup with caches, the class statement.
//
// Caches hold along with the interpreter's class epoch: any store to a class attribute moves it on and every class
// then forgets what it knew. Making a class changes no other class, so it leaves the epoch alone.
#include <algorithm>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"

namespace fusepack::py {

const Value Type::kNoOverride;

namespace {

constexpr int64_t kLookupBytes = 64;   // an entry of a class's attribute cache
constexpr int64_t kClassBytes = 3072;  // a class's tables, besides its dict

}  // namespace

const char* DunderName(Dunder dunder) {
  static constexpr const char* kNames[] = {
      "__new__", "__init__", "__call__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__get__",
      "__set__", "__delete__", "__getitem__", "__setitem__", "__delitem__", "__len__", "__bool__", "__iter__",
      "__next__", "__contains__", "__repr__", "__str__", "__format__", "__hash__", "__eq__", "__ne__", "__lt__",
      "__le__", "__gt__", "__ge__", "__neg__", "__pos__", "__invert__", "__abs__", "__index__", "__int__", "__float__",
      "__enter__", "__exit__", "__missing__", "__reversed__", "__round__", "__instancecheck__", "__subclasscheck__",
      "__dir__",
      "__add__", "__sub__", "__mul__", "__matmul__", "__truediv__", "__floordiv__", "__mod__", "__pow__", "__lshift__",
      "__rshift__", "__and__", "__xor__", "__or__",
      "__radd__", "__rsub__", "__rmul__", "__rmatmul__", "__rtruediv__", "__rfloordiv__", "__rmod__", "__rpow__",
      "__rlshift__", "__rrshift__", "__rand__", "__rxor__", "__ror__",
      "__iadd__", "__isub__", "__imul__", "__imatmul__", "__itruediv__", "__ifloordiv__", "__imod__", "__ipow__",
      "__ilshift__", "__irshift__", "__iand__", "__ixor__", "__ior__"};
  static_assert(std::size(kNames) == kDunderCount);
  return kNames[static_cast<size_t>(dunder)];
}

std::string Type::FullName() const {
  return module_.empty() || module_ == "builtins" ? qualname_ : module_ + "." + qualname_;
}

bool Type::IsSubclassOf(const Type* other) const {
  if (this == other) return true;
  for (const Type* t : mro_) {
    if (t == other) return true;
  }
  return false;
}

Value Type::Lookup(Str* name) const {
  if (lookups_epoch_ != in_->class_epoch_) {
    heap_.Release(kLookupBytes * static_cast<int64_t>(lookups_.size()));
    lookups_.clear();
    lookups_epoch_ = in_->class_epoch_;
  }
  auto it = lookups_.find(name);
  if (it != lookups_.end()) return it->second;
  Value found;
  for (const Type* t : mro_) {
    if (Value* v = t->dict()->table.Find(name)) {
      found = *v;
      break;
    }
  }
  if (!name->interned()) return found;
  heap_.Charge(kLookupBytes);
  lookups_.emplace(name, found);
  return found;
}

const Value& Type::PythonOverride(Dunder dunder) const {
  if (overrides_epoch_ != in_->class_epoch_ || overrides_.empty()) {
    overrides_.assign(kDunderCount, Value());
    for (size_t d = 0; d < kDunderCount; ++d) {
      Str* name = in_->Intern(DunderName(static_cast<Dunder>(d)));
      for (const Type* t : mro_) {
        if (Value* v = t->dict()->table.Find(name)) {
          if (!t->native_) overrides_[d] = *v;
          break;
        }
      }
    }
    overrides_epoch_ = in_->class_epoch_;
  }
  return overrides_[static_cast<size_t>(dunder)];
}

bool Type::Has(Interpreter& in, Dunder dunder) const {
  Value v = Lookup(in.Intern(DunderName(dunder)));
  return v && !v.is_none();
}

// --- Attributes

Value BindAttribute(Interpreter& in, const Value& attribute, const Value& self, Type* owner) {
  Object* object = attribute.object_or_null();
  if (object == nullptr) return attribute;
  switch (object->layout()) {
    case Layout::kFunction:
      return self ? Value(in.New<BoundMethod>(in.types().method, attribute, self)) : attribute;
    case Layout::kNativeFunction:
      if (self && static_cast<NativeFunction*>(object)->is_method) {
        return Value(in.New<BoundMethod>(in.types().native_function, attribute, self));
      }
      return attribute;
    case Layout::kProperty: {
      if (Value get = object->type()->Override(Dunder::kGet)) {
        return CallSpecial(in, get, attribute, {self ? self : Value::None(), owner != nullptr ? Value(owner) : Value(in.TypeOf(self))});
      }
      if (!self) return attribute;
      auto* property = static_cast<Property*>(object);
      if (property->get.is_none()) in.Raise(in.types().attribute_error, "property has no getter");
      return in.Call(property->get, {self});
    }
    case Layout::kInstance:
    case Layout::kOther: break;
    default: return attribute;
  }
  if (auto* getset = dynamic_cast<GetSet*>(object)) {
    return self ? getset->property.get(in, self) : attribute;
  }
  if (auto* method = dynamic_cast<StaticMethod*>(object)) return method->function;
  if (auto* method = dynamic_cast<ClassMethod*>(object)) {
    Value cls = owner != nullptr ? Value(owner) : Value(in.TypeOf(self));
    if (auto* function = method->function.object_or_null();
        function != nullptr && (function->layout() == Layout::kFunction || function->layout() == Layout::kNativeFunction)) {
      return Value(in.New<BoundMethod>(in.types().method, method->function, cls));
    }
    return BindAttribute(in, method->function, cls, nullptr);
  }
  if (Value get = object->type()->Override(Dunder::kGet)) {
    Value cls = owner != nullptr ? Value(owner) : Value(in.TypeOf(self));
    return CallSpecial(in, get, attribute, {self ? self : Value::None(), cls});
  }
  return attribute;
}

bool IsDataDescriptor(const Value& attribute) {
  Object* object = attribute.object_or_null();
  if (object == nullptr) return false;
  switch (object->layout()) {
    case Layout::kProperty: return true;
    case Layout::kInstance: return object->type()->Override(Dunder::kSet) || object->type()->Override(Dunder::kDelete);
    case Layout::kOther: return dynamic_cast<GetSet*>(object) != nullptr;
    default: return false;
  }
}

bool GenericGetAttr(Interpreter& in, Object* self, Str* name, Value* out) {
  Type* type = self->type();
  Value attribute = type->Lookup(name);
  if (attribute && IsDataDescriptor(attribute)) {
    *out = BindAttribute(in, attribute, Value(self), type);
    return true;
  }
  if (Dict* dict = self->dict()) {
    if (Value* v = dict->table.Find(name)) {
      *out = *v;
      return true;
    }
  }
  if (attribute) {
    *out = BindAttribute(in, attribute, Value(self), type);
    return true;
  }
  if (name == in.names().__class__) {
    *out = Value(type);
    return true;
  }
  if (name == in.names().__dict__ && type->instances_have_dict()) {
    *out = Value(self->EnsureDict());
    return true;
  }
  return false;
}

bool GenericSetAttr(Interpreter& in, Object* self, Str* name, const Value& value) {
  Type* type = self->type();
  Value attribute = type->Lookup(name);
  if (Object* descriptor = attribute.object_or_null()) {
    if (auto* property = attribute.As<Property>()) {
      if (property->set.is_none()) {
        in.Raise(in.types().attribute_error,
                 "property '" + name->text() + "' of '" + type->name() + "' object has no setter");
      }
      in.Call(property->set, {Value(self), value});
      return true;
    }
    if (descriptor->layout() == Layout::kOther) {
      if (auto* getset = dynamic_cast<GetSet*>(descriptor)) {
        if (!getset->property.set) {
          in.Raise(in.types().attribute_error, "attribute '" + name->text() + "' of '" + type->name() +
                                                   "' objects is not writable");
        }
        getset->property.set(in, Value(self), value);
        return true;
      }
    }
    if (descriptor->layout() == Layout::kInstance) {
      if (Value set = descriptor->type()->Override(Dunder::kSet)) {
        CallSpecial(in, set, attribute, {Value(self), value});
        return true;
      }
    }
  }
  if (name == in.names().__class__) {
    auto* cls = value.As<Type>();
    if (cls == nullptr || cls->native_base() != type->native_base() || cls->native() || type->native()) {
      in.RaiseTypeError("__class__ assignment: object layouts differ");
    }
    self->set_type(cls);
    return true;
  }
  if (!type->instances_have_dict()) return false;
  if (name == in.names().__dict__) {
    auto* dict = value.As<Dict>();
    if (dict == nullptr) in.RaiseTypeError("__dict__ must be set to a dictionary, not a '" + in.TypeName(value) + "'");
    self->set_dict(dict);
    return true;
  }
  self->EnsureDict()->Set(name, value);
  return true;
}

bool GenericDelAttr(Interpreter& in, Object* self, Str* name) {
  Value attribute = self->type()->Lookup(name);
  if (auto* property = attribute.As<Property>()) {
    if (property->del.is_none()) {
      in.Raise(in.types().attribute_error,
               "property '" + name->text() + "' of '" + self->type()->name() + "' object has no deleter");
    }
    in.Call(property->del, {Value(self)});
    return true;
  }
  if (Object* descriptor = attribute.object_or_null(); descriptor != nullptr && descriptor->layout() == Layout::kInstance) {
    if (Value del = descriptor->type()->Override(Dunder::kDelete)) {
      CallSpecial(in, del, attribute, {Value(self)});
      return true;
    }
  }
  return self->dict() != nullptr && self->dict()->table.Erase(name);
}

Value FindMethod(Interpreter&, const Value& v, Str* name) {
  Object* object = v.object_or_null();
  if (object == nullptr) return Value();
  switch (object->layout()) {
    case Layout::kInstance:
    case Layout::kStr:
    case Layout::kBytes:
    case Layout::kTuple:
    case Layout::kList:
    case Layout::kDict:
    case Layout::kSet: break;
    default: return Value();
  }
  Type* type = object->type();
  if (type->Override(Dunder::kGetAttribute)) return Value();
  Value attribute = type->Lookup(name);
  Object* function = attribute.object_or_null();
  if (function == nullptr) return Value();
  bool binds = function->layout() == Layout::kFunction ||
               (function->layout() == Layout::kNativeFunction && static_cast<NativeFunction*>(function)->is_method);
  if (!binds) return Value();
  if (object->dict() != nullptr && object->dict()->table.Find(name) != nullptr) return Value();
  return attribute;
}

Value CallSpecial(Interpreter& in, const Value& function, const Value& self, std::initializer_list<Value> args) {
  if (function.is_none()) in.RaiseTypeError("'NoneType' object is not callable");
  if (function.As<Function>() != nullptr || function.As<NativeFunction>() != nullptr) {
    std::vector<Value> all;
    all.reserve(args.size() + 1);
    all.push_back(self);
    all.insert(all.end(), args.begin(), args.end());
    return in.Call(function, Args(all));
  }
  return in.Call(BindAttribute(in, function, self, in.TypeOf(self)), Args(args));
}

// --- Attributes of classes

bool Type::GetAttr(Interpreter& in, Str* name, Value* out) {
  const CoreNames& n = in.names();
  if (name->text().starts_with("__")) {
    if (name == n.__name__) return *out = Value(in.NewStr(name_)), true;
    if (name == n.__qualname__) return *out = Value(in.NewStr(qualname_)), true;
    if (name == n.__module__) {
      return *out = Value(in.NewStr(module_.empty() ? "builtins" : module_)), true;
    }
    if (name == n.__dict__) return *out = Value(in.New<MappingProxy>(in.types().mapping_proxy, Value(dict()))), true;
    if (name == n.__class__) return *out = Value(type()), true;
    if (name == n.__doc__) {
      Value v = dict()->Get(name);
      return *out = v ? v : Value::None(), true;
    }
    if (name == n.__mro__) return *out = Value(in.NewTuple(std::vector<Value>(mro_.begin(), mro_.end()))), true;
    if (name == n.__bases__) return *out = Value(in.NewTuple(std::vector<Value>(bases_.begin(), bases_.end()))), true;
    if (name == n.__base__) return *out = bases_.empty() ? Value::None() : Value(bases_[0]), true;
    if (name == n.__annotations__) {
      Value v = dict()->Get(name);
      if (!v) {
        v = Value(in.NewDict());
        dict()->Set(name, v);
      }
      return *out = v, true;
    }
  }
  Value meta = type()->Lookup(name);
  if (meta && IsDataDescriptor(meta)) return *out = BindAttribute(in, meta, Value(this), type()), true;
  if (Value own = Lookup(name)) return *out = BindAttribute(in, own, Value(), this), true;
  if (meta) return *out = BindAttribute(in, meta, Value(this), type()), true;
  return false;
}

bool Type::SetAttr(Interpreter& in, Str* name, const Value& value) {
  if (native_) in.RaiseTypeError("cannot set '" + name->text() + "' attribute of immutable type '" + name_ + "'");
  if (Value meta = type()->Lookup(name); meta && IsDataDescriptor(meta)) return GenericSetAttr(in, this, name, value);
  if (Str* text = value.As<Str>()) {
    if (name == in.names().__name__) return name_ = text->text(), true;
    if (name == in.names().__qualname__) return qualname_ = text->text(), true;
    if (name == in.names().__module__) module_ = text->text();
  }
  dict()->Set(name, value);
  ++in.class_epoch_;
  return true;
}

bool Type::DelAttr(Interpreter& in, Str* name) {
  if (native_) in.RaiseTypeError("cannot delete '" + name->text() + "' attribute of immutable type '" + name_ + "'");
  ++in.class_epoch_;
  return dict()->table.Erase(name);
}

Value Type::Call(Interpreter& in, const Args& args) {
  if (this == in.types().type && args.size() == 1 && args.keywords.empty()) return Value(in.TypeOf(args.positional[0]));
  Value made;
  const Value override_new = Override(Dunder::kNew);
  if (override_new) {
    std::vector<Value> all{Value(this)};
    all.insert(all.end(), args.positional.begin(), args.positional.end());
    Value function = override_new;
    if (auto* method = function.is_object() ? dynamic_cast<StaticMethod*>(function.object()) : nullptr) {
      function = Value(method->function);
    }
    made = in.Call(function, Args(all, args.keywords));
  } else {
    made = in.MakeInstance(this, args);
  }
  if (!in.IsInstance(made, this)) return made;
  Type* cls = in.TypeOf(made);
  const Value init = cls->Override(Dunder::kInit);
  if (init) {
    std::vector<Value> all{made};
    all.insert(all.end(), args.positional.begin(), args.positional.end());
    Value result = init.As<Function>() != nullptr
                       ? in.Call(init, Args(all, args.keywords))
                       : in.Call(BindAttribute(in, init, made, cls), args);
    if (!result.is_none()) in.RaiseTypeError("__init__() should return None, not '" + in.TypeName(result) + "'");
  } else if (cls->native_base_ != nullptr && cls->native_base_->has_native_init_) {
    std::vector<Value> all{made};
    all.insert(all.end(), args.positional.begin(), args.positional.end());
    in.Call(cls->Lookup(in.names().__init__), Args(all, args.keywords));
  }
  return made;
}

Value Interpreter::MakeInstance(Type* cls, const Args& args) {
  Type* native = cls->native_base_;
  if (native == types_.object) {
    if (args.size() + args.keywords.size() != 0 && !cls->Override(Dunder::kInit) && !cls->Override(Dunder::kNew)) {
      RaiseTypeError(cls->name() + "() takes no arguments");
    }
    return Value(New<Instance>(cls));
  }
  for (Type* t : native->mro_) {
    if (t->native_ && t->construct_) return t->construct_(*this, cls, args);
  }
  RaiseTypeError("cannot create '" + cls->name() + "' instances");
}

Value Type::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (op != BinOp::kOr) return Value();
  Value union_maker = in.GetBuiltin("__union__");
  if (!union_maker) return Value();
  return reflected ? in.Call(union_maker, {other, Value(this)}) : in.Call(union_maker, {Value(this), other});
}
Value Type::Iter(Interpreter& in) { in.RaiseTypeError("'type' object is not iterable"); }
bool Type::Contains(Interpreter& in, const Value&) {
  in.RaiseTypeError("argument of type 'type' is not iterable");
}
int64_t Type::Len(Interpreter& in) { in.RaiseTypeError("object of type 'type' has no len()"); }
Value Type::GetItem(Interpreter& in, const Value& key) {
  Value getter;
  if (GetAttr(in, in.names().__class_getitem__, &getter)) return in.Call(getter, {key});
  if (native_) {
    // list[int], dict[str, int], type[T]: written in annotations and aliases; the arguments mean nothing here.
    if (Value alias = in.GetBuiltin("__generic_alias__")) return in.Call(alias, {Value(this), key});
    return Value(this);
  }
  in.RaiseTypeError("type '" + name_ + "' is not subscriptable");
}
std::string Type::Repr(Interpreter&) { return "<class '" + FullName() + "'>"; }

// --- Making classes

namespace {

// C3: the merge of the bases' orders and the list of bases (Barrett et al., "A monotonic superclass linearization").
std::vector<Type*> LinearOrder(Interpreter& in, Type* cls, const std::vector<Type*>& bases) {
  std::vector<std::vector<Type*>> lists;
  for (Type* base : bases) lists.push_back(base->mro());
  lists.push_back(bases);
  std::vector<Type*> order{cls};
  for (;;) {
    std::erase_if(lists, [](const auto& l) { return l.empty(); });
    if (lists.empty()) return order;
    Type* next = nullptr;
    for (const auto& l : lists) {
      bool in_tail = std::any_of(lists.begin(), lists.end(), [&](const auto& other) {
        return std::find(other.begin() + 1, other.end(), l[0]) != other.end();
      });
      in.Step(static_cast<int64_t>(lists.size()));
      if (!in_tail) {
        next = l[0];
        break;
      }
    }
    if (next == nullptr) {
      std::string names;
      for (const auto& l : lists) names += (names.empty() ? "" : ", ") + l[0]->name();
      in.RaiseTypeError("Cannot create a consistent method resolution order (MRO) for bases " + names);
    }
    order.push_back(next);
    for (auto& l : lists) {
      if (l[0] == next) l.erase(l.begin());
    }
  }
}

}  // namespace

ClassStatement::ClassStatement(Interpreter& in, std::string name, std::vector<Value> bases, Dict* keywords)
    : in_(in), name_(std::move(name)), original_bases_(bases) {
  for (const Value& base : bases) {
    if (base.As<Type>() == nullptr) {
      if (Value entries = in.FindAttr(base, in.names().__mro_entries__)) {
        for (const Value& v : in.ToVector(in.Call(entries, {Value(in.NewTuple(bases))}))) bases_.push_back(v);
        continue;
      }
    }
    bases_.push_back(base);
  }
  for (const HashTable::Entry& e : keywords->table.entries()) {
    if (!e.key) continue;
    Str* key = in.Intern(e.key.As<Str>()->text());
    if (key == in.names().metaclass) metaclass_ = e.value;
    else keywords_.push_back({key, e.value});
  }
  if (!metaclass_ || metaclass_.As<Type>() != nullptr) {
    Type* winner = metaclass_ ? metaclass_.As<Type>() : in.types().type;
    for (const Value& base : bases_) {
      Type* meta = in.TypeOf(base);
      if (base.As<Type>() == nullptr) continue;
      if (winner->IsSubclassOf(meta)) continue;
      if (!meta->IsSubclassOf(winner)) {
        in.RaiseTypeError("metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                          "metaclasses of all its bases");
      }
      winner = meta;
    }
    metaclass_ = Value(winner);
  }
  Value prepare = metaclass_.As<Type>() == in.types().type ? Value() : in.FindAttr(metaclass_, in.names().__prepare__);
  if (prepare) {
    std::vector<Value> args{Value(in.NewStr(name_)), Value(in.NewTuple(bases_))};
    Value made = in.Call(prepare, Args(args, keywords_));
    if (made.As<Dict>() == nullptr) in.RaiseTypeError("__prepare__() must return a dict, not " + in.TypeName(made));
    members_ = Ref<Dict>(made.As<Dict>());
  } else {
    members_ = in.NewDict();
  }
}

Value ClassStatement::Finish(const Ref<Cell>& class_cell) {
  if (class_cell) members_->Set(in_.names().__classcell__, Value(class_cell));
  if (bases_.size() != original_bases_.size() ||
      !std::equal(bases_.begin(), bases_.end(), original_bases_.begin(), [](const Value& a, const Value& b) { return a.Is(b); })) {
    members_->Set(in_.Intern("__orig_bases__"), Value(in_.NewTuple(original_bases_)));
  }
  Type* metaclass = metaclass_.As<Type>();
  if (metaclass != nullptr && metaclass->native()) {
    return Value(Make(in_, metaclass, name_, bases_, members_.get(), keywords_));
  }
  std::vector<Value> args{Value(in_.NewStr(name_)), Value(in_.NewTuple(bases_)), Value(members_)};
  return in_.Call(metaclass_, Args(args, keywords_));
}

Type* ClassStatement::Make(Interpreter& in, Type* metaclass, const std::string& name, const std::vector<Value>& bases,
                           Dict* members, const std::vector<Keyword>& keywords) {
  std::vector<Type*> base_types;
  for (const Value& base : bases) {
    Type* t = base.As<Type>();
    if (t == nullptr) in.RaiseTypeError("bases must be types, not " + in.TypeName(base));
    if (!t->subclassable()) in.RaiseTypeError("type '" + t->name() + "' is not an acceptable base type");
    if (std::find(base_types.begin(), base_types.end(), t) != base_types.end()) {
      in.RaiseTypeError("duplicate base class " + t->name());
    }
    base_types.push_back(t);
  }
  if (base_types.empty()) base_types.push_back(in.types().object);
  Ref<Type> made = in.New<Type>(metaclass, in.heap());
  Type* cls = made.get();
  internal::Retain(cls);  // classes live as long as the heap
  cls->in_ = &in;
  cls->dict_type_ = in.types().dict;
  cls->name_ = name;
  cls->qualname_ = name;
  cls->bases_ = base_types;
  cls->mro_ = LinearOrder(in, cls, base_types);
  Type* native = in.types().object;
  for (Type* base : base_types) {
    Type* candidate = base->native_base_;
    if (native->IsSubclassOf(candidate)) continue;
    // Exceptions all have one C++ class: `class E(KeyError, AttributeError)`.
    const Type* exception = in.types().base_exception;
    if (native->IsSubclassOf(exception) && candidate->IsSubclassOf(exception) && !candidate->IsSubclassOf(native)) continue;
    if (!candidate->IsSubclassOf(native)) {
      in.RaiseTypeError("multiple bases have instance lay-out conflict");
    }
    native = candidate;
  }
  cls->native_base_ = native;
  in.heap().Charge(kClassBytes + static_cast<int64_t>(cls->mro_.size() * sizeof(Type*) + name.size() * 4));
  cls->set_dict(in.NewDict().get());
  Dict* dict = cls->dict();
  Value class_cell;
  const CoreNames& n = in.names();
  for (const HashTable::Entry& e : members->table.entries()) {
    if (!e.key) continue;
    Str* key = e.key.As<Str>();
    if (key == nullptr) continue;
    key = in.Intern(key->text());
    if (key == n.__classcell__) {
      class_cell = e.value;
      continue;
    }
    if (key == n.__qualname__) {
      if (Str* text = e.value.As<Str>()) cls->qualname_ = text->text();
      continue;
    }
    Value value = e.value;
    if (value.As<Function>() != nullptr) {
      if (key == n.__init_subclass__ || key == n.__class_getitem__) {
        value = Value(in.New<ClassMethod>(in.types().class_method, value));
      } else if (key == n.__new__) {
        value = Value(in.New<StaticMethod>(in.types().static_method, value));
      }
    }
    dict->Set(key, value);
  }
  if (Value module = dict->Get(n.__module__); module.As<Str>() != nullptr) cls->module_ = module.As<Str>()->text();
  else if (Module* current = in.CurrentModule()) {
    cls->module_ = current->name();
    dict->Set(n.__module__, Value(in.NewStr(cls->module_)));
  }
  if (dict->Get(n.__eq__) && !dict->Get(n.__hash__)) dict->Set(n.__hash__, Value::None());
  if (auto* cell = class_cell.As<Cell>()) cell->value = Value(cls);

  std::vector<std::pair<Str*, Value>> named;
  for (const HashTable::Entry& e : dict->table.entries()) {
    if (e.key && e.value.is_object()) named.emplace_back(e.key.As<Str>(), e.value);
  }
  for (auto& [key, value] : named) {
    if (in.TypeOf(value)->native()) continue;
    if (Value set_name = in.TypeOf(value)->Lookup(n.__set_name__)) {
      CallSpecial(in, set_name, value, {Value(cls), Value(key)});
    }
  }
  for (size_t i = 1; i < cls->mro_.size(); ++i) {
    Value* hook = cls->mro_[i]->dict()->table.Find(n.__init_subclass__);
    if (hook == nullptr) continue;
    if (cls->mro_[i]->native()) break;
    in.Call(BindAttribute(in, *hook, Value(), cls), Args({}, keywords));
    return cls;
  }
  if (!keywords.empty()) in.RaiseTypeError(name + ".__init_subclass__() takes no keyword arguments");
  return cls;
}

Type* Interpreter::NewClass(std::string name, std::vector<Value> bases, Ref<Dict> members, std::string module) {
  if (!module.empty()) members->Set(names_.__module__, Value(NewStr(module)));
  Type* metaclass = types_.type;
  for (const Value& base : bases) {
    Type* t = base.As<Type>();
    if (t != nullptr && t->type()->IsSubclassOf(metaclass)) metaclass = t->type();
  }
  return ClassStatement::Make(*this, metaclass, name, bases, members.get(), {});
}

// --- Native classes

namespace {

// What a native class's dunder does when Python code names it: the C++ slot, past every override.
Value SlotFunction(Interpreter& in, const std::string& name);

}  // namespace

Type* Interpreter::NewNativeType(const char* name, Type* base, const char* dunders) {
  NativeType definition;
  definition.name = name;
  definition.base = base;
  definition.dunders = dunders;
  return DefineType(definition);
}

Type* Interpreter::DefineType(const NativeType& d) {
  Ref<Type> made = New<Type>(types_.type, heap_);
  Type* t = made.get();
  internal::Retain(t);
  t->in_ = this;
  t->dict_type_ = types_.dict;
  t->native_ = true;
  t->name_ = t->qualname_ = d.name;
  t->module_ = d.module;
  t->subclassable_ = d.subclassable;
  t->instances_have_dict_ = d.instances_have_dict;
  t->construct_ = d.construct;
  t->native_base_ = t;
  Type* base = d.base != nullptr ? d.base : types_.object;
  t->mro_ = {t};
  if (base != nullptr) {
    t->bases_ = {base};
    t->mro_.insert(t->mro_.end(), base->mro_.begin(), base->mro_.end());
    t->has_native_init_ = base->has_native_init_;
    t->instances_have_dict_ |= base->instances_have_dict_;
  }
  if (types_.dict == nullptr) {
    pending_types_.push_back({t, d});  // while the core types are being made; see DefineCoreTypes
    return t;
  }
  FillNativeType(t, d);
  return t;
}

void Interpreter::FillNativeType(Type* t, const NativeType& d) {
  t->set_dict(NewDict().get());
  Dict* dict = t->dict();
  if (!d.module.empty()) dict->Set(names_.__module__, Value(NewStr(d.module)));
  std::string_view rest = d.dunders;
  while (!rest.empty()) {
    size_t end = rest.find(' ');
    std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!word.empty()) dict->Set(Intern(word), SlotFunction(*this, std::string(word)));
  }
  auto add = [&](const NativeMethod& m, int kind) {
    Ref<NativeFunction> f = New<NativeFunction>(types_.native_function, m.name, "", 
                                                Signature::Parse(m.name, m.parameters), m.function, nullptr);
    f->is_method = kind == 0;
    Value value(f);
    if (kind == 1) {
      f->is_method = true;
      value = Value(New<ClassMethod>(types_.class_method, value));
    }
    if (kind == 2) value = Value(New<StaticMethod>(types_.static_method, value));
    dict->Set(Intern(m.name), value);
    if (kind == 0 && std::string_view(m.name) == "__init__") t->has_native_init_ = true;
  };
  for (const NativeMethod& m : d.methods) add(m, 0);
  for (const NativeMethod& m : d.class_methods) add(m, 1);
  for (const NativeMethod& m : d.static_methods) add(m, 2);
  for (const NativeProperty& p : d.properties) dict->Set(Intern(p.name), Value(New<GetSet>(types_.get_set, p)));
  if (t->construct_) {
    // `Base.__new__(cls, ...)`, `super().__new__(cls)`
    auto make = [t](Interpreter& in, const Args& args) -> Value {
      Type* cls = args.size() > 0 ? args.positional[0].As<Type>() : nullptr;
      if (cls == nullptr || !cls->IsSubclassOf(t)) {
        in.RaiseTypeError(t->name() + ".__new__(X): X is not a subtype of " + t->name());
      }
      return in.MakeInstance(cls, Args(args.positional.subspan(1), args.keywords));
    };
    dict->Set(names_.__new__, Value(New<StaticMethod>(types_.static_method, NewRawFunction("__new__", make))));
  }
}

namespace {

using Slot = std::function<Value(Interpreter&, const Value&, std::span<const Value>)>;

// The slot of self, which may be an immediate (int.__add__(1, 2)).
Value WithObject(Interpreter& in, const Value& self, const std::function<Value(Object*)>& use) {
  if (Object* object = self.object_or_null()) return use(object);
  in.RaiseTypeError("descriptor needs an object, not '" + in.TypeName(self) + "'");
}

Slot FindSlot(std::string_view name, size_t* arity) {
  *arity = 1;
  auto binary = [](BinOp op, bool reflected) -> Slot {
    return [op, reflected](Interpreter& in, const Value& self, std::span<const Value> a) {
      Value r;
      if (Object* o = self.object_or_null()) r = o->Binary(in, op, a[0], reflected);
      else r = reflected ? NumberBinary(in, op, a[0], self) : NumberBinary(in, op, self, a[0]);
      return r ? r : in.NotImplemented();
    };
  };
  for (int i = 0; i < 13; ++i) {
    BinOp op = static_cast<BinOp>(i);
    if (name == DunderName(static_cast<Dunder>(static_cast<int>(Dunder::kAdd) + i))) return binary(op, false);
    if (name == DunderName(static_cast<Dunder>(static_cast<int>(Dunder::kRAdd) + i))) return binary(op, true);
    if (name == DunderName(static_cast<Dunder>(static_cast<int>(Dunder::kIAdd) + i))) {
      return [op](Interpreter& in, const Value& self, std::span<const Value> a) {
        Value r = WithObject(in, self, [&](Object* o) { return o->Inplace(in, op, a[0]); });
        return r ? r : in.NotImplemented();
      };
    }
  }
  for (int i = 0; i < 6; ++i) {
    CmpOp op = static_cast<CmpOp>(i);
    if (name == DunderName(static_cast<Dunder>(static_cast<int>(Dunder::kEq) + i))) {
      return [op](Interpreter& in, const Value& self, std::span<const Value> a) {
        Value r;
        if (Object* o = self.object_or_null()) {
          r = o->Compare(in, op, a[0]);
          if (!r && op == CmpOp::kEq && self.Is(a[0])) r = Value::Bool(true);
          if (!r && op == CmpOp::kNe && !in.TypeOf(self)->native()) {
            Value equal = in.Compare(CmpOp::kEq, self, a[0]);
            r = Value::Bool(!in.Truth(equal));
          }
        } else {
          r = in.Compare(op, self, a[0]);
        }
        return r ? r : in.NotImplemented();
      };
    }
  }
  auto unary = [](UnOp op) -> Slot {
    return [op](Interpreter& in, const Value& self, std::span<const Value>) {
      Value r;
      if (Object* o = self.object_or_null()) r = o->Unary(in, op);
      else r = in.Unary(op, self);
      return r ? r : in.NotImplemented();
    };
  };
  if (name == "__getitem__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      return WithObject(in, self, [&](Object* o) { return o->GetItem(in, a[0]); });
    };
  }
  if (name == "__delitem__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      return WithObject(in, self, [&](Object* o) { return o->DelItem(in, a[0]), Value::None(); });
    };
  }
  if (name == "__contains__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      return WithObject(in, self, [&](Object* o) { return Value::Bool(o->Contains(in, a[0])); });
    };
  }
  if (name == "__getattribute__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      Str* attribute = a[0].As<Str>();
      if (attribute == nullptr) in.RaiseTypeError("attribute name must be string, not '" + in.TypeName(a[0]) + "'");
      attribute = in.Intern(attribute->text());
      return WithObject(in, self, [&](Object* o) {
        Value out;
        if (!o->GetAttr(in, attribute, &out)) in.RaiseAttributeError(self, attribute);
        return out;
      });
    };
  }
  if (name == "__delattr__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      Str* attribute = a[0].As<Str>();
      if (attribute == nullptr) in.RaiseTypeError("attribute name must be string, not '" + in.TypeName(a[0]) + "'");
      attribute = in.Intern(attribute->text());
      return WithObject(in, self, [&](Object* o) {
        if (!o->DelAttr(in, attribute)) in.RaiseAttributeError(self, attribute);
        return Value::None();
      });
    };
  }
  if (name == "__format__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      Str* spec = a[0].As<Str>();
      return Value(in.NewStr(FormatSlot(in, self, spec != nullptr ? spec->text() : "")));
    };
  }
  *arity = 2;
  if (name == "__setitem__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      return WithObject(in, self, [&](Object* o) { return o->SetItem(in, a[0], a[1]), Value::None(); });
    };
  }
  if (name == "__setattr__") {
    return [](Interpreter& in, const Value& self, std::span<const Value> a) {
      Str* attribute = a[0].As<Str>();
      if (attribute == nullptr) in.RaiseTypeError("attribute name must be string, not '" + in.TypeName(a[0]) + "'");
      attribute = in.Intern(attribute->text());
      return WithObject(in, self, [&](Object* o) {
        if (!o->SetAttr(in, attribute, a[1])) in.RaiseAttributeError(self, attribute);
        return Value::None();
      });
    };
  }
  *arity = 0;
  if (name == "__neg__") return unary(UnOp::kNeg);
  if (name == "__pos__") return unary(UnOp::kPos);
  if (name == "__invert__") return unary(UnOp::kInvert);
  if (name == "__len__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return WithObject(in, self, [&](Object* o) { return Value::Int(o->Len(in)); });
    };
  }
  if (name == "__bool__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return self.is_object() ? Value::Bool(self.object()->Truth(in)) : Value::Bool(in.Truth(self));
    };
  }
  if (name == "__iter__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return WithObject(in, self, [&](Object* o) { return o->Iter(in); });
    };
  }
  if (name == "__next__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return WithObject(in, self, [&](Object* o) {
        Value out;
        if (!o->Next(in, &out)) in.RaiseException(in.Call(Value(in.types().stop_iteration)));
        return out;
      });
    };
  }
  if (name == "__repr__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return self.is_object() ? Value(in.NewStr(self.object()->Repr(in))) : Value(in.NewStr(in.Repr(self)));
    };
  }
  if (name == "__str__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      return self.is_object() ? Value(in.NewStr(self.object()->ToStr(in))) : Value(in.NewStr(in.ToStr(self)));
    };
  }
  if (name == "__hash__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      uint64_t h = self.is_object() ? self.object()->Hash(in) : in.Hash(self);
      return Value::Int(static_cast<int64_t>(h));
    };
  }
  if (name == "__index__" || name == "__int__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      int64_t out;
      if (self.is_object() && self.object()->AsIndex(in, &out)) return Value::Int(out);
      if (self.is_float()) return Value::Int(static_cast<int64_t>(self.number()));
      return Value::Int(in.Index(self));
    };
  }
  if (name == "__float__") {
    return [](Interpreter& in, const Value& self, std::span<const Value>) {
      double out;
      if (self.is_object() && self.object()->AsFloat(in, &out)) return Value::Float(out);
      return Value::Float(in.Float(self));
    };
  }
  return nullptr;
}

Value SlotFunction(Interpreter& in, const std::string& name) {
  NativeFunction::Raw raw;
  if (name == "__call__") {
    raw = [](Interpreter& in, const Args& args) {
      if (args.size() == 0) in.RaiseTypeError("__call__() needs an object");
      const Value& self = args.positional[0];
      return WithObject(in, self, [&](Object* o) { return o->Call(in, Args(args.positional.subspan(1), args.keywords)); });
    };
  } else {
    size_t arity;
    Slot slot = FindSlot(name, &arity);
    FP_CHECK(slot != nullptr);
    raw = [name, slot, arity](Interpreter& in, const Args& args) {
      if (args.size() != arity + 1 || !args.keywords.empty()) {
        in.RaiseTypeError(name + "() takes exactly " + std::to_string(arity) + " argument" + (arity == 1 ? "" : "s") +
                          " (" + std::to_string(args.size() == 0 ? 0 : args.size() - 1) + " given)");
      }
      return slot(in, args.positional[0], args.positional.subspan(1));
    };
  }
  Ref<NativeFunction> f = in.New<NativeFunction>(in.types().native_function, name, "", nullptr, nullptr, std::move(raw));
  f->is_method = true;
  return Value(f);
}

}  // namespace
}  // namespace fusepack::py
