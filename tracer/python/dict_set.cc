// dict, set and frozenset: operators, views, methods. A table that changes size while being iterated raises
// RuntimeError, as CPython does.
#include <algorithm>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"

namespace fusepack::py {
namespace {

enum class View { kKeys, kValues, kItems };

Value EntryValue(Interpreter& in, const HashTable::Entry& e, View view) {
  switch (view) {
    case View::kKeys: return e.key;
    case View::kValues: return e.value;
    case View::kItems: return Value(in.NewTuple({e.key, e.value}));
  }
  return Value();
}

template <typename T>
Value TableIterator(Interpreter& in, T* owner, View view, const char* what) {
  return in.NewIterator(
      [owner = Ref<T>(owner), i = size_t{0}, version = owner->table.version(), view, what](Interpreter& in, Value* out) mutable {
        const auto& entries = owner->table.entries();
        if (owner->table.version() != version) {
          in.Raise(in.types().runtime_error, std::string(what) + " changed size during iteration");
        }
        while (i < entries.size() && !entries[i].key) ++i;
        if (i >= entries.size()) return false;
        *out = EntryValue(in, entries[i++], view);
        return true;
      });
}

// dict.keys(), .values(), .items(): live views.
class DictView : public Object {
 public:
  DictView(Ref<Dict> dict, View view) : dict(std::move(dict)), view(view) {}
  const Ref<Dict> dict;
  const View view;

  int64_t Len(Interpreter&) override { return static_cast<int64_t>(dict->size()); }
  bool Truth(Interpreter&) override { return dict->size() != 0; }
  Value Iter(Interpreter& in) override { return TableIterator(in, dict.get(), view, "dictionary"); }
  bool Contains(Interpreter& in, const Value& item) override {
    if (view == View::kKeys) return dict->table.Find(in, item) != nullptr;
    if (view == View::kValues) return Object::Contains(in, item);
    auto* pair = item.As<Tuple>();
    if (pair == nullptr || pair->size() != 2) return false;
    Value* found = dict->table.Find(in, (*pair)[0]);
    return found != nullptr && in.Equal(Value(*found), (*pair)[1]);
  }
  // Keys and items are sets to operators.
  Value Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) override {
    if (view == View::kValues) return Value();
    if (op != BinOp::kAnd && op != BinOp::kOr && op != BinOp::kSub && op != BinOp::kXor) return Value();
    Ref<Set> mine = in.NewSet(), theirs = in.NewSet();
    for (const Value& v : in.ToVector(Value(this))) mine->Add(in, v);
    for (const Value& v : in.ToVector(other)) theirs->Add(in, v);
    return reflected ? theirs->Binary(in, op, Value(mine), false) : mine->Binary(in, op, Value(theirs), false);
  }
  Value Compare(Interpreter& in, CmpOp op, const Value& other) override {
    if (view == View::kValues) return Value();
    Ref<Set> mine = in.NewSet(), theirs = in.NewSet();
    auto* v = other.is_object() ? dynamic_cast<DictView*>(other.object()) : nullptr;
    if (v == nullptr && other.As<Set>() == nullptr) return Value();
    for (const Value& x : in.ToVector(Value(this))) mine->Add(in, x);
    for (const Value& x : in.ToVector(other)) theirs->Add(in, x);
    return mine->Compare(in, op, Value(theirs));
  }
  std::string Repr(Interpreter& in) override {
    if (in.InRepr(this)) return "...";
    Interpreter::ReprScope scope(in, this);
    std::string name = view == View::kKeys ? "dict_keys" : view == View::kValues ? "dict_values" : "dict_items";
    return name + "(" + in.NewList(in.ToVector(Value(this)))->Repr(in) + ")";
  }
};

Value MakeView(Interpreter& in, Dict* dict, View view) {
  Type* type = view == View::kKeys ? in.types().dict_keys : view == View::kValues ? in.types().dict_values : in.types().dict_items;
  return Value(in.New<DictView>(type, Ref<Dict>(dict), view));
}

template <typename T>
T& Self(BoundArgs& a, const char* expected) {
  T* self = a[0].As<T>();
  if (self == nullptr) a.Wrong(0, expected);
  return *self;
}

Ref<Dict> CopyDict(Interpreter& in, Dict* dict) {
  Ref<Dict> out = in.NewDict();
  UpdateDict(in, out.get(), Value(dict));
  return out;
}

std::string KeyRepr(Interpreter& in, const HashTable::Entry& e) { return in.Repr(Value(e.key)); }

}  // namespace

void UpdateDict(Interpreter& in, Dict* dict, const Value& from, const std::string& not_mapping) {
  if (auto* other = from.As<Dict>(); other != nullptr && (other->type()->native() || !other->type()->Override(Dunder::kIter))) {
    if (other == dict) return;
    in.Step(static_cast<int64_t>(other->size()));
    for (size_t i = 0; i < other->table.entries().size(); ++i) {
      HashTable::Entry e = other->table.entries()[i];
      if (!e.key) continue;
      if (Str* name = e.key.As<Str>(); name != nullptr && name->type()->native()) dict->table.Set(name, e.value);
      else dict->table.Set(in, e.key, e.value);
    }
    return;
  }
  if (Value keys = in.FindAttr(from, in.names().keys)) {
    for (const Value& key : in.ToVector(in.Call(keys))) dict->table.Set(in, key, in.GetItem(from, key));
    return;
  }
  if (!not_mapping.empty()) in.RaiseTypeError(not_mapping);
  int64_t i = 0;
  for (const Value& pair : in.ToVector(from)) {
    if (!in.TypeOf(pair)->IsIterable(in)) {
      in.RaiseTypeError("cannot convert dictionary update sequence element #" + std::to_string(i) + " to a sequence");
    }
    std::vector<Value> two = in.ToVector(pair);
    if (two.size() != 2) {
      in.RaiseValueError("dictionary update sequence element #" + std::to_string(i) + " has length " +
                         std::to_string(two.size()) + "; 2 is required");
    }
    dict->table.Set(in, two[0], two[1]);
    ++i;
  }
}

Value Dict::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  auto* d = other.As<Dict>();
  if (op != BinOp::kOr || d == nullptr) return Value();
  Ref<Dict> out = CopyDict(in, reflected ? d : this);
  UpdateDict(in, out.get(), reflected ? Value(this) : other);
  return Value(out);
}
Value Dict::Inplace(Interpreter& in, BinOp op, const Value& other) {
  if (op != BinOp::kOr) return Value();
  UpdateDict(in, this, other);
  return Value(this);
}
Value Dict::Compare(Interpreter& in, CmpOp op, const Value& other) {
  auto* d = other.As<Dict>();
  if (d == nullptr || (op != CmpOp::kEq && op != CmpOp::kNe)) return Value();
  bool same = size() == d->size();
  for (size_t i = 0; same && i < table.entries().size(); ++i) {
    HashTable::Entry e = table.entries()[i];
    if (!e.key) continue;
    in.Step();
    Value* found = d->table.Find(in, e.key);
    same = found != nullptr && in.Equal(e.value, Value(*found));
  }
  return Value::Bool(same == (op == CmpOp::kEq));
}
bool Dict::Contains(Interpreter& in, const Value& item) { return table.Find(in, item) != nullptr; }
Value Dict::Iter(Interpreter& in) { return TableIterator(in, this, View::kKeys, "dictionary"); }
Value Dict::GetItem(Interpreter& in, const Value& key) {
  if (Value* found = table.Find(in, key)) return *found;
  if (!type()->native()) {
    if (const Value missing = type()->Override(Dunder::kMissing)) return CallSpecial(in, missing, Value(this), {key});
  }
  in.RaiseKeyError(key);
}
void Dict::SetItem(Interpreter& in, const Value& key, const Value& value) { table.Set(in, key, value); }
void Dict::DelItem(Interpreter& in, const Value& key) {
  if (!table.Erase(in, key)) in.RaiseKeyError(key);
}
std::string Dict::Repr(Interpreter& in) {
  if (in.InRepr(this)) return "{...}";
  Interpreter::ReprScope scope(in, this);
  std::string out = "{";
  for (size_t i = 0; i < table.entries().size(); ++i) {
    HashTable::Entry e = table.entries()[i];
    if (!e.key) continue;
    in.Step();
    if (out.size() > 1) out += ", ";
    out += KeyRepr(in, e) + ": " + in.Repr(e.value);
    in.CheckTextSize(out.size());
  }
  return out + "}";
}
uint64_t Dict::Hash(Interpreter& in) { in.RaiseTypeError("unhashable type: '" + type()->name() + "'"); }

// --- set

namespace {

Ref<Set> CopySet(Interpreter& in, Set* set, bool frozen) {
  Ref<Set> out = in.NewSet(frozen);
  for (size_t i = 0; i < set->table.entries().size(); ++i) {
    if (Value key = set->table.entries()[i].key) {
      in.Step();
      out->Add(in, key);
    }
  }
  return out;
}
bool HasAll(Interpreter& in, Set* set, Set* other) {  // other <= set
  if (other->table.size() > set->table.size()) return false;
  for (size_t i = 0; i < other->table.entries().size(); ++i) {
    Value key = other->table.entries()[i].key;
    if (!key) continue;
    in.Step();
    if (set->table.Find(in, key) == nullptr) return false;
  }
  return true;
}
Ref<Set> ToSet(Interpreter& in, const Value& v) {
  if (auto* set = v.As<Set>()) return Ref<Set>(set);
  Ref<Set> out = in.NewSet();
  for (const Value& item : in.ToVector(v)) out->Add(in, item);
  return out;
}
Ref<Set> Combine(Interpreter& in, BinOp op, Set* a, Set* b) {
  Ref<Set> out = in.NewSet(a->frozen);
  auto each = [&](Set* set, auto&& use) {
    for (size_t i = 0; i < set->table.entries().size(); ++i) {
      if (Value key = set->table.entries()[i].key) {
        in.Step();
        use(key);
      }
    }
  };
  switch (op) {
    case BinOp::kOr:
      each(a, [&](const Value& v) { out->Add(in, v); });
      each(b, [&](const Value& v) { out->Add(in, v); });
      break;
    case BinOp::kAnd:
      each(a, [&](const Value& v) {
        if (b->table.Find(in, v) != nullptr) out->Add(in, v);
      });
      break;
    case BinOp::kSub:
    case BinOp::kXor:
      each(a, [&](const Value& v) {
        if (b->table.Find(in, v) == nullptr) out->Add(in, v);
      });
      if (op == BinOp::kXor) {
        each(b, [&](const Value& v) {
          if (a->table.Find(in, v) == nullptr) out->Add(in, v);
        });
      }
      break;
    default: break;
  }
  return out;
}
bool IsSetOperator(BinOp op) {
  return op == BinOp::kOr || op == BinOp::kAnd || op == BinOp::kSub || op == BinOp::kXor;
}
// Takes what `from` holds.
void Become(Interpreter& in, Set* set, Set* from) {
  std::vector<Value> keys;
  for (const HashTable::Entry& e : from->table.entries()) {
    if (e.key) keys.push_back(e.key);
  }
  set->table.Clear();
  for (const Value& v : keys) set->Add(in, v);
}

}  // namespace

Value Set::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  auto* s = other.As<Set>();
  if (s == nullptr || !IsSetOperator(op)) return Value();
  return Value(reflected ? Combine(in, op, s, this) : Combine(in, op, this, s));
}
Value Set::Inplace(Interpreter& in, BinOp op, const Value& other) {
  auto* s = other.As<Set>();
  if (frozen || s == nullptr || !IsSetOperator(op)) return Value();
  Become(in, this, Combine(in, op, this, s).get());
  return Value(this);
}
Value Set::Compare(Interpreter& in, CmpOp op, const Value& other) {
  auto* s = other.As<Set>();
  if (s == nullptr) return Value();
  size_t mine = table.size(), theirs = s->table.size();
  switch (op) {
    case CmpOp::kEq: return Value::Bool(mine == theirs && HasAll(in, this, s));
    case CmpOp::kNe: return Value::Bool(mine != theirs || !HasAll(in, this, s));
    case CmpOp::kLe: return Value::Bool(HasAll(in, s, this));
    case CmpOp::kLt: return Value::Bool(mine < theirs && HasAll(in, s, this));
    case CmpOp::kGe: return Value::Bool(HasAll(in, this, s));
    case CmpOp::kGt: return Value::Bool(mine > theirs && HasAll(in, this, s));
  }
  return Value();
}
bool Set::Contains(Interpreter& in, const Value& item) { return table.Find(in, item) != nullptr; }
Value Set::Iter(Interpreter& in) { return TableIterator(in, this, View::kKeys, "Set"); }
std::string Set::Repr(Interpreter& in) {
  std::string name = type()->name();
  if (table.size() == 0) return name + "()";
  if (in.InRepr(this)) return name + "(...)";
  Interpreter::ReprScope scope(in, this);
  std::string out;
  for (size_t i = 0; i < table.entries().size(); ++i) {
    Value key = table.entries()[i].key;
    if (!key) continue;
    in.Step();
    out += (out.empty() ? "" : ", ") + in.Repr(key);
    in.CheckTextSize(out.size());
  }
  return type() == in.types().set ? "{" + out + "}" : name + "({" + out + "})";
}
uint64_t Set::Hash(Interpreter& in) {
  if (!frozen) in.RaiseTypeError("unhashable type: '" + type()->name() + "'");
  in.Step(static_cast<int64_t>(table.size() / 4));
  uint64_t hash = table.size() * 0x9e3779b97f4a7c15ull;
  for (const HashTable::Entry& e : table.entries()) {
    if (e.key) hash += (e.hash ^ (e.hash >> 31)) * 0xbf58476d1ce4e5b9ull;
  }
  return hash;
}

// --- methods

std::vector<NativeMethod> DictMethods() {
  return {
      {"__init__", "self, mapping=None, /, **kwargs",
       [](Interpreter& in, BoundArgs& a) {
         Dict& d = Self<Dict>(a, "dict");
         if (a.given(1)) UpdateDict(in, &d, a[1]);
         UpdateDict(in, &d, a[2]);
         return Value::None();
       }},
      {"get", "self, key, default=None, /",
       [](Interpreter& in, BoundArgs& a) {
         Value* found = Self<Dict>(a, "dict").table.Find(in, a[1]);
         return found != nullptr ? *found : a[2];
       }},
      {"setdefault", "self, key, default=None, /",
       [](Interpreter& in, BoundArgs& a) {
         Dict& d = Self<Dict>(a, "dict");
         if (Value* found = d.table.Find(in, a[1])) return *found;
         d.table.Set(in, a[1], a[2]);
         return a[2];
       }},
      {"pop", "self, key, default=None, /",
       [](Interpreter& in, BoundArgs& a) {
         Value old;
         if (Self<Dict>(a, "dict").table.Erase(in, a[1], nullptr, &old)) return old;
         if (!a.given(2)) in.RaiseKeyError(a[1]);
         return a[2];
       }},
      {"popitem", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         Dict& d = Self<Dict>(a, "dict");
         if (d.size() == 0) in.Raise(in.types().key_error, "popitem(): dictionary is empty");
         HashTable::Entry e = d.table.entries().back();
         d.table.Erase(in, e.key);
         return Value(in.NewTuple({e.key, e.value}));
       }},
      {"update", "self, mapping=None, /, **kwargs",
       [](Interpreter& in, BoundArgs& a) {
         Dict& d = Self<Dict>(a, "dict");
         if (a.given(1)) UpdateDict(in, &d, a[1]);
         UpdateDict(in, &d, a[2]);
         return Value::None();
       }},
      {"clear", "self, /", [](Interpreter&, BoundArgs& a) { return Self<Dict>(a, "dict").table.Clear(), Value::None(); }},
      {"copy", "self, /", [](Interpreter& in, BoundArgs& a) { return Value(CopyDict(in, &Self<Dict>(a, "dict"))); }},
      {"keys", "self, /", [](Interpreter& in, BoundArgs& a) { return MakeView(in, &Self<Dict>(a, "dict"), View::kKeys); }},
      {"values", "self, /",
       [](Interpreter& in, BoundArgs& a) { return MakeView(in, &Self<Dict>(a, "dict"), View::kValues); }},
      {"items", "self, /",
       [](Interpreter& in, BoundArgs& a) { return MakeView(in, &Self<Dict>(a, "dict"), View::kItems); }},
      // OrderedDict's; here since every dict is ordered and the class is Python's own.
      {"_move_to_end", "self, key, last=True",
       [](Interpreter& in, BoundArgs& a) {
         Self<Dict>(a, "dict").table.MoveToEnd(in, a[1], a.Bool(2));
         return Value::None();
       }},
      {"__reversed__", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         std::vector<Value> keys;
         for (const HashTable::Entry& e : Self<Dict>(a, "dict").table.entries()) {
           if (e.key) keys.push_back(e.key);
         }
         std::reverse(keys.begin(), keys.end());
         return in.Iter(Value(in.NewList(std::move(keys))));
       }},
  };
}

std::vector<NativeMethod> SetMethods(bool frozen) {
  auto combine = [](BinOp op) -> NativeFunction::Bound {
    return [op](Interpreter& in, BoundArgs& a) {
      Ref<Set> out = CopySet(in, &Self<Set>(a, "set"), Self<Set>(a, "set").frozen);
      for (const Value& v : a[1].As<Tuple>()->items()) out = Combine(in, op, out.get(), ToSet(in, v).get());
      return Value(out);
    };
  };
  auto combine_inplace = [](BinOp op) -> NativeFunction::Bound {
    return [op](Interpreter& in, BoundArgs& a) {
      Set& self = Self<Set>(a, "set");
      for (const Value& v : a[1].As<Tuple>()->items()) {
        if (op == BinOp::kOr) {
          for (const Value& item : in.ToVector(v)) self.Add(in, item);
        } else {
          Become(in, &self, Combine(in, op, &self, ToSet(in, v).get()).get());
        }
      }
      return Value::None();
    };
  };
  std::vector<NativeMethod> out = {
      {"union", "self, *others", combine(BinOp::kOr)},
      {"intersection", "self, *others", combine(BinOp::kAnd)},
      {"difference", "self, *others", combine(BinOp::kSub)},
      {"symmetric_difference", "self, *others", combine(BinOp::kXor)},
      {"issubset", "self, other, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value::Bool(HasAll(in, ToSet(in, a[1]).get(), &Self<Set>(a, "set")));
       }},
      {"issuperset", "self, other, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value::Bool(HasAll(in, &Self<Set>(a, "set"), ToSet(in, a[1]).get()));
       }},
      {"isdisjoint", "self, other, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value::Bool(Combine(in, BinOp::kAnd, &Self<Set>(a, "set"), ToSet(in, a[1]).get())->table.size() == 0);
       }},
      {"copy", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value(CopySet(in, &Self<Set>(a, "set"), Self<Set>(a, "set").frozen));
       }},
  };
  if (frozen) return out;
  std::vector<NativeMethod> mutators = {
      {"__init__", "self, iterable=(), /",
       [](Interpreter& in, BoundArgs& a) {
         Set& self = Self<Set>(a, "set");
         self.table.Clear();
         for (const Value& v : in.ToVector(a[1])) self.Add(in, v);
         return Value::None();
       }},
      {"add", "self, item, /", [](Interpreter& in, BoundArgs& a) { return Self<Set>(a, "set").Add(in, a[1]), Value::None(); }},
      {"discard", "self, item, /",
       [](Interpreter& in, BoundArgs& a) { return Self<Set>(a, "set").table.Erase(in, a[1]), Value::None(); }},
      {"remove", "self, item, /",
       [](Interpreter& in, BoundArgs& a) {
         if (!Self<Set>(a, "set").table.Erase(in, a[1])) in.RaiseKeyError(a[1]);
         return Value::None();
       }},
      {"pop", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         Set& self = Self<Set>(a, "set");
         for (const HashTable::Entry& e : self.table.entries()) {
           if (!e.key) continue;
           Value key = e.key;
           self.table.Erase(in, key);
           return key;
         }
         in.Raise(in.types().key_error, "pop from an empty set");
       }},
      {"clear", "self, /", [](Interpreter&, BoundArgs& a) { return Self<Set>(a, "set").table.Clear(), Value::None(); }},
      {"update", "self, *others", combine_inplace(BinOp::kOr)},
      {"intersection_update", "self, *others", combine_inplace(BinOp::kAnd)},
      {"difference_update", "self, *others", combine_inplace(BinOp::kSub)},
      {"symmetric_difference_update", "self, *others", combine_inplace(BinOp::kXor)},
  };
  out.insert(out.end(), mutators.begin(), mutators.end());
  return out;
}

}  // namespace fusepack::py
