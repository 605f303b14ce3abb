// Dims: the sizes or strides of a tensor, up to 16 numbers held in place (no allocation).
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/base/check.h"
#include "kernels/base/checked.h"

namespace fusepack {

inline constexpr int kMaxRank = 16;

class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> values) {
    for (int64_t v : values) push_back(v);
  }
  explicit Dims(const std::vector<int64_t>& values) {
    for (int64_t v : values) push_back(v);
  }
  Dims(int rank, int64_t value) {
    for (int i = 0; i < rank; i++) push_back(value);
  }

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t operator[](int i) const { return values_[i]; }
  int64_t& operator[](int i) { return values_[i]; }
  int64_t back() const { return values_[size_ - 1]; }
  const int64_t* begin() const { return values_; }
  const int64_t* end() const { return values_ + size_; }
  int64_t* begin() { return values_; }
  int64_t* end() { return values_ + size_; }
  void push_back(int64_t value) {
    FP_CHECK_LT(size_, kMaxRank);
    values_[size_++] = value;
  }
  void resize(int rank, int64_t fill = 0) {
    FP_CHECK_LE(rank, kMaxRank);
    while (size_ < rank) values_[size_++] = fill;
    size_ = rank;
  }
  void insert(int at, int64_t value) {
    push_back(0);
    for (int i = size_ - 1; i > at; i--) values_[i] = values_[i - 1];
    values_[at] = value;
  }
  void erase(int at) {
    for (int i = at; i + 1 < size_; i++) values_[i] = values_[i + 1];
    size_--;
  }

  friend bool operator==(const Dims& a, const Dims& b) {
    if (a.size_ != b.size_) return false;
    for (int i = 0; i < a.size_; i++) {
      if (a.values_[i] != b.values_[i]) return false;
    }
    return true;
  }
  friend bool operator<(const Dims& a, const Dims& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }

  std::vector<int64_t> ToVector() const { return {begin(), end()}; }
  std::string ToString() const;  // "[1,3,224,224]"

 private:
  int64_t values_[kMaxRank] = {};
  int size_ = 0;
};

inline std::ostream& operator<<(std::ostream& out, const Dims& dims) { return out << dims.ToString(); }

// The number of elements; 1 for rank 0. Sizes must be known to be in range (CheckedNumel otherwise).
int64_t Numel(const Dims& sizes);
CheckedI64 CheckedNumel(const Dims& sizes);

// Row-major strides in elements, as PyTorch's contiguous tensors have them (a size 0 counts as 1).
Dims ContiguousStrides(const Dims& sizes);
// True if an element at index i lies at row-major place i (dimensions of size 1 may have any stride).
bool IsContiguous(const Dims& sizes, const Dims& strides);

}  // namespace fusepack
