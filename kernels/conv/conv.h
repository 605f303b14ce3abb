// Convolution and transposed convolution in one to three spatial dimensions, in double: the oracle.
//
//   y[n,k,o] = b[k] + sum_{c,r} x[n, g*C/G + c, o*stride + r*dilation - padding] * w[k,c,r]          g = k / (K/G)
//   transposed: y[n,k,o] = b[k] + sum_{c,r,i: i*stride + r*dilation - padding = o} x[n,c,i] * w[c, k - g*K/G, r]
//
// (o, r, i stand for three indices: depth, height, width; x outside its sizes is 0.) Arrays are dense, row-major,
// channels second. Kernels are pure functions of their arguments and use ParallelFor; scratch memory is their own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace fusepack::kernels {

struct ConvProblem {
  int64_t images = 1, in_channels = 1, out_channels = 1, groups = 1;
  // Depth, height, width. A 1-D or 2-D problem leaves the front at these values.
  std::array<int64_t, 3> in = {1, 1, 1}, kernel = {1, 1, 1}, out = {1, 1, 1};
  std::array<int64_t, 3> stride = {1, 1, 1}, padding = {0, 0, 0}, dilation = {1, 1, 1};
  bool transposed = false;

  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  int64_t macs() const;  // multiply-accumulates, padding counted
};

// x: f64[N,C,D,H,W]; w: f64[K,C/G,taps], transposed f64[C,K/G,taps]; bias: f64[K] or nullptr; y: f64[N,K,D',H',W'].
using ConvFn = void (*)(const ConvProblem& problem, const double* x, const double* w, const double* bias, double* y);

struct ConvKernel {
  std::string_view name;
  bool (*supports)(const ConvProblem& problem);
  ConvFn run;
};

// Fastest first; the last, the formula itself, supports everything.
std::span<const ConvKernel> ConvKernels();

// Runs the first that supports the problem.
void Conv(const ConvProblem& problem, const double* x, const double* w, const double* bias, double* y);

}  // namespace fusepack::kernels
