// One recursion over dimensions; a dimension whose entry is negative fills the whole block beneath it. The outermost
// dimensions are split over threads row by row.
#include "kernels/pick/pick.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

struct B16 { char bytes[16]; };

template <typename T>
struct Picker {
  const TensorView& x;
  const std::vector<std::vector<int64_t>>& tables;
  T fill;
  std::vector<int64_t> block;  // elements of y beneath one index of dimension d

  void Run(int d, const T* from, T* to) const {
    const std::vector<int64_t>& table = tables[d];
    const int64_t stride = x.strides[d], n = static_cast<int64_t>(table.size());
    if (d + 1 == static_cast<int>(tables.size())) {
      for (int64_t i = 0; i < n; i++) to[i] = table[i] < 0 ? fill : from[table[i] * stride];
      return;
    }
    for (int64_t i = 0; i < n; i++) {
      T* part = to + i * block[d];
      if (table[i] < 0) std::fill(part, part + block[d], fill);
      else Run(d + 1, from + table[i] * stride, part);
    }
  }
};

template <typename T>
void PickAs(const TensorView& x, const std::vector<std::vector<int64_t>>& tables, const void* fill,
            const MutableTensorView& y) {
  const T* from = static_cast<const T*>(x.data);
  T* to = static_cast<T*>(y.data);
  const int rank = x.rank();
  if (rank == 0) {
    *to = *from;
    return;
  }
  Picker<T> picker{x, tables, *static_cast<const T*>(fill), std::vector<int64_t>(rank, 1)};
  for (int d = rank - 2; d >= 0; d--) picker.block[d] = picker.block[d + 1] * y.sizes[d + 1];
  // Threads share the indices of the first two dimensions (batch and channels, usually).
  const int split = rank > 2 ? 2 : rank - 1;
  int64_t rows = 1;
  for (int d = 0; d < split; d++) rows *= y.sizes[d];
  if (y.numel() == 0) return;
  const int64_t row = y.numel() / rows;
  ParallelFor(rows, (1 << 14) / row + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const T* source = from;
      bool outside = false;
      int64_t rest = r;
      for (int d = split - 1; d >= 0; d--) {
        const int64_t index = tables[d][rest % y.sizes[d]];
        rest /= y.sizes[d];
        outside |= index < 0;
        if (!outside) source += index * x.strides[d];
      }
      if (outside) std::fill(to + r * row, to + (r + 1) * row, picker.fill);
      else picker.Run(split, source, to + r * row);
    }
  });
}

}  // namespace

void Pick(const TensorView& x, const std::vector<std::vector<int64_t>>& tables, const void* fill,
          const MutableTensorView& y) {
  switch (ItemSize(x.dtype)) {
    case 1: return PickAs<uint8_t>(x, tables, fill, y);
    case 2: return PickAs<uint16_t>(x, tables, fill, y);
    case 4: return PickAs<uint32_t>(x, tables, fill, y);
    case 8: return PickAs<uint64_t>(x, tables, fill, y);
    default: return PickAs<B16>(x, tables, fill, y);
  }
}

}  // namespace fusepack::kernels
