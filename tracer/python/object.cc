// The heap: every object follows a Header and stands in one ring, so that a heap can be torn down whatever refers to
// what. Destruction is iterative: an object whose count reaches zero goes to a queue; the outermost release drains it,
// and what the destructors release joins the queue. At the end all destructors run first (releases are then ignored,
// headers still being there) and memory is freed after the last.
#include "tracer/python/object.h"

#include "tracer/python/callables.h"
#include "tracer/python/interpreter.h"

namespace fusepack::py {

const char* OperatorText(BinOp op) {
  static constexpr const char* kText[] = {"+", "-", "*", "@", "/", "//", "%", "** or pow()", "<<", ">>", "&", "^", "|"};
  return kText[static_cast<int>(op)];
}
const char* OperatorText(CmpOp op) {
  static constexpr const char* kText[] = {"==", "!=", "<", "<=", ">", ">="};
  return kText[static_cast<int>(op)];
}
CmpOp Swapped(CmpOp op) {
  static constexpr CmpOp kSwapped[] = {CmpOp::kEq, CmpOp::kNe, CmpOp::kGt, CmpOp::kGe, CmpOp::kLt, CmpOp::kLe};
  return kSwapped[static_cast<int>(op)];
}

void internal::RefsGone(Header* header) {
  Heap& heap = *header->heap;
  if (heap.closing_) return;
  header->prev->next = header->next;
  header->next->prev = header->prev;
  header->next = heap.dead_;
  heap.dead_ = header;
  if (!heap.draining_) heap.Drain();
}

Heap::Heap(int64_t limit_bytes) : limit_bytes_(limit_bytes), list_{this, &list_, &list_, 0, 0, 0} {}

Heap::~Heap() {
  closing_ = true;
  for (internal::Header* h = list_.next; h != &list_; h = h->next) reinterpret_cast<Object*>(h + 1)->~Object();
  for (internal::Header* h = list_.next; h != &list_;) {
    internal::Header* next = h->next;
    ::operator delete(h, std::align_val_t{alignof(internal::Header)});
    h = next;
  }
}

void Heap::Drain() {
  draining_ = true;
  while (dead_ != nullptr) {
    internal::Header* header = dead_;
    dead_ = header->next;
    reinterpret_cast<Object*>(header + 1)->~Object();
    Free(header, header->bytes);
  }
  draining_ = false;
}

void* Heap::Allocate(size_t bytes) {
  Charge(static_cast<int64_t>(bytes));
  return ::operator new(bytes, std::align_val_t{alignof(internal::Header)});
}

void Heap::Free(void* memory, size_t bytes) {
  Release(static_cast<int64_t>(bytes));
  ::operator delete(memory, std::align_val_t{alignof(internal::Header)});
}

void Heap::Link(internal::Header* header, size_t bytes) {
  header->heap = this;
  header->serial = ++serial_;
  header->refs = 0;
  header->bytes = static_cast<uint32_t>(bytes);
  header->prev = &list_;
  header->next = list_.next;
  list_.next->prev = header;
  list_.next = header;
}

void Heap::OverLimit(int64_t bytes) {
  throw Fatal{Error{.code = ErrorCode::kLimit,
                    .found = std::to_string(used_bytes_) + " bytes in use and " + std::to_string(bytes) + " more asked for",
                    .expected = "at most " + std::to_string(limit_bytes_) + " bytes of memory"}};
}

void Object::set_dict(Dict* dict) {
  if (dict != nullptr) internal::Retain(dict);
  Dict* old = std::exchange(dict_, dict);
  if (old != nullptr) internal::Release(old);
}

Dict* Object::EnsureDict() {
  // An instance dict is always an exact dict, so its class needs no interpreter to be found: the heap's first dict
  // class is kept by Interpreter in every Type.
  if (dict_ == nullptr) set_dict(heap().New<Dict>(type_->dict_type(), heap()).get());
  return dict_;
}

// --- Default slots

bool Object::GetAttr(Interpreter& in, Str* name, Value* out) { return GenericGetAttr(in, this, name, out); }
bool Object::SetAttr(Interpreter& in, Str* name, const Value& value) { return GenericSetAttr(in, this, name, value); }
bool Object::DelAttr(Interpreter& in, Str* name) { return GenericDelAttr(in, this, name); }

Value Object::Call(Interpreter& in, const Args&) {
  in.RaiseTypeError("'" + type_->name() + "' object is not callable");
}
Value Object::Binary(Interpreter&, BinOp, const Value&, bool) { return Value(); }
Value Object::Inplace(Interpreter&, BinOp, const Value&) { return Value(); }
Value Object::Unary(Interpreter&, UnOp) { return Value(); }
Value Object::Compare(Interpreter&, CmpOp, const Value&) { return Value(); }

bool Object::Contains(Interpreter& in, const Value& item) {
  if (!type_->IsIterable(in)) {
    in.RaiseTypeError("argument of type '" + type_->name() + "' is not iterable");
  }
  Value iterator = in.Iter(Value(this));
  Value element;
  while (in.Next(iterator, &element)) {
    in.Step();
    if (in.Equal(element, item)) return true;
  }
  return false;
}
Value Object::Iter(Interpreter& in) { in.RaiseTypeError("'" + type_->name() + "' object is not iterable"); }
bool Object::Next(Interpreter& in, Value*) { in.RaiseTypeError("'" + type_->name() + "' object is not an iterator"); }
int64_t Object::Len(Interpreter& in) { in.RaiseTypeError("object of type '" + type_->name() + "' has no len()"); }
bool Object::Truth(Interpreter&) { return true; }
bool Object::Unpack(Interpreter&, size_t, std::vector<Value>*) { return false; }
Value Object::GetItem(Interpreter& in, const Value&) {
  in.RaiseTypeError("'" + type_->name() + "' object is not subscriptable");
}
void Object::SetItem(Interpreter& in, const Value&, const Value&) {
  in.RaiseTypeError("'" + type_->name() + "' object does not support item assignment");
}
void Object::DelItem(Interpreter& in, const Value&) {
  in.RaiseTypeError("'" + type_->name() + "' object doesn't support item deletion");
}

std::string Object::Repr(Interpreter&) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(IdOf(this)));
  return "<" + type_->FullName() + " object at " + address + ">";
}
std::string Object::ToStr(Interpreter& in) { return in.Repr(Value(this)); }
uint64_t Object::Hash(Interpreter&) { return IdOf(this) >> 4; }
uint64_t IdOf(const Object* object) { return 0x7f0000000000 + 16 * internal::HeaderOf(object)->serial; }
bool Object::AsIndex(Interpreter&, int64_t*) { return false; }
bool Object::AsFloat(Interpreter&, double*) { return false; }
bool Object::InstanceCheck(Interpreter& in, const Value&) {
  in.RaiseTypeError("isinstance() arg 2 must be a type, a tuple of types, or a union");
}

}  // namespace fusepack::py
