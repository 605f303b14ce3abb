// Dimensions that are one run in both tensors are merged first, those of size 1 dropped; then the outer dimensions are
// split over threads and the innermost is a plain loop. A transposition is copied in tiles, so that both sides use
// whole cache lines.
#include "kernels/layout/copy.h"

#include <cstring>

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrainElements = 1 << 15;
constexpr int64_t kTile = 32;  // 32 x 32 elements of 8 bytes on both sides are 16 KiB

struct Plan {
  Dims sizes, from, to;
};

Plan Merge(const TensorView& from, const MutableTensorView& to) {
  Plan plan;
  for (int d = 0; d < from.rank(); d++) {
    if (from.sizes[d] == 1) continue;
    const int last = plan.sizes.size() - 1;
    if (last >= 0 && plan.from[last] == from.sizes[d] * from.strides[d] && plan.to[last] == from.sizes[d] * to.strides[d]) {
      plan.sizes[last] *= from.sizes[d];
      plan.from[last] = from.strides[d];
      plan.to[last] = to.strides[d];
    } else {
      plan.sizes.push_back(from.sizes[d]);
      plan.from.push_back(from.strides[d]);
      plan.to.push_back(to.strides[d]);
    }
  }
  return plan;
}

template <typename From, typename To>
void CopyRow(const From* from, int64_t from_step, To* to, int64_t to_step, int64_t n) {
  if (from_step == 1 && to_step == 1) {
    if constexpr (std::is_same_v<From, To>) {
      std::memcpy(to, from, n * sizeof(To));
    } else {
      for (int64_t i = 0; i < n; i++) to[i] = ConvertElement<To>(from[i]);
    }
    return;
  }
  for (int64_t i = 0; i < n; i++) to[i * to_step] = ConvertElement<To>(from[i * from_step]);
}

// The two innermost dimensions.
template <typename From, typename To>
void CopyPlane(const From* from, To* to, const Plan& p) {
  const int y = p.sizes.size() - 2, x = y + 1;
  const bool transposed = p.from[y] == 1 && p.to[x] == 1;
  if (!transposed) {
    for (int64_t i = 0; i < p.sizes[y]; i++) CopyRow(from + i * p.from[y], p.from[x], to + i * p.to[y], p.to[x], p.sizes[x]);
    return;
  }
  for (int64_t i0 = 0; i0 < p.sizes[y]; i0 += kTile) {
    for (int64_t j0 = 0; j0 < p.sizes[x]; j0 += kTile) {
      const int64_t i1 = std::min(i0 + kTile, p.sizes[y]), j1 = std::min(j0 + kTile, p.sizes[x]);
      for (int64_t i = i0; i < i1; i++) {
        for (int64_t j = j0; j < j1; j++) to[i * p.to[y] + j] = ConvertElement<To>(from[i + j * p.from[x]]);
      }
    }
  }
}

template <typename From, typename To>
void Copy(const void* from_data, void* to_data, const Plan& p) {
  const From* from = static_cast<const From*>(from_data);
  To* to = static_cast<To*>(to_data);
  const int rank = p.sizes.size();
  if (rank == 0) return CopyRow(from, 1, to, 1, 1);
  if (rank == 1) {
    return ParallelFor(p.sizes[0], kGrainElements, [&](int64_t begin, int64_t end) {
      CopyRow(from + begin * p.from[0], p.from[0], to + begin * p.to[0], p.to[0], end - begin);
    });
  }
  int64_t outer = 1;
  for (int d = 0; d < rank - 2; d++) outer *= p.sizes[d];
  const int64_t plane = p.sizes[rank - 2] * p.sizes[rank - 1];
  if (outer == 1) {
    return ParallelFor(p.sizes[rank - 2], std::max<int64_t>(kGrainElements / p.sizes[rank - 1], 1), [&](int64_t begin, int64_t end) {
      Plan part = p;
      part.sizes[rank - 2] = end - begin;
      CopyPlane(from + begin * p.from[rank - 2], to + begin * p.to[rank - 2], part);
    });
  }
  ParallelFor(outer, std::max<int64_t>(kGrainElements / plane, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t rest = i, from_offset = 0, to_offset = 0;
      for (int d = rank - 3; d >= 0; d--) {
        const int64_t at = rest % p.sizes[d];
        rest /= p.sizes[d];
        from_offset += at * p.from[d];
        to_offset += at * p.to[d];
      }
      CopyPlane(from + from_offset, to + to_offset, p);
    }
  });
}

}  // namespace

void CopyElements(const TensorView& from, const MutableTensorView& to) {
  FP_CHECK_EQ(from.sizes, to.sizes);
  if (from.numel() == 0) return;
  const Plan plan = Merge(from, to);
  if (from.dtype == to.dtype) {
    switch (ItemSize(from.dtype)) {
      case 1: return Copy<uint8_t, uint8_t>(from.data, to.data, plan);
      case 2: return Copy<uint16_t, uint16_t>(from.data, to.data, plan);
      case 4: return Copy<uint32_t, uint32_t>(from.data, to.data, plan);
      case 8: return Copy<uint64_t, uint64_t>(from.data, to.data, plan);
      default: FP_CHECK_EQ(ItemSize(from.dtype), sizeof(std::complex<double>));
        return Copy<std::complex<double>, std::complex<double>>(from.data, to.data, plan);
    }
  }
  VisitReal(from.dtype, [&](auto a) {
    VisitReal(to.dtype, [&](auto b) { Copy<decltype(a), decltype(b)>(from.data, to.data, plan); });
  });
}

MutableTensorView Narrow(MutableTensorView view, int dim, int64_t start, int64_t length) {
  view.data = static_cast<char*>(view.data) + start * view.strides[dim] * static_cast<int64_t>(ItemSize(view.dtype));
  view.sizes[dim] = length;
  return view;
}

TensorView Narrow(TensorView view, int dim, int64_t start, int64_t length) {
  view.data = static_cast<const char*>(view.data) + start * view.strides[dim] * static_cast<int64_t>(ItemSize(view.dtype));
  view.sizes[dim] = length;
  return view;
}

}  // namespace fusepack::kernels
