// Elementwise: out[i] = f(in0[i], in1[i], in2[i]) over tensors of any real dtypes and strides, broadcast by strides.
//
// Elements are converted to the computing type T on the way in (float for f16, bf16 and f32; double for f64; int64
// for integers and bool) and from T on the way out, so that f is compiled for three types, not for ten.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

inline constexpr int kMaxOperands = 3;

// A tensor already broadcast to the output's sizes (stride 0 where repeated), or a constant where data is null.
template <typename T>
struct Operand {
  TensorView view;
  T constant = T();
};

// The operator itself on `n` converted elements.
template <typename T>
using ElementLoop = void (*)(const T* const* in, const T* scalars, T* out, int64_t n);

// out: dense. T is float, double or int64_t. Runs on all threads of ParallelFor.
template <typename T>
void Elementwise(ElementLoop<T> loop, std::span<const Operand<T>> operands, const T* scalars, MutableTensorView out);

// `view` with the sizes `sizes` and stride 0 where it repeats. Its sizes must broadcast to `sizes`.
TensorView BroadcastView(const TensorView& view, const Dims& sizes);

}  // namespace fusepack::kernels
