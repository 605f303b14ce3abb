// Elements of any real dtype: calling code with the element type, converting one element as Tensor.to does, and
// walking a strided tensor in row-major order. Header only; pure functions.
#pragma once

#include <type_traits>

#include "kernels/base/check.h"
#include "kernels/base/dims.h"
#include "kernels/base/dtype.h"

namespace fusepack {

template <typename T>
inline constexpr bool kIsHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

// Calls f(T{}) with the element type of a real dtype.
template <typename F>
void VisitReal(DType dtype, F f) {
  switch (dtype) {
#define X(name, type, s, t, d, category) \
  case DType::name: \
    if constexpr (category < 3) f(type{}); \
    else FP_CHECK(!"arithmetic on complex elements"); \
    break;
    FUSEPACK_DTYPES(X)
#undef X
  }
}

template <typename To, typename From>
To ConvertElement(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (kIsHalf<From>) {
    return ConvertElement<To>(static_cast<float>(x));
  } else if constexpr (kIsHalf<To>) {
    return To(static_cast<float>(x));
  } else if constexpr (std::is_same_v<To, bool>) {
    return x != From{};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // Through int64 as PyTorch does on x86; out of range gives the hardware's INT64_MIN instead of undefined behaviour.
    const double d = x;
    const int64_t i = d >= -0x1p63 && d < 0x1p63 ? static_cast<int64_t>(d) : INT64_MIN;
    return static_cast<To>(i);
  } else {
    return static_cast<To>(x);
  }
}

// Calls f(offset) for every index of `sizes` in row-major order; offset is the place under `strides`.
template <typename F>
void ForEachOffset(const Dims& sizes, const Dims& strides, F f) {
  const int rank = sizes.size();
  if (Numel(sizes) == 0) return;
  Dims index(rank, 0);
  int64_t offset = 0;
  for (;;) {
    f(offset);
    int d = rank - 1;
    for (; d >= 0; d--) {
      offset += strides[d];
      if (++index[d] < sizes[d]) break;
      offset -= strides[d] * sizes[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

}  // namespace fusepack
