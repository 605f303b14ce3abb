// Convolution over channels-last activations, f32, one to three spatial dimensions, with a fused epilogue:
//
//   y[n,k,p,q] = epilogue(b[k] + sum x[n, g*C/G + c, p*s + r*d - pad, ...] * w[k,c,r,t])     g = k / (K/G)
//
// Weights are packed once, by Create. Run may be called from any number of threads at a time, each with its own
// scratch and output.
#pragma once

#include <memory>
#include <string>

#include "kernels/onednn/library.h"

namespace fusepack::kernels {

struct ConvolutionProblem {
  Dims x, w, y;                // [N,C,H,W], [K,C/G,R,S], [N,K,P,Q]; x and y dense channels-last, w dense row-major
  Dims stride, dilation;       // dilation 1 is none
  Dims pad_before, pad_after;  // pad_after may be more or less than pad_before, also negative (the window stops early)
  int64_t groups = 1;
  std::vector<Epilogue> epilogues;
};

class Convolution {
 public:
  // b is null where there is no bias. Unsupported where oneDNN has nothing better than its plain reference loops.
  static Result<std::unique_ptr<Convolution>> Create(const ConvolutionProblem& problem, const float* w, const float* b);

  // With kAddOutput, y holds the addend. scratch: scratch_bytes(), aligned to 64.
  void Run(const float* x, float* y, void* scratch) const;
  int64_t scratch_bytes() const { return scratch_bytes_; }
  int64_t packed_bytes() const { return packed_bytes_; }
  const std::string& implementation() const { return implementation_; }  // "brgconv:avx512_core"

 private:
  dnnl::memory::desc x_desc_, y_desc_, scratch_desc_;
  dnnl::memory weights_, bias_;
  dnnl::convolution_forward primitive_;
  int64_t scratch_bytes_ = 0, packed_bytes_ = 0;
  std::string implementation_;
};

}  // namespace fusepack::kernels
