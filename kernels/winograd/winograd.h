// Winograd convolution, 3x3, stride 1, dilation 1, one group, f32, channels-last:
//
//   y[n,p,q,k] = act(b[k] + sum x[n, p+r-pad_h, q+s-pad_w, c] * w[k,c,r,s] + residual[n,p,q,k])     x outside is 0
//
// computed by F(m x m, 3 x 3): an m x m tile Y of outputs is A^T [sum_c (G w G^T) . (B^T X B)] A, X being the
// (m+2) x (m+2) inputs that it needs (Lavin & Gray 2015, arXiv:1509.09308). (m+2)^2 products stand for 9 m^2.
//
// Its rounding errors spread NaN and infinity over a tile: not for runs that must carry them as the formula does.
// A Winograd is immutable: Run may be called from any number of threads at a time, each with its own y and scratch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/base/cpu_features.h"
#include "kernels/base/status.h"

namespace fusepack::kernels {

struct WinogradProblem {
  int64_t n = 0, h = 0, w = 0, c = 0;  // x: f32[N,H,W,C] dense
  int64_t k = 0, p = 0, q = 0;         // y: f32[N,P,Q,K] dense; any P <= H + 2 pad_h - 2 and so for Q
  int64_t pad_h = 0, pad_w = 0;
  // act is the clamp, or a function given as a loop over n elements (kernels/tile's TileFunction), or nothing.
  bool clamp = false;                  // v below low: low; above high: high; NaN stays
  float low = 0, high = 0;
  void (*activation)(const float* const* in, const float* scalars, float* out, long n) = nullptr;
  float scalars[4] = {};
};

class Winograd {
 public:
  static constexpr int kSmallest = 2, kLargest = 4;  // m
  // Transformed weights beyond this would come from memory at every run: their taps are kept and transformed on the way.
  static constexpr int64_t kTransformedBytes = int64_t{2} << 20;

  // m: outputs a side of a tile. w: f32[K,C,3,3] dense; b: f32[K] or null; both copied. threads: into how many parts Run
  // divides the work. Unsupported below kAvx2.
  static Result<std::unique_ptr<Winograd>> Create(const WinogradProblem& problem, int m, CpuLevel level, int threads,
                                                  const float* w, const float* b);

  // residual: as y, or null; it may be y itself. scratch: scratch_bytes(), aligned to 64.
  void Run(const float* x, const float* residual, float* y, void* scratch) const;

  int64_t scratch_bytes() const { return scratch_bytes_; }
  int64_t packed_bytes() const { return packed_bytes_; }
  std::string implementation() const;  // "F(4,3):avx512"

 private:
  struct FreeAligned {
    void operator()(float* p) const;
  };
  using Floats = std::unique_ptr<float[], FreeAligned>;
  static Floats Allocate(int64_t count);

  WinogradProblem problem_;
  int m_ = 0;
  CpuLevel level_ = CpuLevel::kAvx2;
  int parts_ = 1, channel_parts_ = 1;
  bool taps_ = false;  // what weights_ are: see tiles.h
  int64_t tile_block_ = 0, depth_ = 0, part_scratch_floats_ = 0;
  int64_t scratch_bytes_ = 0, packed_bytes_ = 0;
  Floats weights_, bias_;
};

}  // namespace fusepack::kernels
