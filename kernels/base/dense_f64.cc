// Conversion of strided tensors of any real dtype to dense doubles and back: dimension by dimension, the innermost as
// a plain loop that the compiler vectorises.
#include "kernels/base/dense_f64.h"

#include <type_traits>

#include "kernels/base/parallel.h"

namespace fusepack {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements a thread; below that a thread costs more than it saves

template <typename T>
constexpr bool kIsHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

template <typename T>
double ToDouble(T x) {
  if constexpr (kIsHalf<T>) return static_cast<float>(x);
  else return static_cast<double>(x);
}

template <typename T>
T FromDouble(double x) {
  if constexpr (kIsHalf<T>) {
    return T(static_cast<float>(x));
  } else if constexpr (std::is_same_v<T, bool>) {
    return x != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(x >= -0x1p63 && x < 0x1p63 ? static_cast<int64_t>(x) : INT64_MIN);
  } else {
    return static_cast<T>(x);
  }
}

// Calls f(T{}) for the element type of a real dtype.
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

template <typename T>
double* Copy(const T* from, const Dims& sizes, const Dims& strides, int dim, double* to) {
  if (dim == sizes.size()) {
    *to = ToDouble(*from);
    return to + 1;
  }
  const int64_t n = sizes[dim], stride = strides[dim];
  if (dim + 1 < sizes.size()) {
    for (int64_t i = 0; i < n; i++) to = Copy(from + i * stride, sizes, strides, dim + 1, to);
    return to;
  }
  for (int64_t i = 0; i < n; i++) to[i] = ToDouble(from[i * stride]);
  return to + n;
}

}  // namespace

DenseF64::DenseF64(const TensorView& tensor) {
  const int64_t numel = tensor.numel();
  if (tensor.dtype == DType::kF64 && tensor.contiguous()) {
    data_ = tensor.as<double>();
    return;
  }
  copy_ = std::make_unique_for_overwrite<double[]>(numel);
  data_ = copy_.get();
  if (numel == 0) return;
  VisitReal(tensor.dtype, [&](auto t) {
    using T = decltype(t);
    const T* from = tensor.as<T>();
    double* to = copy_.get();
    if (!tensor.contiguous()) {
      Copy(from, tensor.sizes, tensor.strides, 0, to);
      return;
    }
    ParallelFor(numel, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) to[i] = ToDouble(from[i]);
    });
  });
}

DenseF64Output::DenseF64Output(const MutableTensorView& tensor) : tensor_(tensor) {
  FP_CHECK(tensor.contiguous());
  if (tensor.dtype == DType::kF64) {
    data_ = tensor.as<double>();
    return;
  }
  buffer_ = std::make_unique_for_overwrite<double[]>(tensor.numel());
  data_ = buffer_.get();
}

void DenseF64Output::Store() {
  if (buffer_ == nullptr) return;
  VisitReal(tensor_.dtype, [&](auto t) {
    using T = decltype(t);
    T* to = tensor_.as<T>();
    const double* from = buffer_.get();
    ParallelFor(tensor_.numel(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) to[i] = FromDouble<T>(from[i]);
    });
  });
  buffer_.reset();
}

}  // namespace fusepack
