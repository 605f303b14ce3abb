// Pooling over one to three spatial dimensions, in double: the oracle. The formulas (o, r, i stand for three indices):
//
//   max:  y[o] = max_r x[o*stride + r*dilation - padding], over places inside; the first largest, or the last NaN
//   avg:  y[o] = sum_r x[o*stride + r - padding] / divisor, x = 0 outside
//         divisor: given; or the window's places inside the padded input; or (count_padding false) inside the input
//   adaptive: the window of output o is [floor(o*in/out), ceil((o+1)*in/out))
//
// Arrays are dense: x f64[planes,in], y f64[planes,out]; indices i64[planes,out] (row-major place in the input's plane).
// `planes` is batch x channels. Pure functions that use ParallelFor.
#pragma once

#include <array>
#include <cstdint>

namespace fusepack::kernels {

struct PoolProblem {
  int64_t planes = 1;
  // Depth, height, width; fewer dimensions leave the front at these values.
  std::array<int64_t, 3> in = {1, 1, 1}, out = {1, 1, 1};
  std::array<int64_t, 3> kernel = {1, 1, 1}, stride = {1, 1, 1}, padding = {0, 0, 0}, dilation = {1, 1, 1};
  bool adaptive = false;  // kernel to dilation mean nothing then

  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
};

// indices may be nullptr.
void MaxPool(const PoolProblem& problem, const double* x, double* y, int64_t* indices);

// divisor 0: as count_padding says.
void AvgPool(const PoolProblem& problem, bool count_padding, int64_t divisor, const double* x, double* y);

}  // namespace fusepack::kernels
