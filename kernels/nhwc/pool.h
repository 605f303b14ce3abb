// Pooling over channels-last activations, f32:
//
//   max:      y[n,p,q,c] = max over the window of x[n, p*s + r*d - pad, q*s + t*d - pad, c]; NaN where one is NaN
//   average:  y[n,p,q,c] = (sum over the window's elements inside x) / divisor(p,q)
//
// Windows may be cut by the borders in any way; the caller gives every output position's window as ranges.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/base/cpu_features.h"

namespace fusepack::kernels {

// The window of output position i along one dimension: elements begin, begin + step, ... below end.
struct PoolRange {
  int64_t begin = 0, end = 0;
};

struct PoolProblem {
  int64_t n = 0, c = 0, h = 0, w = 0;    // x: f32[N,C,H,W] dense channels-last
  std::vector<PoolRange> rows, columns;  // a window range an output row, and an output column
  int64_t row_step = 1, column_step = 1;
  bool average = false;
  std::vector<float> divisors;           // average: rows.size() * columns.size(), row-major; all > 0
};

// y: f32[N,C,P,Q] dense channels-last, P = rows.size(), Q = columns.size(). Every window has at least one element for max.
void Pool(const PoolProblem& problem, CpuLevel level, const float* x, float* y);

// y[c] = max or sum over the taps of taps[k][c]; what y held takes part where `accumulate`. One for each instruction set.
using PoolTaps = void (*)(const float* const* taps, long tap_count, float* y, long c, bool accumulate);
extern const PoolTaps kPoolMaxBaseline, kPoolMaxAvx2, kPoolMaxAvx512, kPoolSumBaseline, kPoolSumAvx2, kPoolSumAvx512;

}  // namespace fusepack::kernels
