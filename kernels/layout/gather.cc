#include "kernels/layout/gather.h"

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

// Calls f with the unsigned type of an element's size (16 bytes: complex<double>): what moving elements needs.
template <typename F>
void VisitSize(DType dtype, F f) {
  switch (ItemSize(dtype)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
    default: return f(std::complex<double>{});
  }
}

template <typename T>
T Sum(T a, T b) {
  if constexpr (kIsHalf<T>) return T(static_cast<float>(a) + static_cast<float>(b));
  else if constexpr (std::is_same_v<T, bool>) return a || b;
  else return static_cast<T>(a + b);
}

// Calls f(index offset, other offset) over index's sizes, with the coordinate along `dim` left out of the other.
template <typename F>
void WalkAlong(const TensorView& index, const Dims& other_strides, int dim, F f) {
  Dims fixed = other_strides;
  if (dim < fixed.size()) fixed[dim] = 0;
  // Two odometers in step: offsets under both strides, packed as one walk over index's sizes.
  const int rank = index.rank();
  if (index.numel() == 0) return;
  Dims at(rank, 0);
  int64_t a = 0, b = 0;
  for (;;) {
    f(a, b, rank > 0 ? at[dim] : 0);
    int d = rank - 1;
    for (; d >= 0; d--) {
      a += index.strides[d];
      b += fixed[d];
      if (++at[d] < index.sizes[d]) break;
      a -= index.strides[d] * index.sizes[d];
      b -= fixed[d] * index.sizes[d];
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

}  // namespace

void CopyIndexed(const TensorView& from, std::span<const int64_t> outer, std::span<const int64_t> places,
                 std::span<const int64_t> inner, MutableTensorView to) {
  const int64_t np = static_cast<int64_t>(places.size()), ni = static_cast<int64_t>(inner.size());
  VisitSize(from.dtype, [&](auto t) {
    using T = decltype(t);
    const T* x = static_cast<const T*>(from.data);
    T* y = static_cast<T*>(to.data);
    ParallelFor(static_cast<int64_t>(outer.size()) * np, 1024, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; k++) {
        const T* base = x + outer[k / np] + places[k % np];
        for (int64_t i = 0; i < ni; i++) y[k * ni + i] = base[inner[i]];
      }
    });
  });
}

void ScatterIndexed(const TensorView& from, std::span<const int64_t> outer, std::span<const int64_t> places,
                    std::span<const int64_t> inner, bool accumulate, MutableTensorView to) {
  const int64_t ni = static_cast<int64_t>(inner.size());
  const auto run = [&](auto t, auto store) {
    using T = decltype(t);
    const T* x = static_cast<const T*>(from.data);
    T* y = static_cast<T*>(to.data);
    for (int64_t o : outer) {
      for (int64_t p : places) {
        for (int64_t i = 0; i < ni; i++) store(y[o + p + inner[i]], *x++);
      }
    }
  };
  if (accumulate) {
    VisitReal(from.dtype, [&](auto t) { run(t, [](auto& y, auto x) { y = Sum(y, x); }); });
  } else {
    VisitSize(from.dtype, [&](auto t) { run(t, [](auto& y, auto x) { y = x; }); });
  }
}

void GatherAlong(const TensorView& x, int dim, const TensorView& index, MutableTensorView out) {
  const int64_t step = x.rank() > 0 ? x.strides[dim] : 0;
  const int64_t* places = index.as<int64_t>();
  VisitSize(x.dtype, [&](auto t) {
    using T = decltype(t);
    const T* from = static_cast<const T*>(x.data);
    T* to = static_cast<T*>(out.data);
    WalkAlong(index, x.strides, dim, [&](int64_t at, int64_t base, int64_t) { *to++ = from[base + places[at] * step]; });
  });
}

void ScatterAlong(const TensorView& index, const TensorView& src, int dim, bool accumulate, MutableTensorView out) {
  const int64_t step = out.rank() > 0 ? out.strides[dim] : 0, src_step = src.rank() > 0 ? src.strides[dim] : 0;
  const int64_t* places = index.as<int64_t>();
  const auto run = [&](auto t, auto store) {
    using T = decltype(t);
    const T* from = static_cast<const T*>(src.data);
    T* to = static_cast<T*>(out.data);
    // Row-major over index, with src's and out's offsets found by two walks of the same order.
    std::vector<int64_t> from_at;
    from_at.reserve(index.numel());
    WalkAlong(index, src.strides, dim, [&](int64_t, int64_t base, int64_t i) { from_at.push_back(base + i * src_step); });
    size_t k = 0;
    WalkAlong(index, out.strides, dim,
              [&](int64_t at, int64_t base, int64_t) { store(to[base + places[at] * step], from[from_at[k++]]); });
  };
  if (accumulate) {
    VisitReal(out.dtype, [&](auto t) { run(t, [](auto& y, auto x) { y = Sum(y, x); }); });
  } else {
    VisitSize(out.dtype, [&](auto t) { run(t, [](auto& y, auto x) { y = x; }); });
  }
}

}  // namespace fusepack::kernels
