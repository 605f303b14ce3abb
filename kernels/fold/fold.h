// Sliding blocks of images as columns, and back, in double: the oracle.
//
//   im2col: y[n, (c*R + r)*T + t, p*Q + q] = x[n, c, p*stride + r*dilation - padding, q*...]   (0 outside)
//   col2im: the sum of all y that read an element of x
//
// Height and width; arrays dense. Uses ParallelFor.
#pragma once

#include <array>
#include <cstdint>

namespace fusepack::kernels {

struct FoldProblem {
  int64_t images = 1, channels = 1;
  std::array<int64_t, 2> in = {1, 1}, kernel = {1, 1}, out = {1, 1};  // out: blocks
  std::array<int64_t, 2> stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
};

// x: f64[N,C,H,W]; y: f64[N,C*R*T,P*Q].
void Im2Col(const FoldProblem& problem, const double* x, double* y);
void Col2Im(const FoldProblem& problem, const double* y, double* x);

}  // namespace fusepack::kernels
