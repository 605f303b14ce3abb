// The built-in kinds of objects: text, containers, classes, callables, modules, exceptions.
//
// All are made through Interpreter (NewStr, NewList, ...), live on its heap, and charge what they own. References
// between them are Values (counted). Python's methods on them are in the *_methods.cc files, not here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracer/python/object.h"
#include "tracer/python/unpack_args.h"

namespace fusepack::py {

// Immutable text, UTF-8. Attribute and global names are interned: equal text is the same object.
class Str : public Object {
 public:
  static constexpr Layout kLayout = Layout::kStr;
  Str(Heap& heap, std::string text);
  const std::string& text() const { return text_; }
  std::string_view view() const { return text_; }
  int64_t length() const { return length_; }  // code points
  bool ascii() const { return length_ == static_cast<int64_t>(text_.size()); }
  uint64_t hash() const { return hash_; }
  bool interned() const { return interned_; }

  int64_t Len(Interpreter&) override { return length_; }
  bool Truth(Interpreter&) override { return !text_.empty(); }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  Value GetItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  std::string ToStr(Interpreter&) override { return text_; }
  uint64_t Hash(Interpreter&) override { return hash_; }

 private:
  friend class Interpreter;
  std::string text_;
  int64_t length_;
  uint64_t hash_;
  bool interned_ = false;
  MemoryCharge charge_;
};

class Bytes : public Object {
 public:
  static constexpr Layout kLayout = Layout::kBytes;
  Bytes(Heap& heap, std::string bytes);
  const std::string& bytes() const { return bytes_; }
  int64_t Len(Interpreter&) override { return static_cast<int64_t>(bytes_.size()); }
  bool Truth(Interpreter&) override { return !bytes_.empty(); }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  Value GetItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;

 private:
  std::string bytes_;
  MemoryCharge charge_;
};

class Tuple : public Object {
 public:
  static constexpr Layout kLayout = Layout::kTuple;
  Tuple(Heap& heap, std::vector<Value> items);
  const std::vector<Value>& items() const { return items_; }
  size_t size() const { return items_.size(); }
  const Value& operator[](size_t i) const { return items_[i]; }

  int64_t Len(Interpreter&) override { return static_cast<int64_t>(items_.size()); }
  bool Truth(Interpreter&) override { return !items_.empty(); }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  Value GetItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;

 private:
  std::vector<Value> items_;
  MemoryCharge charge_;
};

class List : public Object {
 public:
  static constexpr Layout kLayout = Layout::kList;
  List(Heap& heap, std::vector<Value> items);
  const std::vector<Value>& items() const { return items_; }
  size_t size() const { return items_.size(); }
  Value& operator[](size_t i) { return items_[i]; }
  void Append(Value value);
  void Insert(size_t at, Value value);
  void Erase(size_t begin, size_t end);
  void Assign(std::vector<Value> items);
  std::vector<Value> Take();  // leaves the list empty

  int64_t Len(Interpreter&) override { return static_cast<int64_t>(items_.size()); }
  bool Truth(Interpreter&) override { return !items_.empty(); }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Inplace(Interpreter&, BinOp, const Value&) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  Value GetItem(Interpreter&, const Value&) override;
  void SetItem(Interpreter&, const Value&, const Value&) override;
  void DelItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;

 private:
  std::vector<Value> items_;
  MemoryCharge charge_;
};

// Insertion-ordered hash table of Dict and Set. Keys' __hash__ and __eq__ may run Python code; a table changed by
// that code during a lookup is looked up anew.
class HashTable {
 public:
  struct Entry {
    uint64_t hash;
    Value key;  // null: deleted
    Value value;
  };
  explicit HashTable(Heap& heap) : heap_(heap) {}

  size_t size() const { return live_; }
  // Entries in insertion order, deleted ones with a null key. Positions are stable until version() changes.
  const std::vector<Entry>& entries() const { return entries_; }
  uint64_t version() const { return version_; }  // counts additions and removals of keys

  Value* Find(Interpreter& in, const Value& key);
  Value* Find(const Str* interned_name);
  void Set(Interpreter& in, const Value& key, Value value);
  void Set(Str* interned_name, Value value);
  bool Erase(Interpreter& in, const Value& key, Value* old_key = nullptr, Value* old_value = nullptr);
  bool Erase(const Str* interned_name);
  void MoveToEnd(Interpreter& in, const Value& key, bool last);
  void Clear();

 private:
  int64_t FindIndex(Interpreter& in, const Value& key, uint64_t hash, size_t* slot);
  int64_t FindNameIndex(const Str* name, size_t* slot) const;
  void Insert(uint64_t hash, Value key, Value value);
  void EraseAt(size_t slot, int64_t index);
  void Rebuild(size_t capacity);

  Heap& heap_;
  std::vector<Entry> entries_;
  std::vector<int32_t> index_;  // -1 empty, -2 deleted, else position in entries_
  size_t live_ = 0;
  size_t used_slots_ = 0;
  uint64_t version_ = 0;
  MemoryCharge charge_;
};

class Dict : public Object {
 public:
  static constexpr Layout kLayout = Layout::kDict;
  explicit Dict(Heap& heap) : Object(kLayout), table(heap) {}
  HashTable table;

  Value Get(Str* interned_name) {  // null when absent
    Value* found = table.Find(interned_name);
    return found == nullptr ? Value() : *found;
  }
  void Set(Str* interned_name, Value value) { table.Set(interned_name, std::move(value)); }
  size_t size() const { return table.size(); }

  int64_t Len(Interpreter&) override { return static_cast<int64_t>(table.size()); }
  bool Truth(Interpreter&) override { return table.size() != 0; }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Inplace(Interpreter&, BinOp, const Value&) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  Value GetItem(Interpreter&, const Value&) override;  // calls a subclass's __missing__
  void SetItem(Interpreter&, const Value&, const Value&) override;
  void DelItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;
};

class Set : public Object {  // set and frozenset, told apart by their class
 public:
  static constexpr Layout kLayout = Layout::kSet;
  explicit Set(Heap& heap, bool frozen = false) : Object(kLayout), table(heap), frozen(frozen) {}
  HashTable table;
  const bool frozen;
  void Add(Interpreter& in, const Value& value) { table.Set(in, value, Value::None()); }

  int64_t Len(Interpreter&) override { return static_cast<int64_t>(table.size()); }
  bool Truth(Interpreter&) override { return table.size() != 0; }
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Inplace(Interpreter&, BinOp, const Value&) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;
};

class Slice : public Object {
 public:
  static constexpr Layout kLayout = Layout::kSlice;
  Slice(Value start, Value stop, Value step)
      : Object(kLayout), start(std::move(start)), stop(std::move(stop)), step(std::move(step)) {}
  const Value start, stop, step;  // None where left out
  // Python's slice.indices(length); *count: how many elements.
  void Indices(Interpreter& in, int64_t length, int64_t* start, int64_t* stop, int64_t* step, int64_t* count) const;
  bool GetAttr(Interpreter&, Str*, Value*) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  std::string Repr(Interpreter&) override;
};

class Range : public Object {
 public:
  static constexpr Layout kLayout = Layout::kRange;
  Range(int64_t start, int64_t stop, int64_t step);
  const int64_t start, stop, step;
  int64_t count;
  bool GetAttr(Interpreter&, Str*, Value*) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value Iter(Interpreter&) override;
  int64_t Len(Interpreter&) override { return count; }
  bool Truth(Interpreter&) override { return count != 0; }
  Value GetItem(Interpreter&, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;
};

// An instance of a Python subclass of int (an IntEnum member) or float. Plain ints and floats are never boxed.
class IntBox : public Object {
 public:
  static constexpr Layout kLayout = Layout::kIntBox;
  explicit IntBox(int64_t value) : Object(kLayout), value(value) {}
  const int64_t value;
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Unary(Interpreter&, UnOp) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Truth(Interpreter&) override { return value != 0; }
  std::string Repr(Interpreter&) override { return std::to_string(value); }
  uint64_t Hash(Interpreter&) override;
  bool AsIndex(Interpreter&, int64_t* out) override { return *out = value, true; }
  bool AsFloat(Interpreter&, double* out) override { return *out = static_cast<double>(value), true; }
};

class FloatBox : public Object {
 public:
  static constexpr Layout kLayout = Layout::kFloatBox;
  explicit FloatBox(double value) : Object(kLayout), value(value) {}
  const double value;
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;
  Value Unary(Interpreter&, UnOp) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  bool Truth(Interpreter&) override { return value != 0; }
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;
  bool AsFloat(Interpreter&, double* out) override { return *out = value, true; }
};

// --- Classes

// Dunder methods that an operation looks for; a class's answer to each is cached in the class.
enum class Dunder : uint8_t {
  kNew, kInit, kCall, kGetAttr, kGetAttribute, kSetAttr, kDelAttr, kGet, kSet, kDelete, kGetItem, kSetItem, kDelItem,
  kLen, kBool, kIter, kNext, kContains, kRepr, kStr, kFormat, kHash, kEq, kNe, kLt, kLe, kGt, kGe, kNeg, kPos, kInvert,
  kAbs, kIndex, kInt, kFloat, kEnter, kExit, kMissing, kReversed, kRound, kInstanceCheck, kSubclassCheck, kDir,
  kAdd, kSub, kMul, kMatMul, kTrueDiv, kFloorDiv, kMod, kPow, kLShift, kRShift, kAnd, kXor, kOr,
  kRAdd, kRSub, kRMul, kRMatMul, kRTrueDiv, kRFloorDiv, kRMod, kRPow, kRLShift, kRRShift, kRAnd, kRXor, kROr,
  kIAdd, kISub, kIMul, kIMatMul, kITrueDiv, kIFloorDiv, kIMod, kIPow, kILShift, kIRShift, kIAnd, kIXor, kIOr,
  kCount,
};
inline constexpr size_t kDunderCount = static_cast<size_t>(Dunder::kCount);
const char* DunderName(Dunder dunder);  // "__getitem__"

// One class, native or Python's own.
class Type : public Object {
 public:
  static constexpr Layout kLayout = Layout::kType;
  // Makes an instance (`cls.__new__`): `cls` is the native type or a Python class derived from it. Null: the class
  // cannot be called.
  using Construct = std::function<Value(Interpreter& in, Type* cls, const Args& args)>;

  explicit Type(Heap& heap) : Object(kLayout), heap_(heap) {}

  const std::string& name() const { return name_; }            // "Conv2d"
  const std::string& qualname() const { return qualname_; }    // "Outer.Inner"
  const std::string& module() const { return module_; }        // "torch.nn.modules.conv"
  std::string FullName() const;                                // "torch.nn.modules.conv.Conv2d", built-ins bare
  bool native() const { return native_; }                      // made by DefineType
  bool instances_have_dict() const { return instances_have_dict_; }
  bool subclassable() const { return subclassable_; }
  const std::vector<Type*>& mro() const { return mro_; }       // begins with this class, ends with object
  const std::vector<Type*>& bases() const { return bases_; }
  void set_construct(Construct construct) { construct_ = std::move(construct); }
  Type* native_base() const { return native_base_; }           // the native class whose C++ object instances are
  bool IsSubclassOf(const Type* other) const;

  Value Lookup(Str* name) const;  // along the MRO, no binding; null when absent
  // What a Python class of the MRO, before any native one, says about this dunder; null: the native slot decides.
  const Value& Override(Dunder dunder) const {
    if (native_) return kNoOverride;
    return PythonOverride(dunder);
  }
  // Does the class have this dunder at all, native or not?
  bool Has(Interpreter& in, Dunder dunder) const;
  bool IsIterable(Interpreter& in) const { return Has(in, Dunder::kIter) || Has(in, Dunder::kGetItem); }
  Type* dict_type() const { return dict_type_; }  // the class `dict`

  bool GetAttr(Interpreter&, Str*, Value*) override;
  bool SetAttr(Interpreter&, Str*, const Value&) override;
  bool DelAttr(Interpreter&, Str*) override;
  Value Call(Interpreter&, const Args&) override;
  Value Binary(Interpreter&, BinOp, const Value&, bool) override;  // int | None
  Value Iter(Interpreter&) override;
  bool Contains(Interpreter&, const Value&) override;
  Value GetItem(Interpreter&, const Value&) override;  // __class_getitem__
  int64_t Len(Interpreter&) override;
  std::string Repr(Interpreter&) override;
  bool IsCallable() const override { return true; }

 private:
  friend class Interpreter;
  friend class ClassStatement;
  static const Value kNoOverride;
  const Value& PythonOverride(Dunder dunder) const;
  Heap& heap_;
  std::string name_, qualname_, module_;
  bool native_ = false, subclassable_ = true, instances_have_dict_ = true;
  std::vector<Type*> bases_, mro_;
  Type* native_base_ = nullptr;
  Type* dict_type_ = nullptr;
  Construct construct_;  // native types only
  Interpreter* in_ = nullptr;
  bool has_native_init_ = false;
  // Both caches hold what was true at the interpreter's class epoch, which every change of a class moves on.
  mutable std::vector<Value> overrides_;  // kDunderCount
  mutable uint64_t overrides_epoch_ = 0;
  mutable std::unordered_map<const Str*, Value> lookups_;
  mutable uint64_t lookups_epoch_ = 0;
};

// --- Callables

// A C++ function. With a signature, arguments are bound by it; without, `raw` gets them as they came.
class NativeFunction : public Object {
 public:
  static constexpr Layout kLayout = Layout::kNativeFunction;
  using Raw = std::function<Value(Interpreter& in, const Args& args)>;
  using Bound = std::function<Value(Interpreter& in, BoundArgs& args)>;
  NativeFunction(std::string name, std::string module, std::shared_ptr<const Signature> signature, Bound bound, Raw raw)
      : Object(kLayout), name(std::move(name)), module(std::move(module)), signature(std::move(signature)),
        bound(std::move(bound)), raw(std::move(raw)) {}
  const std::string name;    // "conv2d"
  const std::string module;  // "torch.nn.functional"; empty for methods
  const std::shared_ptr<const Signature> signature;
  const Bound bound;
  const Raw raw;
  bool is_method = false;  // found on a class, binds `self`

  bool GetAttr(Interpreter&, Str*, Value*) override;
  Value Call(Interpreter&, const Args&) override;
  std::string Repr(Interpreter&) override;
  bool IsCallable() const override { return true; }
};

class BoundMethod : public Object {
 public:
  static constexpr Layout kLayout = Layout::kBoundMethod;
  BoundMethod(Value function, Value self) : Object(kLayout), function(std::move(function)), self(std::move(self)) {}
  const Value function, self;
  bool GetAttr(Interpreter&, Str*, Value*) override;
  Value Call(Interpreter&, const Args&) override;
  Value Compare(Interpreter&, CmpOp, const Value&) override;
  std::string Repr(Interpreter&) override;
  uint64_t Hash(Interpreter&) override;
  bool IsCallable() const override { return true; }
};

class Property : public Object {
 public:
  static constexpr Layout kLayout = Layout::kProperty;
  Property(Value get, Value set, Value del, Value doc)
      : Object(kLayout), get(std::move(get)), set(std::move(set)), del(std::move(del)), doc(std::move(doc)) {}
  const Value get, set, del, doc;  // None where there is none
  bool GetAttr(Interpreter&, Str*, Value*) override;
};

// --- Exceptions

struct TracebackEntry {
  std::string file;
  int line = 0, column = 0;
  std::string function;  // "<module>" outside functions
};

class ExceptionObject : public Object {
 public:
  static constexpr Layout kLayout = Layout::kException;
  explicit ExceptionObject(Value args) : Object(kLayout), args(std::move(args)) {}
  Value args;  // a Tuple
  Value cause, context;
  bool suppress_context = false;
  std::vector<TracebackEntry> traceback;  // innermost first
  // Left out when a recursion has filled it, or memory is short: nothing may be thrown here.
  void AddPlace(Heap& heap, TracebackEntry entry) {
    constexpr int64_t kEntryBytes = 192;
    if (traceback.size() >= 600 || heap.limit_bytes() - heap.used_bytes() < kEntryBytes) return;
    charge_.Set(heap, charge_.bytes() + kEntryBytes);
    traceback.push_back(std::move(entry));
  }
  bool GetAttr(Interpreter&, Str*, Value*) override;
  bool SetAttr(Interpreter&, Str*, const Value&) override;
  std::string Repr(Interpreter&) override;
  std::string ToStr(Interpreter&) override;

 private:
  MemoryCharge charge_;
};

}  // namespace fusepack::py
