// Convolutions and products on bf16 or 8-bit integers with sums in f32 or s32, and the fused epilogue of library.h:
//
//   y = encode(epilogue(b + sum decode(x) * decode(w)))
//
// bf16 runs on AVX512-BF16 and AMX, integers on AVX512-VNNI and AMX; without those, Create says Unsupported. Weights are
// packed once. Run may be called from any number of threads at a time, each with its own scratch and output.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/narrow/coding.h"
#include "kernels/onednn/convolution.h"
#include "kernels/onednn/linear.h"

namespace fusepack::kernels {

bool HasBf16Products();
bool HasInt8Products();

struct NarrowCodings {
  Coding x, y;     // x: bf16, u8 or i8; y: f32 too
  Coding addend;   // of what y holds before Run, where the epilogues add; of y's element size
};

// f32: [K,...], what the codes stand for; int8 products: the codes and a scale a row of the first dimension.
struct NarrowWeights {
  const float* values = nullptr;
  const int8_t* codes = nullptr;
  const float* scales = nullptr;
};

class NarrowProduct {
 public:
  static Result<std::unique_ptr<NarrowProduct>> CreateConvolution(const ConvolutionProblem& problem, const NarrowCodings& codings,
                                                                  const NarrowWeights& w, const float* b);
  // Weights dense [n,k] here, whatever the problem's strides say.
  static Result<std::unique_ptr<NarrowProduct>> CreateLinear(const LinearProblem& problem, const NarrowCodings& codings,
                                                             const NarrowWeights& w, const float* b);

  void Run(const void* x, void* y, void* scratch) const;  // with kAddOutput, y holds the addend
  int64_t scratch_bytes() const { return scratch_bytes_; }
  int64_t packed_bytes() const { return packed_bytes_; }
  const std::string& implementation() const { return implementation_; }

 private:
  void Pack(const NarrowCodings& codings, const Dims& w_sizes, const dnnl::memory::desc& wanted, const NarrowWeights& w,
            const float* b, const dnnl::memory::desc& b_desc, int64_t rows);

  dnnl::memory::desc x_desc_, y_desc_, scratch_desc_;
  dnnl::memory weights_, bias_;
  dnnl::primitive primitive_;
  int64_t scratch_bytes_ = 0, packed_bytes_ = 0;
  std::string implementation_;
};

// y = x * w of two computed bf16 (or f32) tensors, any strides.
class NarrowMatMul {
 public:
  static Result<std::unique_ptr<NarrowMatMul>> Create(const MatMulProblem& problem, DType x, DType w, DType y);
  void Run(const void* x, const void* w, void* y, void* scratch) const;
  int64_t scratch_bytes() const { return scratch_bytes_; }
  const std::string& implementation() const { return implementation_; }

 private:
  dnnl::memory::desc x_desc_, w_desc_, y_desc_, scratch_desc_;
  dnnl::matmul primitive_;
  int64_t scratch_bytes_ = 0;
  std::string implementation_;
};

}  // namespace fusepack::kernels
