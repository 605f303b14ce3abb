// Open addressing with linear probing over an index into an ordered list of entries (the shape of CPython's dict).
// Names -- interned strings -- take a short path: equal names are the same object, so no Python code runs.
#include <cstring>

#include "tracer/python/interpreter.h"

namespace fusepack::py {
namespace {

constexpr int32_t kEmpty = -1, kDeleted = -2;
constexpr size_t kMaxEntries = size_t{1} << 30;

size_t Spread(uint64_t hash) { return static_cast<size_t>((hash * 0x9e3779b97f4a7c15ull) >> 20); }

}  // namespace

void HashTable::Rebuild(size_t capacity) {
  size_t slots = 8;
  while (slots * 2 < capacity * 3 + 3) slots *= 2;
  FP_CHECK_LT(slots, kMaxEntries);
  charge_.Set(heap_, static_cast<int64_t>(slots * sizeof(int32_t) + std::max(capacity, live_) * sizeof(Entry)));
  if (live_ != entries_.size()) {
    std::vector<Entry> kept;
    kept.reserve(std::max(capacity, live_));
    for (Entry& e : entries_) {
      if (e.key) kept.push_back(std::move(e));
    }
    entries_ = std::move(kept);
  } else {
    entries_.reserve(capacity);
  }
  index_.assign(slots, kEmpty);
  size_t mask = slots - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = Spread(entries_[i].hash) & mask;
    while (index_[slot] != kEmpty) slot = (slot + 1) & mask;
    index_[slot] = static_cast<int32_t>(i);
  }
  used_slots_ = entries_.size();
}

int64_t HashTable::FindNameIndex(const Str* name, size_t* slot_out) const {
  if (index_.empty()) return -1;
  size_t mask = index_.size() - 1;
  uint64_t hash = name->hash();
  for (size_t slot = Spread(hash) & mask; index_[slot] != kEmpty; slot = (slot + 1) & mask) {
    int32_t i = index_[slot];
    if (i == kDeleted) continue;
    const Entry& e = entries_[static_cast<size_t>(i)];
    if (e.hash != hash) continue;
    Str* key = e.key.As<Str>();
    if (key != nullptr && (key == name || key->text() == name->text())) {
      *slot_out = slot;
      return i;
    }
  }
  return -1;
}

int64_t HashTable::FindIndex(Interpreter& in, const Value& key, uint64_t hash, size_t* slot_out) {
  if (index_.empty()) return -1;
  if (Str* name = key.As<Str>(); name != nullptr && name->type()->native()) {
    in.Step(static_cast<int64_t>(name->text().size() / 64));
    return FindNameIndex(name, slot_out);
  }
again:
  if (index_.empty()) return -1;  // also when a key's __eq__ has cleared it
  size_t mask = index_.size() - 1;
  for (size_t slot = Spread(hash) & mask; index_[slot] != kEmpty; slot = (slot + 1) & mask) {
    int32_t i = index_[slot];
    if (i == kDeleted) continue;
    const Entry& e = entries_[static_cast<size_t>(i)];
    if (e.hash != hash) continue;
    in.Step();
    bool equal = e.key.Is(key);
    if (!equal) {
      uint64_t version = version_;
      Value kept = e.key;  // its __eq__ may change the table
      equal = in.Truth(in.Compare(CmpOp::kEq, kept, key));
      if (version != version_) goto again;
    }
    if (equal) {
      *slot_out = slot;
      return i;
    }
  }
  return -1;
}

Value* HashTable::Find(Interpreter& in, const Value& key) {
  if (live_ == 0) {
    in.Hash(key);  // an unhashable key is an error all the same
    return nullptr;
  }
  size_t slot;
  int64_t i = FindIndex(in, key, in.Hash(key), &slot);
  return i < 0 ? nullptr : &entries_[static_cast<size_t>(i)].value;
}

Value* HashTable::Find(const Str* name) {
  size_t slot;
  int64_t i = FindNameIndex(name, &slot);
  return i < 0 ? nullptr : &entries_[static_cast<size_t>(i)].value;
}

void HashTable::Insert(uint64_t hash, Value key, Value value) {
  if (entries_.size() == entries_.capacity() || index_.empty() || (used_slots_ + 1) * 3 > index_.size() * 2) {
    Rebuild(std::max<size_t>(5, live_ * 2));
  }
  size_t mask = index_.size() - 1;
  size_t slot = Spread(hash) & mask;
  while (index_[slot] >= 0) slot = (slot + 1) & mask;
  if (index_[slot] == kEmpty) ++used_slots_;
  index_[slot] = static_cast<int32_t>(entries_.size());
  entries_.push_back({hash, std::move(key), std::move(value)});
  ++live_;
  ++version_;
}

void HashTable::Set(Interpreter& in, const Value& key, Value value) {
  uint64_t hash = in.Hash(key);
  size_t slot;
  int64_t i = FindIndex(in, key, hash, &slot);
  if (i >= 0) std::swap(entries_[static_cast<size_t>(i)].value, value);  // the old value dies after the table is whole
  else Insert(hash, key, std::move(value));
}

void HashTable::Set(Str* name, Value value) {
  size_t slot;
  int64_t i = FindNameIndex(name, &slot);
  if (i >= 0) std::swap(entries_[static_cast<size_t>(i)].value, value);
  else Insert(name->hash(), Value(name), std::move(value));
}

void HashTable::EraseAt(size_t slot, int64_t i) {
  index_[slot] = kDeleted;
  Entry dead{0, Value(), Value()};
  std::swap(dead, entries_[static_cast<size_t>(i)]);
  --live_;
  ++version_;
  // Trailing holes go at once, so that popitem() from the end stays constant time.
  while (!entries_.empty() && !entries_.back().key) entries_.pop_back();
}

bool HashTable::Erase(Interpreter& in, const Value& key, Value* old_key, Value* old_value) {
  size_t slot;
  int64_t i = FindIndex(in, key, in.Hash(key), &slot);
  if (i < 0) return false;
  if (old_key != nullptr) *old_key = entries_[static_cast<size_t>(i)].key;
  if (old_value != nullptr) *old_value = entries_[static_cast<size_t>(i)].value;
  EraseAt(slot, i);
  return true;
}

bool HashTable::Erase(const Str* name) {
  size_t slot;
  int64_t i = FindNameIndex(name, &slot);
  if (i < 0) return false;
  EraseAt(slot, i);
  return true;
}

void HashTable::MoveToEnd(Interpreter& in, const Value& key, bool last) {
  Value k, v;
  if (!Erase(in, key, &k, &v)) in.RaiseKeyError(key);
  if (last) {
    Insert(in.Hash(k), k, v);
    return;
  }
  std::vector<Entry> rest;
  for (Entry& e : entries_) {
    if (e.key) rest.push_back(std::move(e));
  }
  Clear();
  Insert(in.Hash(k), k, v);
  for (Entry& e : rest) Insert(e.hash, std::move(e.key), std::move(e.value));
}

void HashTable::Clear() {
  std::vector<Entry> dead;
  dead.swap(entries_);
  index_.clear();
  live_ = used_slots_ = 0;
  ++version_;
  charge_.Set(heap_, 0);
}

}  // namespace fusepack::py
