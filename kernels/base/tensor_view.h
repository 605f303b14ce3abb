// TensorView and MutableTensorView: what a kernel sees of a tensor. Nothing is owned.
//
// `data` points at element [0,...,0]; strides count elements and may be zero or negative. A kernel's contract
// header states which shapes, dtypes and strides it takes; the caller has checked them.
#pragma once

#include "kernels/base/dims.h"
#include "kernels/base/dtype.h"

namespace fusepack {

struct TensorView {
  const void* data = nullptr;
  DType dtype = DType::kF32;
  Dims sizes;
  Dims strides;

  int rank() const { return sizes.size(); }
  int64_t numel() const { return Numel(sizes); }
  bool contiguous() const { return IsContiguous(sizes, strides); }
  template <typename T>
  const T* as() const {
    FP_CHECK_EQ(DTypeOf<T>(), dtype);
    return static_cast<const T*>(data);
  }
};

struct MutableTensorView {
  void* data = nullptr;
  DType dtype = DType::kF32;
  Dims sizes;
  Dims strides;

  int rank() const { return sizes.size(); }
  int64_t numel() const { return Numel(sizes); }
  bool contiguous() const { return IsContiguous(sizes, strides); }
  template <typename T>
  T* as() const {
    FP_CHECK_EQ(DTypeOf<T>(), dtype);
    return static_cast<T*>(data);
  }
  operator TensorView() const { return {data, dtype, sizes, strides}; }
};

}  // namespace fusepack
