// Scaled dot-product attention, in double: the oracle.
//
//   s[b,i,j] = scale * sum_e q[b,i,e] * k[b,j,e] + mask[b,i,j]
//   y[b,i,f] = sum_j softmax_j(s[b,i,:])[j] * v[b,j,f];  0 where all of s[b,i,:] is -infinity
//
// causal: j > i counts as masked. Arrays are dense; b runs over batch and heads. Uses ParallelFor.
#pragma once

#include <cstdint>

namespace fusepack::kernels {

struct AttentionProblem {
  int64_t batch = 1, queries = 1, keys = 1, width = 1, value_width = 1;
  double scale = 1;
  bool causal = false;
};

// q: f64[B,L,E]; k: f64[B,S,E]; v: f64[B,S,F]; mask: f64[B,L,S] or nullptr; y: f64[B,L,F].
void Attention(const AttentionProblem& problem, const double* q, const double* k, const double* v, const double* mask,
               double* y);

}  // namespace fusepack::kernels
