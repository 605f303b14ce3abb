// Tensor and Storage: the owning side of kernels/base/tensor_view.h, with torch.Tensor's storage model.
//
// A Storage is a run of bytes, owned here or kept alive by somebody else (a mapped file). Tensors are views with any
// strides over a shared Storage; copying a Tensor copies the handle. Handles may be used from any thread; writing
// elements is the caller's to order.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernels/base/status.h"
#include "kernels/base/tensor_view.h"

namespace fusepack {

inline constexpr size_t kTensorAlignment = 64;  // bytes; a cache line and an AVX-512 register

class Storage {
 public:
  // Zeroed memory, aligned to kTensorAlignment; kLimit if it cannot be had.
  static Result<std::shared_ptr<Storage>> Allocate(int64_t bytes);
  // Memory that `owner` keeps alive. Read-only memory (a mapped file) is wrapped with writable = false.
  static std::shared_ptr<Storage> Wrap(const void* data, int64_t bytes, std::shared_ptr<const void> owner,
                                       bool writable);

  const void* data() const { return data_; }
  void* mutable_data();  // CHECKs writable()
  int64_t bytes() const { return bytes_; }
  bool writable() const { return writable_; }

 private:
  static Result<std::shared_ptr<Storage>> MapZeros(int64_t bytes);
  void* data_ = nullptr;
  int64_t bytes_ = 0;
  bool writable_ = true;
  std::shared_ptr<const void> owner_;
};

class Tensor {
 public:
  Tensor() = default;  // undefined: defined() is false
  Tensor(std::shared_ptr<Storage> storage, DType dtype, Dims sizes, Dims strides, int64_t offset);

  // A dense row-major tensor of zeros. kLimit if sizes overflow or memory is short; CHECKs that no size is negative.
  static Result<Tensor> Zeros(DType dtype, const Dims& sizes);
  template <typename T>
  static Tensor FromValues(const Dims& sizes, std::span<const T> values);  // tests and small constants
  static Tensor Scalar(DType dtype, double value);                         // rank 0

  bool defined() const { return storage_ != nullptr; }
  DType dtype() const { return dtype_; }
  const Dims& sizes() const { return sizes_; }
  const Dims& strides() const { return strides_; }  // elements
  int64_t offset() const { return offset_; }        // elements from the storage's start
  int rank() const { return sizes_.size(); }
  int64_t numel() const { return Numel(sizes_); }
  bool contiguous() const { return IsContiguous(sizes_, strides_); }
  const std::shared_ptr<Storage>& storage() const { return storage_; }

  TensorView view() const;
  MutableTensorView mutable_view();  // CHECKs that the storage is writable

  // The same storage seen with other sizes and strides (checked by the caller to lie inside it).
  Tensor AsStrided(const Dims& sizes, const Dims& strides, int64_t offset) const;
  // Itself where it is dense row-major already, a dense copy otherwise.
  Result<Tensor> Contiguous() const;
  // A dense copy with elements converted as Tensor.to(dtype) does; itself when nothing would change.
  Result<Tensor> To(DType dtype) const;
  Result<Tensor> Clone() const;  // always a fresh, dense, writable copy

  double ItemAsDouble(int64_t row_major_index = 0) const;  // any real dtype
  int64_t ItemAsInt(int64_t row_major_index = 0) const;
  std::string ToString() const;  // "f32[1,3,224,224]"

 private:
  std::shared_ptr<Storage> storage_;
  DType dtype_ = DType::kF32;
  Dims sizes_, strides_;
  int64_t offset_ = 0;
};

template <typename T>
Tensor Tensor::FromValues(const Dims& sizes, std::span<const T> values) {
  Tensor out = Zeros(DTypeOf<T>(), sizes).value();
  FP_CHECK_EQ(out.numel(), static_cast<int64_t>(values.size()));
  T* to = out.mutable_view().as<T>();
  for (size_t i = 0; i < values.size(); i++) to[i] = values[i];
  return out;
}

}  // namespace fusepack
