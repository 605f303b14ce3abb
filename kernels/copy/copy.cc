// Dimensions are ordered by y's strides and merged where both views step through memory alike; what remains is a run
// of memcpy calls where the innermost dimension is dense in both, a tiled transpose where it is dense in one of them
// each way (row-major to channels-last and back), and a plain strided loop else.
#include "kernels/copy/copy.h"

#include <cstring>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

struct Axis {
  int64_t size, x, y;  // strides in elements
};

constexpr int kBlock = 16;  // a transposed tile of 16 by 16 floats: 16 cache lines each way, in L1

// to[j * y0 + i] = from[i * x1 ...]: tile of two axes, `a` dense in y and `b` dense in x.
template <typename T>
void TransposeTile(const T* x, T* y, const Axis& a, const Axis& b) {
  for (int64_t i0 = 0; i0 < a.size; i0 += kBlock) {
    const int64_t i1 = std::min(a.size, i0 + kBlock);
    for (int64_t j0 = 0; j0 < b.size; j0 += kBlock) {
      const int64_t j1 = std::min(b.size, j0 + kBlock);
      for (int64_t j = j0; j < j1; j++) {
        for (int64_t i = i0; i < i1; i++) y[i * a.y + j * b.y] = x[i * a.x + j * b.x];
      }
    }
  }
}

template <typename T>
void CopyAxes(const T* x, T* y, const std::vector<Axis>& axes, size_t depth) {
  const size_t left = axes.size() - depth;
  if (left == 0) {
    *y = *x;
    return;
  }
  const Axis& axis = axes[depth];
  if (left == 1) {
    if (axis.x == 1 && axis.y == 1) {
      std::memcpy(y, x, axis.size * sizeof(T));
    } else {
      for (int64_t i = 0; i < axis.size; i++) y[i * axis.y] = x[i * axis.x];
    }
    return;
  }
  if (left == 2 && axes[depth + 1].y == 1 && axes[depth + 1].x != 1) return TransposeTile(x, y, axes[depth + 1], axis);
  for (int64_t i = 0; i < axis.size; i++) CopyAxes(x + i * axis.x, y + i * axis.y, axes, depth + 1);
}

template <typename T>
void CopyTyped(const TensorView& x, const MutableTensorView& y, std::vector<Axis> axes) {
  const T* from = static_cast<const T*>(x.data);
  T* to = static_cast<T*>(y.data);
  if (axes.empty()) {
    *to = *from;
    return;
  }
  // Threads split the outermost axis, or the next one where that is short.
  size_t split = 0;
  if (axes.size() > 1 && axes[0].size < 2 * ThreadCount() && axes[1].size > axes[0].size) split = 1;
  int64_t inner = 1;
  for (const Axis& a : axes) inner *= a.size;
  inner /= axes[0].size * (split ? axes[1].size : 1);
  const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(inner, 1));
  for (int64_t o = 0; o < (split ? axes[0].size : 1); o++) {
    const T* x0 = from + (split ? o * axes[0].x : 0);
    T* y0 = to + (split ? o * axes[0].y : 0);
    ParallelFor(axes[split].size, grain, [&](int64_t begin, int64_t end) {
      std::vector<Axis> part(axes.begin() + split, axes.end());
      part[0].size = end - begin;
      CopyAxes(x0 + begin * part[0].x, y0 + begin * part[0].y, part, 0);
    });
  }
}

}  // namespace

void Copy(const TensorView& x, const MutableTensorView& y) {
  FP_CHECK_EQ(x.sizes, y.sizes);
  FP_CHECK_EQ(x.dtype, y.dtype);
  if (Numel(x.sizes) == 0) return;
  std::vector<Axis> axes;
  for (int d = 0; d < x.rank(); d++) {
    if (x.sizes[d] != 1) axes.push_back({x.sizes[d], x.strides[d], y.strides[d]});
  }
  std::stable_sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.y > b.y; });
  for (size_t i = 0; i + 1 < axes.size();) {
    Axis &outer = axes[i], &inner = axes[i + 1];
    if (outer.x == inner.x * inner.size && outer.y == inner.y * inner.size) {
      inner.size *= outer.size;
      axes.erase(axes.begin() + static_cast<long>(i));
      i = i > 0 ? i - 1 : 0;
    } else {
      i++;
    }
  }
  // The axis dense in x goes next to the one dense in y, so that the pair can be transposed by tiles.
  if (axes.size() > 2 && axes.back().x != 1) {
    for (size_t i = 0; i + 2 < axes.size(); i++) {
      if (axes[i].x == 1) std::rotate(axes.begin() + static_cast<long>(i), axes.begin() + static_cast<long>(i) + 1, axes.end() - 1);
    }
  }
  switch (ItemSize(x.dtype)) {
    case 1: return CopyTyped<uint8_t>(x, y, std::move(axes));
    case 2: return CopyTyped<uint16_t>(x, y, std::move(axes));
    case 4: return CopyTyped<uint32_t>(x, y, std::move(axes));
    case 8: return CopyTyped<uint64_t>(x, y, std::move(axes));
    default: break;
  }
  struct Wide { uint64_t low, high; };
  CopyTyped<Wide>(x, y, std::move(axes));
}

}  // namespace fusepack::kernels
