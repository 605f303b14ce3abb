// Matrix products with constant weights, f32, with a fused epilogue:
//
//   y[m,n] = epilogue(b[n] + sum x[m,k] * w[n,k])      x, y dense row-major
//
// Weights are packed once, by Create. Run may be called from any number of threads at a time, each with its own
// scratch and output.
#pragma once

#include <memory>
#include <string>

#include "kernels/onednn/library.h"

namespace fusepack::kernels {

struct LinearProblem {
  int64_t m = 0, n = 0, k = 0;
  int64_t w_stride_n = 0, w_stride_k = 1;  // elements; a transposed weight is {1, n}
  std::vector<Epilogue> epilogues;
};

class Linear {
 public:
  static Result<std::unique_ptr<Linear>> Create(const LinearProblem& problem, const float* w, const float* b);

  void Run(const float* x, float* y, void* scratch) const;  // with kAddOutput, y holds the addend
  int64_t scratch_bytes() const { return scratch_bytes_; }
  int64_t packed_bytes() const { return packed_bytes_; }
  const std::string& implementation() const { return implementation_; }

 private:
  dnnl::memory::desc x_desc_, y_desc_, scratch_desc_;
  dnnl::memory weights_, bias_;
  dnnl::inner_product_forward primitive_;
  int64_t scratch_bytes_ = 0, packed_bytes_ = 0;
  std::string implementation_;
};

// y[b,m,n] = sum x[b,m,k] * w[b,k,n], any strides (batch strides may be 0), both operands computed.
struct MatMulProblem {
  Dims x, x_strides, w, w_strides, y, y_strides;  // [B,M,K], [B,K,N], [B,M,N] (or rank 2 without B)
};

class MatMul {
 public:
  static Result<std::unique_ptr<MatMul>> Create(const MatMulProblem& problem);
  void Run(const float* x, const float* w, float* y, void* scratch) const;
  int64_t scratch_bytes() const { return scratch_bytes_; }
  const std::string& implementation() const { return implementation_; }

 private:
  dnnl::memory::desc x_desc_, w_desc_, y_desc_, scratch_desc_;
  dnnl::matmul primitive_;
  int64_t scratch_bytes_ = 0;
  std::string implementation_;
};

}  // namespace fusepack::kernels
