// tuple, list, slice, range: indexing, slicing, comparison, methods.
#include <algorithm>
#include <cmath>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"

namespace fusepack::py {
namespace {

bool SameItems(Interpreter& in, const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    in.Step();
    if (!in.Equal(Value(a[i]), Value(b[i]))) return false;
  }
  return true;
}

// Ordering of sequences: the first items that differ decide. Items are copied out, since comparing may change a list.
Value CompareItems(Interpreter& in, CmpOp op, const std::vector<Value>& a, const std::vector<Value>& b) {
  if (op == CmpOp::kEq) return Value::Bool(SameItems(in, a, b));
  if (op == CmpOp::kNe) return Value::Bool(!SameItems(in, a, b));
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    in.Step();
    Value x = a[i], y = b[i];
    if (!in.Equal(x, y)) return in.Compare(op, x, y);
  }
  switch (op) {
    case CmpOp::kLt: return Value::Bool(a.size() < b.size());
    case CmpOp::kLe: return Value::Bool(a.size() <= b.size());
    case CmpOp::kGt: return Value::Bool(a.size() > b.size());
    default: return Value::Bool(a.size() >= b.size());
  }
}

std::string JoinReprs(Interpreter& in, const std::vector<Value>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    in.Step();
    if (i > 0) out += ", ";
    out += in.Repr(Value(items[i]));
    in.CheckTextSize(out.size());
  }
  return out;
}

std::vector<Value> Repeat(Interpreter& in, const std::vector<Value>& items, int64_t times) {
  std::vector<Value> out;
  if (times <= 0 || items.empty()) return out;
  int64_t count;
  if (__builtin_mul_overflow(static_cast<int64_t>(items.size()), times, &count) || count > (int64_t{1} << 40)) {
    in.heap().Charge(INT64_MAX / 2);
  }
  MemoryCharge charge;
  charge.Set(in.heap(), count * static_cast<int64_t>(sizeof(Value)));
  in.Step(count);
  out.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < times; ++i) out.insert(out.end(), items.begin(), items.end());
  return out;
}

std::vector<Value> Concatenate(Interpreter& in, const std::vector<Value>& a, const std::vector<Value>& b) {
  MemoryCharge charge;
  charge.Set(in.heap(), static_cast<int64_t>((a.size() + b.size()) * sizeof(Value)));
  in.Step(static_cast<int64_t>(a.size() + b.size()));
  std::vector<Value> out;
  out.reserve(a.size() + b.size());
  out.insert(out.end(), a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

// Indices of a slice of a list as it is afterwards: an __index__ may change the list.
void StableIndices(Interpreter& in, const Slice& slice, const std::vector<Value>& items, int64_t* start, int64_t* stop,
                   int64_t* step, int64_t* count) {
  size_t size;
  do {
    in.Step();
    size = items.size();
    slice.Indices(in, static_cast<int64_t>(size), start, stop, step, count);
  } while (size != items.size());
}

std::vector<Value> SliceItems(Interpreter& in, const std::vector<Value>& items, const Slice& slice) {
  int64_t start, stop, step, count;
  StableIndices(in, slice, items, &start, &stop, &step, &count);
  in.Step(count);
  std::vector<Value> out;
  out.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) out.push_back(items[static_cast<size_t>(start + i * step)]);
  return out;
}

// An index of one of the items; raises IndexError. Their number is looked at last: an __index__ may change it.
size_t ItemIndex(Interpreter& in, const Value& key, const std::vector<Value>& items, const char* what, const char* error) {
  int64_t i;
  if (!in.FindIndex(key, &i)) {
    in.RaiseTypeError(std::string(what) + " indices must be integers or slices, not " + in.TypeName(key));
  }
  int64_t size = static_cast<int64_t>(items.size());
  if (i < 0) i += size;
  if (i < 0 || i >= size) in.Raise(in.types().index_error, error);
  return static_cast<size_t>(i);
}

bool ContainsItem(Interpreter& in, const std::vector<Value>& items, const Value& item) {
  for (size_t i = 0; i < items.size(); ++i) {
    in.Step();
    if (in.Equal(Value(items[i]), item)) return true;
  }
  return false;
}

template <typename T>
Value ItemIterator(Interpreter& in, T* sequence) {
  return in.NewIterator([sequence = Ref<T>(sequence), i = size_t{0}](Interpreter&, Value* out) mutable {
    if (i >= sequence->items().size()) return false;
    *out = sequence->items()[i++];
    return true;
  });
}

bool RepeatCount(Interpreter& in, const Value& v, int64_t* out) { return in.FindIndex(v, out); }

}  // namespace

// --- tuple

Tuple::Tuple(Heap& heap, std::vector<Value> items) : Object(kLayout), items_(std::move(items)) {
  charge_.Set(heap, static_cast<int64_t>(items_.capacity() * sizeof(Value)));
}
Value Tuple::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (op == BinOp::kAdd && !reflected) {
    if (auto* t = other.As<Tuple>()) return Value(in.NewTuple(Concatenate(in, items_, t->items_)));
    return Value();
  }
  int64_t n;
  if (op == BinOp::kMul && RepeatCount(in, other, &n)) return Value(in.NewTuple(Repeat(in, items_, n)));
  return Value();
}
Value Tuple::Compare(Interpreter& in, CmpOp op, const Value& other) {
  auto* t = other.As<Tuple>();
  return t == nullptr ? Value() : CompareItems(in, op, items_, t->items_);
}
bool Tuple::Contains(Interpreter& in, const Value& item) { return ContainsItem(in, items_, item); }
Value Tuple::Iter(Interpreter& in) { return ItemIterator(in, this); }
Value Tuple::GetItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) return Value(in.NewTuple(SliceItems(in, items_, *slice)));
  return items_[ItemIndex(in, key, items_, "tuple", "tuple index out of range")];
}
std::string Tuple::Repr(Interpreter& in) {
  return "(" + JoinReprs(in, items_) + (items_.size() == 1 ? ",)" : ")");
}
uint64_t Tuple::Hash(Interpreter& in) {
  uint64_t hash = 0x345678;
  for (const Value& v : items_) {
    in.Step();
    hash = (hash ^ in.Hash(v)) * 0x100000001b3ull + items_.size();
    hash ^= hash >> 29;
  }
  return hash;
}

// --- list

List::List(Heap& heap, std::vector<Value> items) : Object(kLayout), items_(std::move(items)) {
  charge_.Set(heap, static_cast<int64_t>(items_.capacity() * sizeof(Value)));
}
void List::Append(Value value) {
  if (items_.size() == items_.capacity()) {
    size_t capacity = std::max<size_t>(4, items_.size() * 2);
    charge_.Set(heap(), static_cast<int64_t>(capacity * sizeof(Value)));
    items_.reserve(capacity);
  }
  items_.push_back(std::move(value));
}
void List::Insert(size_t at, Value value) {
  Append(Value());
  std::move_backward(items_.begin() + static_cast<ptrdiff_t>(at), items_.end() - 1, items_.end());
  items_[at] = std::move(value);
}
void List::Erase(size_t begin, size_t end) {
  std::vector<Value> dead(std::make_move_iterator(items_.begin() + static_cast<ptrdiff_t>(begin)),
                          std::make_move_iterator(items_.begin() + static_cast<ptrdiff_t>(end)));
  items_.erase(items_.begin() + static_cast<ptrdiff_t>(begin), items_.begin() + static_cast<ptrdiff_t>(end));
}
void List::Assign(std::vector<Value> items) {
  charge_.Set(heap(), static_cast<int64_t>(items.capacity() * sizeof(Value)));
  items_.swap(items);
}
std::vector<Value> List::Take() {
  std::vector<Value> out;
  out.swap(items_);
  charge_.Set(heap(), 0);
  return out;
}

Value List::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (op == BinOp::kAdd && !reflected) {
    auto* l = other.As<List>();
    if (l == nullptr) {
      if (other.is_object() && other.object()->layout() == Layout::kOther) return Value();
      if (other.is_object() && !other.object()->type()->native()) return Value();
      in.RaiseTypeError("can only concatenate list (not \"" + in.TypeName(other) + "\") to list");
    }
    return Value(in.NewList(Concatenate(in, items_, l->items_)));
  }
  int64_t n;
  if (op == BinOp::kMul && RepeatCount(in, other, &n)) return Value(in.NewList(Repeat(in, items_, n)));
  return Value();
}
Value List::Inplace(Interpreter& in, BinOp op, const Value& other) {
  if (op == BinOp::kAdd) {
    for (Value& v : in.ToVector(other)) Append(std::move(v));
    return Value(this);
  }
  int64_t n;
  if (op == BinOp::kMul && RepeatCount(in, other, &n)) {
    Assign(Repeat(in, items_, n));
    return Value(this);
  }
  return Value();
}
Value List::Compare(Interpreter& in, CmpOp op, const Value& other) {
  auto* l = other.As<List>();
  return l == nullptr ? Value() : CompareItems(in, op, items_, l->items_);
}
bool List::Contains(Interpreter& in, const Value& item) { return ContainsItem(in, items_, item); }
Value List::Iter(Interpreter& in) { return ItemIterator(in, this); }
Value List::GetItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) return Value(in.NewList(SliceItems(in, items_, *slice)));
  return items_[ItemIndex(in, key, items_, "list", "list index out of range")];
}
void List::SetItem(Interpreter& in, const Value& key, const Value& value) {
  if (auto* slice = key.As<Slice>()) {
    std::vector<Value> values = in.ToVector(value);
    int64_t start, stop, step, count;
    StableIndices(in, *slice, items_, &start, &stop, &step, &count);
    in.Step(static_cast<int64_t>(items_.size() / 8));
    if (step == 1) {
      stop = std::max(start, stop);
      std::vector<Value> out(items_.begin(), items_.begin() + start);
      out.insert(out.end(), values.begin(), values.end());
      out.insert(out.end(), items_.begin() + stop, items_.end());
      return Assign(std::move(out));
    }
    if (static_cast<int64_t>(values.size()) != count) {
      in.RaiseValueError("attempt to assign sequence of size " + std::to_string(values.size()) +
                         " to extended slice of size " + std::to_string(count));
    }
    for (int64_t i = 0; i < count; ++i) items_[static_cast<size_t>(start + i * step)] = values[static_cast<size_t>(i)];
    return;
  }
  size_t i = ItemIndex(in, key, items_, "list", "list assignment index out of range");
  items_[i] = value;
}
void List::DelItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) {
    int64_t start, stop, step, count;
    StableIndices(in, *slice, items_, &start, &stop, &step, &count);
    in.Step(static_cast<int64_t>(items_.size() / 8));
    std::vector<bool> gone(items_.size());
    for (int64_t i = 0; i < count; ++i) gone[static_cast<size_t>(start + i * step)] = true;
    std::vector<Value> out;
    for (size_t i = 0; i < items_.size(); ++i) {
      if (!gone[i]) out.push_back(items_[i]);
    }
    return Assign(std::move(out));
  }
  size_t i = ItemIndex(in, key, items_, "list", "list assignment index out of range");
  in.Step(static_cast<int64_t>((items_.size() - i) / 16));
  Erase(i, i + 1);
}
std::string List::Repr(Interpreter& in) {
  if (in.InRepr(this)) return "[...]";
  Interpreter::ReprScope scope(in, this);
  return "[" + JoinReprs(in, items_) + "]";
}
uint64_t List::Hash(Interpreter& in) { in.RaiseTypeError("unhashable type: '" + type()->name() + "'"); }

// --- slice and range

void Slice::Indices(Interpreter& in, int64_t length, int64_t* start_out, int64_t* stop_out, int64_t* step_out,
                    int64_t* count) const {
  auto index = [&](const Value& v) {
    int64_t i;
    if (!in.FindIndex(v, &i)) {
      in.RaiseTypeError("slice indices must be integers or None or have an __index__ method");
    }
    return i;
  };
  int64_t by = step.is_none() ? 1 : index(step);
  if (by == 0) in.RaiseValueError("slice step cannot be zero");
  if (by < -INT64_MAX) by = -INT64_MAX;
  int64_t low = by < 0 ? -1 : 0, high = by < 0 ? length - 1 : length;
  auto clip = [&](const Value& v, int64_t otherwise) {
    if (v.is_none()) return otherwise;
    int64_t i = index(v);
    if (i < 0) return std::max(i + length, low);
    return std::min(i, high);
  };
  int64_t first = clip(start, by < 0 ? high : low), last = clip(stop, by < 0 ? low : high);
  *start_out = first;
  *stop_out = last;
  *step_out = by;
  if (by < 0) *count = first > last ? (first - last - 1) / -by + 1 : 0;
  else *count = last > first ? (last - first - 1) / by + 1 : 0;
}
bool Slice::GetAttr(Interpreter& in, Str* name, Value* out) {
  if (name == in.names().start) return *out = start, true;
  if (name == in.names().stop) return *out = stop, true;
  if (name == in.names().step) return *out = step, true;
  return Object::GetAttr(in, name, out);
}
Value Slice::Compare(Interpreter& in, CmpOp op, const Value& other) {
  auto* s = other.As<Slice>();
  if (s == nullptr || (op != CmpOp::kEq && op != CmpOp::kNe)) return Value();
  bool same = in.Equal(start, s->start) && in.Equal(stop, s->stop) && in.Equal(step, s->step);
  return Value::Bool(same == (op == CmpOp::kEq));
}
std::string Slice::Repr(Interpreter& in) {
  return "slice(" + in.Repr(start) + ", " + in.Repr(stop) + ", " + in.Repr(step) + ")";
}

namespace {

uint64_t Unsigned(int64_t i) { return static_cast<uint64_t>(i); }
// start + n * step, which is within the range wherever it is asked for.
int64_t Wrapped(int64_t start, int64_t n, int64_t step) {
  return static_cast<int64_t>(Unsigned(start) + Unsigned(n) * Unsigned(step));
}

}  // namespace

Range::Range(int64_t start, int64_t stop, int64_t step) : Object(kLayout), start(start), stop(stop), step(step) {
  // In unsigned arithmetic, since stop - start may not fit.
  uint64_t distance = step > 0 ? static_cast<uint64_t>(stop) - static_cast<uint64_t>(start)
                               : static_cast<uint64_t>(start) - static_cast<uint64_t>(stop);
  uint64_t by = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  bool empty = step > 0 ? start >= stop : start <= stop;
  uint64_t n = empty ? 0 : (distance - 1) / by + 1;
  count = static_cast<int64_t>(std::min<uint64_t>(n, INT64_MAX));
}
bool Range::GetAttr(Interpreter& in, Str* name, Value* out) {
  if (name == in.names().start) return *out = Value::Int(start), true;
  if (name == in.names().stop) return *out = Value::Int(stop), true;
  if (name == in.names().step) return *out = Value::Int(step), true;
  return Object::GetAttr(in, name, out);
}
Value Range::Compare(Interpreter&, CmpOp op, const Value& other) {
  auto* r = other.As<Range>();
  if (r == nullptr || (op != CmpOp::kEq && op != CmpOp::kNe)) return Value();
  bool same = count == r->count && (count == 0 || (start == r->start && (count == 1 || step == r->step)));
  return Value::Bool(same == (op == CmpOp::kEq));
}
bool Range::Contains(Interpreter& in, const Value& item) {
  int64_t i;
  if (item.is_float()) {
    if (!(std::fabs(item.number()) < 9.2e18)) return false;
    if (item.number() != static_cast<double>(static_cast<int64_t>(item.number()))) return false;
    i = static_cast<int64_t>(item.number());
  } else if (!in.FindIndex(item, &i)) {
    return false;
  }
  if (count == 0) return false;
  int64_t last = Wrapped(start, count - 1, step);
  if (step > 0 ? (i < start || i > last) : (i > start || i < last)) return false;
  uint64_t distance = step > 0 ? Unsigned(i) - Unsigned(start) : Unsigned(start) - Unsigned(i);
  return distance % (step > 0 ? Unsigned(step) : 0 - Unsigned(step)) == 0;
}
Value Range::Iter(Interpreter& in) {
  return in.NewIterator([at = start, left = count, by = step](Interpreter&, Value* out) mutable {
    if (left == 0) return false;
    *out = Value::Int(at);
    if (--left > 0) at = static_cast<int64_t>(Unsigned(at) + Unsigned(by));
    return true;
  });
}
Value Range::GetItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) {
    int64_t first, last, by, n;
    slice->Indices(in, count, &first, &last, &by, &n);
    return Value(in.New<Range>(in.types().range, Wrapped(start, first, step), Wrapped(start, last, step),
                               Wrapped(0, step, by)));
  }
  int64_t i;
  if (!in.FindIndex(key, &i)) in.RaiseTypeError("range indices must be integers or slices, not " + in.TypeName(key));
  if (i < 0) i += count;
  if (i < 0 || i >= count) in.Raise(in.types().index_error, "range object index out of range");
  return Value::Int(Wrapped(start, i, step));
}
std::string Range::Repr(Interpreter&) {
  std::string out = "range(" + std::to_string(start) + ", " + std::to_string(stop);
  return out + (step == 1 ? ")" : ", " + std::to_string(step) + ")");
}
uint64_t Range::Hash(Interpreter&) {
  return static_cast<uint64_t>(count) * 31 + (count > 0 ? static_cast<uint64_t>(start) : 0);
}

// --- methods

namespace {

Value FindItem(Interpreter& in, const std::vector<Value>& items, const BoundArgs& a, const char* error) {
  int64_t size = static_cast<int64_t>(items.size());
  int64_t start = a.Int(2), stop = a.Int(3);
  if (start < 0) start = std::max<int64_t>(0, start + size);
  if (stop < 0) stop += size;
  for (int64_t i = start; i < stop && i < static_cast<int64_t>(items.size()); ++i) {
    in.Step();
    if (in.Equal(Value(items[static_cast<size_t>(i)]), a[1])) return Value::Int(i);
  }
  in.RaiseValueError(std::string(error) == "tuple" ? "tuple.index(x): x not in tuple" : in.Repr(a[1]) + " is not in list");
}

Value CountItem(Interpreter& in, const std::vector<Value>& items, const Value& item) {
  int64_t n = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    in.Step();
    n += in.Equal(Value(items[i]), item);
  }
  return Value::Int(n);
}

template <typename T>
T& Self(BoundArgs& a, const char* expected) {
  T* self = a[0].As<T>();
  if (self == nullptr) a.Wrong(0, expected);
  return *self;
}

}  // namespace

// A stable merge sort whose comparison may raise or change the list: it works on its own copy.
void SortValues(Interpreter& in, std::vector<Value>* items, const Value& key, bool reverse) {
  std::vector<std::pair<Value, Value>> keyed;
  keyed.reserve(items->size());
  MemoryCharge charge;
  charge.Set(in.heap(), static_cast<int64_t>(items->size() * 2 * sizeof(std::pair<Value, Value>)));
  for (const Value& v : *items) {
    in.Step();
    keyed.emplace_back(key.is_none() ? v : in.Call(key, {v}), v);
  }
  if (reverse) std::reverse(keyed.begin(), keyed.end());
  std::vector<std::pair<Value, Value>> other(keyed.size());
  for (size_t width = 1; width < keyed.size(); width *= 2) {
    for (size_t begin = 0; begin < keyed.size(); begin += 2 * width) {
      size_t mid = std::min(begin + width, keyed.size()), end = std::min(begin + 2 * width, keyed.size());
      size_t i = begin, j = mid, k = begin;
      while (i < mid && j < end) {
        in.Step();
        bool right = in.Truth(in.Compare(CmpOp::kLt, keyed[j].first, keyed[i].first));
        other[k++] = std::move(keyed[right ? j++ : i++]);
      }
      while (i < mid) other[k++] = std::move(keyed[i++]);
      while (j < end) other[k++] = std::move(keyed[j++]);
    }
    keyed.swap(other);
  }
  if (reverse) std::reverse(keyed.begin(), keyed.end());
  for (size_t i = 0; i < items->size(); ++i) (*items)[i] = std::move(keyed[i].second);
}

std::vector<NativeMethod> TupleMethods() {
  return {
      {"index", "self, value, start=0, stop=9223372036854775807, /",
       [](Interpreter& in, BoundArgs& a) { return FindItem(in, Self<Tuple>(a, "tuple").items(), a, "tuple"); }},
      {"count", "self, value, /",
       [](Interpreter& in, BoundArgs& a) { return CountItem(in, Self<Tuple>(a, "tuple").items(), a[1]); }},
  };
}

std::vector<NativeMethod> ListMethods() {
  return {
      {"__init__", "self, iterable=(), /",
       [](Interpreter& in, BoundArgs& a) {
         Self<List>(a, "list").Assign(in.ToVector(a[1]));
         return Value::None();
       }},
      {"append", "self, object, /",
       [](Interpreter&, BoundArgs& a) { return Self<List>(a, "list").Append(a[1]), Value::None(); }},
      {"extend", "self, iterable, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         for (Value& v : in.ToVector(a[1])) list.Append(std::move(v));
         return Value::None();
       }},
      {"insert", "self, index, object, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         int64_t at = a.Int(1), size = static_cast<int64_t>(list.size());
         if (at < 0) at = std::max<int64_t>(0, at + size);
         in.Step(std::max<int64_t>(0, size - at) / 16);
         list.Insert(static_cast<size_t>(std::min(at, size)), a[2]);
         return Value::None();
       }},
      {"pop", "self, index=-1, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         Value index = Value::Int(a.Int(1));
         if (list.size() == 0) in.Raise(in.types().index_error, "pop from empty list");
         size_t i = ItemIndex(in, index, list.items(), "list", "pop index out of range");
         Value v = list[i];
         in.Step(static_cast<int64_t>((list.size() - i) / 16));
         list.Erase(i, i + 1);
         return v;
       }},
      {"remove", "self, value, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         for (size_t i = 0; i < list.size(); ++i) {
           in.Step();
           if (in.Equal(Value(list[i]), a[1])) {
             if (i < list.size()) list.Erase(i, i + 1);
             return Value::None();
           }
         }
         in.RaiseValueError("list.remove(x): x not in list");
       }},
      {"clear", "self, /", [](Interpreter&, BoundArgs& a) { return Self<List>(a, "list").Take(), Value::None(); }},
      {"copy", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         in.Step(static_cast<int64_t>(list.size()));
         return Value(in.NewList(list.items()));
       }},
      {"reverse", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         in.Step(static_cast<int64_t>(list.size()));
         std::vector<Value> items = list.Take();
         std::reverse(items.begin(), items.end());
         list.Assign(std::move(items));
         return Value::None();
       }},
      {"sort", "self, *, key=None, reverse=False",
       [](Interpreter& in, BoundArgs& a) {
         List& list = Self<List>(a, "list");
         bool reverse = a.Bool(2);
         std::vector<Value> items = list.Take(), before = items;  // the list is empty while its items are compared
         try {
           SortValues(in, &items, a[1], reverse);
         } catch (Raised&) {
           list.Assign(std::move(before));
           throw;
         }
         bool changed = list.size() != 0;
         list.Assign(std::move(items));
         if (changed) in.RaiseValueError("list modified during sort");
         return Value::None();
       }},
      {"index", "self, value, start=0, stop=9223372036854775807, /",
       [](Interpreter& in, BoundArgs& a) { return FindItem(in, Self<List>(a, "list").items(), a, "list"); }},
      {"count", "self, value, /",
       [](Interpreter& in, BoundArgs& a) { return CountItem(in, Self<List>(a, "list").items(), a[1]); }},
  };
}

}  // namespace fusepack::py
