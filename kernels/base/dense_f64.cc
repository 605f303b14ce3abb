// Conversion of strided tensors of any real dtype to dense doubles and back: dimension by dimension, the innermost as
// a plain loop that the compiler vectorises.
#include "kernels/base/dense_f64.h"

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements a thread; below that a thread costs more than it saves

template <typename T>
double* Copy(const T* from, const Dims& sizes, const Dims& strides, int dim, double* to) {
  if (dim == sizes.size()) {
    *to = ConvertElement<double>(*from);
    return to + 1;
  }
  const int64_t n = sizes[dim], stride = strides[dim];
  if (dim + 1 < sizes.size()) {
    for (int64_t i = 0; i < n; i++) to = Copy(from + i * stride, sizes, strides, dim + 1, to);
    return to;
  }
  for (int64_t i = 0; i < n; i++) to[i] = ConvertElement<double>(from[i * stride]);
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
      for (int64_t i = begin; i < end; i++) to[i] = ConvertElement<double>(from[i]);
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
      for (int64_t i = begin; i < end; i++) to[i] = ConvertElement<T>(from[i]);
    });
  });
  buffer_.reset();
}

}  // namespace fusepack
