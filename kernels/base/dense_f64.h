// Dense f64 views of any tensor: how reference kernels read and write every dtype and stride with one plain loop.
//
// A reference kernel is written once, over dense row-major doubles. DenseF64 hands it such an array (the tensor's own
// memory where it is one already, a converted copy otherwise), DenseF64Output takes its result back: computing in
// double and rounding once at the end is at least as exact as any arithmetic in the tensor's own type. Integers above
// 2^53 are not exact; kernels that only move elements work on bytes instead.
//
// Objects belong to one thread; the viewed memory must outlive them.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/base/tensor_view.h"

namespace fusepack {

// Real dtypes only (CHECKed).
class DenseF64 {
 public:
  explicit DenseF64(const TensorView& tensor);
  const double* data() const { return data_; }
  double operator[](int64_t i) const { return data_[i]; }

 private:
  const double* data_ = nullptr;
  std::unique_ptr<double[]> copy_;
};

// `tensor` is dense. The array is uninitialised unless the tensor's own memory; Store() (or the destructor) converts
// it to the tensor's dtype, once.
class DenseF64Output {
 public:
  explicit DenseF64Output(const MutableTensorView& tensor);
  ~DenseF64Output() { Store(); }
  DenseF64Output(const DenseF64Output&) = delete;
  DenseF64Output& operator=(const DenseF64Output&) = delete;

  double* data() { return data_; }
  double& operator[](int64_t i) { return data_[i]; }
  void Store();

 private:
  MutableTensorView tensor_;
  double* data_ = nullptr;
  std::unique_ptr<double[]> buffer_;
};

}  // namespace fusepack
