// Value and Object: what a Python name can be bound to inside the evaluator.
//
// A Value is a 16-byte handle: nothing (null), None, bool, int64, float, or a counted reference to an Object. Counts
// are not atomic: an Interpreter and everything on its heap belong to one thread at a time.
//
// Object is the base of everything on the heap. Its virtual slots are what the *C++* class does; a Python class whose
// instances carry that C++ class (`class Parameter(torch.Tensor)`) may override a slot with a dunder method, so callers
// use the operations of interpreter.h (interp.GetItem(x, k), interp.Binary(...)), which look for the Python override
// first and end in the slot. The slot itself is what `super().__getitem__(k)` and `dict.__getitem__(d, k)` reach.
//
// Native types elsewhere (tensors, proxies, symbolic ints) derive from Object -- as first base, no virtual
// inheritance -- and are made with heap.New<T>(type, constructor arguments...). Memory: New charges sizeof(T) before it
// allocates; what a class owns besides (buffers) is charged through a MemoryCharge member. An object whose count drops
// to zero is destroyed from a queue, never recursively; cycles live until the heap is destroyed.
//
// Errors inside tracer/ are two C++ exceptions: Raised (a Python exception, `except` can catch it) and Fatal (a limit,
// or a construct outside the subset: nothing in Python can catch it). The Status-returning functions of
// interpreter.h are the border that neither crosses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack::py {

class Dict;
class Heap;
class Interpreter;
class Object;
class Str;
class Type;
class Value;

enum class BinOp : uint8_t {
  kAdd, kSub, kMul, kMatMul, kTrueDiv, kFloorDiv, kMod, kPow, kLShift, kRShift, kAnd, kXor, kOr,
};
enum class UnOp : uint8_t { kNeg, kPos, kInvert };
enum class CmpOp : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

const char* OperatorText(BinOp op);  // "+"
const char* OperatorText(CmpOp op);  // "<"
CmpOp Swapped(CmpOp op);       // a < b is b > a

// Which C++ class an Object is, for those that the evaluator itself tests for all the time. Others are kOther, and
// As<T>() falls back on dynamic_cast.
enum class Layout : uint8_t {
  kOther, kInstance, kStr, kBytes, kTuple, kList, kDict, kSet, kSlice, kType, kFunction, kNativeFunction, kBoundMethod,
  kModule, kException, kGenerator, kIntBox, kFloatBox, kProperty, kCell, kEllipsis, kNotImplemented, kRange,
};

namespace internal {
// Stands before every object on the heap; outlives the object's destructor, which is what lets a heap full of cycles
// be torn down in any order.
struct alignas(16) Header {
  Heap* heap;
  Header* prev;
  Header* next;
  uint64_t serial;  // id()
  uint32_t refs;
  uint32_t bytes;
};
inline Header* HeaderOf(const Object* object) {
  return reinterpret_cast<Header*>(const_cast<char*>(reinterpret_cast<const char*>(object)) - sizeof(Header));
}
void RefsGone(Header* header);  // queue for destruction, drain the queue if nobody is draining
inline void Retain(const Object* object) { ++HeaderOf(object)->refs; }
inline void Release(const Object* object) {
  Header* header = HeaderOf(object);
  if (--header->refs == 0) RefsGone(header);
}
}  // namespace internal

// A typed counted reference.
template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(T* object) : object_(object) {
    if (object_ != nullptr) internal::Retain(object_);
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U>
    requires std::is_base_of_v<T, U>
  Ref(const Ref<U>& other) : Ref(static_cast<T*>(other.get())) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) internal::Release(object_);
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

class Value {
 public:
  enum class Tag : uint8_t { kNull, kNone, kBool, kInt, kFloat, kObject };

  Value() : tag_(Tag::kNull) { bits_.integer = 0; }  // null: "not there", never seen by Python code
  Value(Object* object) : tag_(object == nullptr ? Tag::kNull : Tag::kObject) {
    bits_.object = object;
    if (object != nullptr) internal::Retain(object);
  }
  template <typename T>
  Value(const Ref<T>& ref) : Value(static_cast<Object*>(ref.get())) {}
  Value(const Value& other) : tag_(other.tag_), bits_(other.bits_) {
    if (tag_ == Tag::kObject) internal::Retain(bits_.object);
  }
  Value(Value&& other) noexcept : tag_(other.tag_), bits_(other.bits_) { other.tag_ = Tag::kNull; }
  Value& operator=(const Value& other) {
    Value copy(other);
    Swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value moved(std::move(other));
    Swap(moved);
    return *this;
  }
  ~Value() {
    if (tag_ == Tag::kObject) internal::Release(bits_.object);
  }
  void Swap(Value& other) noexcept {
    std::swap(tag_, other.tag_);
    std::swap(bits_, other.bits_);
  }

  static Value None() { return Value(Tag::kNone); }
  static Value Bool(bool b) {
    Value v(Tag::kBool);
    v.bits_.integer = b;
    return v;
  }
  static Value Int(int64_t i) {
    Value v(Tag::kInt);
    v.bits_.integer = i;
    return v;
  }
  static Value Float(double d) {
    Value v(Tag::kFloat);
    v.bits_.number = d;
    return v;
  }

  Tag tag() const { return tag_; }
  bool is_null() const { return tag_ == Tag::kNull; }
  bool is_none() const { return tag_ == Tag::kNone; }
  bool is_bool() const { return tag_ == Tag::kBool; }
  bool is_int() const { return tag_ == Tag::kInt; }  // exactly int: neither bool nor an instance of an int subclass
  bool is_float() const { return tag_ == Tag::kFloat; }
  bool is_object() const { return tag_ == Tag::kObject; }
  explicit operator bool() const { return !is_null(); }  // "is there"; truth in Python's sense is interp.Truth(v)

  // REQUIRES: the matching tag.
  bool boolean() const { return bits_.integer != 0; }
  int64_t integer() const { return bits_.integer; }
  double number() const { return bits_.number; }
  Object* object() const { return bits_.object; }
  Object* object_or_null() const { return is_object() ? bits_.object : nullptr; }

  // The C++ object of class T (a Python subclass's instance too), or null.
  template <typename T>
  T* As() const;

  // Python's `is`.
  bool Is(const Value& other) const {
    return tag_ == other.tag_ && (tag_ <= Tag::kNone || bits_.integer == other.bits_.integer);
  }

 private:
  explicit Value(Tag tag) : tag_(tag) { bits_.integer = 0; }
  Tag tag_;
  union {
    int64_t integer;  // also bool
    double number;
    Object* object;
  } bits_;
};
static_assert(sizeof(Value) == 16);

// Arguments of a call. The spans are borrowed for the call; `name`s are interned.
struct Keyword {
  Str* name;
  Value value;
};
struct Args {
  std::span<const Value> positional;
  std::span<const Keyword> keywords;
  Args() = default;
  Args(std::span<const Value> p, std::span<const Keyword> k = {}) : positional(p), keywords(k) {}
  Args(std::initializer_list<Value> p) : positional(p.begin(), p.size()) {}  // for one full expression only
  size_t size() const { return positional.size(); }
};

class Object {
 public:
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() {
    if (dict_ != nullptr) internal::Release(reinterpret_cast<Object*>(dict_));
  }

  Type* type() const { return type_; }  // the Python class; classes live as long as the heap
  void set_type(Type* type) { type_ = type; }
  Layout layout() const { return layout_; }
  Heap& heap() const { return *internal::HeaderOf(this)->heap; }

  // The instance's `__dict__`; null where there is none yet, or where the class gives its instances none.
  Dict* dict() const { return dict_; }
  void set_dict(Dict* dict);
  Dict* EnsureDict();  // REQUIRES: type()->instances_have_dict()

  // --- Slots. Defaults: attributes by Python's rules (data descriptors, instance dict, class); identity for equality
  // and hash; a TypeError in Python's words for the rest. A null Value or false means "not here": NotImplemented from
  // an operator, no such attribute from GetAttr; the caller then tries the other operand or raises.
  virtual bool GetAttr(Interpreter& in, Str* name, Value* out);
  virtual bool SetAttr(Interpreter& in, Str* name, const Value& value);
  virtual bool DelAttr(Interpreter& in, Str* name);
  virtual Value Call(Interpreter& in, const Args& args);
  // `self op other`, or `other op self` when reflected.
  virtual Value Binary(Interpreter& in, BinOp op, const Value& other, bool reflected);
  virtual Value Inplace(Interpreter& in, BinOp op, const Value& other);  // null: use Binary
  virtual Value Unary(Interpreter& in, UnOp op);
  virtual Value Compare(Interpreter& in, CmpOp op, const Value& other);
  virtual bool Contains(Interpreter& in, const Value& item);  // default: iterates
  virtual Value Iter(Interpreter& in);
  virtual bool Next(Interpreter& in, Value* out);  // false: exhausted. Only iterators have it.
  // `a, b = self`: may fill *out with `count` values without iterating (proxies); false: iterate.
  virtual bool Unpack(Interpreter& in, size_t count, std::vector<Value>* out);
  virtual int64_t Len(Interpreter& in);
  virtual bool Truth(Interpreter& in);
  virtual Value GetItem(Interpreter& in, const Value& key);
  virtual void SetItem(Interpreter& in, const Value& key, const Value& value);
  virtual void DelItem(Interpreter& in, const Value& key);
  virtual std::string Repr(Interpreter& in);
  virtual std::string ToStr(Interpreter& in);  // str(x); default: Repr
  virtual uint64_t Hash(Interpreter& in);
  virtual bool AsIndex(Interpreter& in, int64_t* out);  // __index__, also int(x); false: not an integer
  virtual bool AsFloat(Interpreter& in, double* out);   // float(x); false: not a number
  virtual bool IsCallable() const { return false; }
  // isinstance(value, self) for objects that are no classes (typing's aliases). Default: TypeError.
  virtual bool InstanceCheck(Interpreter& in, const Value& value);

 protected:
  explicit Object(Layout layout = Layout::kOther) : layout_(layout) {}

 private:
  friend class Heap;
  Type* type_ = nullptr;
  Dict* dict_ = nullptr;  // counted
  Layout layout_;
};

// An instance of a Python class with no native base.
class Instance final : public Object {
 public:
  static constexpr Layout kLayout = Layout::kInstance;
  Instance() : Object(kLayout) {}
};

template <typename T>
T* Value::As() const {
  if (!is_object()) return nullptr;
  if constexpr (requires { T::kLayout; }) {
    return bits_.object->layout() == T::kLayout ? static_cast<T*>(bits_.object) : nullptr;
  } else {
    return dynamic_cast<T*>(bits_.object);
  }
}

// Limits of one Interpreter; an option of the command line raises them where a user may need more.
struct Limits {
  int64_t steps = 50'000'000;                 // bytecode instructions, and elements handled by built-ins
  int64_t memory_bytes = int64_t{512} << 20;  // everything on the heap
  int call_depth = 512;                       // Python frames, and C++ slots between them
  int data_depth = 200;                       // nesting of data in repr, comparison, hash
  double seconds = 5.0;                       // wall clock since Interpreter::ResetClock, less NativeWork
};

// A Python exception on its way through C++. `exception` is an ExceptionObject (values.h).
struct Raised {
  Value exception;
  bool placed = false;  // the frame that it now leaves is in the traceback already
};

// Ends evaluation: a limit (kLimit) or a construct outside the subset (kBadInput). `error.traceback` grows on its way.
struct Fatal {
  Error error;
};

// Owner of all objects of one Interpreter, and of its memory account.
class Heap {
 public:
  explicit Heap(int64_t limit_bytes);
  ~Heap();  // destroys every object, also those in cycles or still referred to
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  template <typename T, typename... A>
  Ref<T> New(Type* type, A&&... args) {
    constexpr size_t kBytes = sizeof(internal::Header) + sizeof(T);
    void* memory = Allocate(kBytes);
    T* object;
    try {
      object = new (static_cast<char*>(memory) + sizeof(internal::Header)) T(std::forward<A>(args)...);
    } catch (...) {
      Free(memory, kBytes);
      throw;
    }
    object->type_ = type;
    Link(static_cast<internal::Header*>(memory), kBytes);
    return Ref<T>(object);
  }

  void Charge(int64_t bytes) {  // throws Fatal(kLimit) when over the limit; nothing is charged then
    if (bytes > limit_bytes_ - used_bytes_) OverLimit(bytes);
    used_bytes_ += bytes;
  }
  void Release(int64_t bytes) { used_bytes_ -= bytes; }
  int64_t used_bytes() const { return used_bytes_; }
  int64_t limit_bytes() const { return limit_bytes_; }
  void set_limit_bytes(int64_t bytes) { limit_bytes_ = bytes; }

 private:
  friend void internal::RefsGone(internal::Header*);
  void* Allocate(size_t bytes);
  void Free(void* memory, size_t bytes);
  void Link(internal::Header* header, size_t bytes);
  void Drain();
  [[noreturn]] void OverLimit(int64_t bytes);

  int64_t limit_bytes_;
  int64_t used_bytes_ = 0;
  uint64_t serial_ = 0;
  internal::Header list_;              // ring of all live objects
  internal::Header* dead_ = nullptr;   // count is zero, destructor not yet run
  bool draining_ = false;
  bool closing_ = false;
};

// Bytes that an object owns besides itself: `charge_.Set(heap, n)` before the buffer is made.
class MemoryCharge {
 public:
  MemoryCharge() = default;
  MemoryCharge(const MemoryCharge&) = delete;
  MemoryCharge& operator=(const MemoryCharge&) = delete;
  ~MemoryCharge() {
    if (bytes_ != 0) heap_->Release(bytes_);
  }
  void Set(Heap& heap, int64_t bytes) {
    if (bytes > bytes_) heap.Charge(bytes - bytes_);
    else heap.Release(bytes_ - bytes);
    heap_ = &heap;
    bytes_ = bytes;
  }
  int64_t bytes() const { return bytes_; }

 private:
  Heap* heap_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace fusepack::py
