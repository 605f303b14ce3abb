#include "kernels/base/dims.h"

#include <algorithm>

namespace fusepack {

std::string Dims::ToString() const {
  std::string out = "[";
  for (int i = 0; i < size_; i++) out += (i ? "," : "") + std::to_string(values_[i]);
  return out + "]";
}

int64_t Numel(const Dims& sizes) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return n;
}

CheckedI64 CheckedNumel(const Dims& sizes) {
  CheckedI64 n = 1;
  for (int64_t s : sizes) n *= s;
  return n;
}

Dims ContiguousStrides(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  for (int i = sizes.size() - 2; i >= 0; i--) strides[i] = strides[i + 1] * std::max<int64_t>(sizes[i + 1], 1);
  return strides;
}

bool IsContiguous(const Dims& sizes, const Dims& strides) {
  if (Numel(sizes) == 0) return true;
  int64_t expected = 1;
  for (int i = sizes.size() - 1; i >= 0; i--) {
    if (sizes[i] != 1 && strides[i] != expected) return false;
    expected *= sizes[i];
  }
  return true;
}

}  // namespace fusepack
