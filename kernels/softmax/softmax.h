// Softmax and its logarithm along one dimension, in double: the oracle. x, y: f64[outer,n,inner], dense. Uses
// ParallelFor.
#pragma once

#include <cstdint>

namespace fusepack::kernels {

//   y[o,i,k] = exp(x[o,i,k] - m) / sum_i exp(x[o,i,k] - m),   m = max_i x[o,i,k]
//   logarithm: y[o,i,k] = x[o,i,k] - m - log sum_i exp(x[o,i,k] - m)
void Softmax(int64_t outer, int64_t n, int64_t inner, bool logarithm, const double* x, double* y);

}  // namespace fusepack::kernels
