// Row by row: all loops that matter run over neighbouring keys (of k transposed) or neighbouring outputs, which the
// compiler vectorises; no sum is reordered.
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

void Axpy(int64_t n, double a, const double* __restrict__ x, double* __restrict__ y) {
  for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

}  // namespace

void Attention(const AttentionProblem& p, const double* q, const double* k, const double* v, const double* mask,
               double* y) {
  constexpr int64_t kGrain = 1 << 16;  // multiply-accumulates a thread
  const int64_t work = p.queries * p.keys * (p.width + p.value_width) + 1;
  ParallelFor(p.batch, kGrain / work + 1, [&](int64_t begin, int64_t end) {
    std::vector<double> transposed(p.width * p.keys), scores(p.keys);
    for (int64_t b = begin; b < end; b++) {
      for (int64_t j = 0; j < p.keys; j++) {
        for (int64_t e = 0; e < p.width; e++) transposed[e * p.keys + j] = k[(b * p.keys + j) * p.width + e];
      }
      for (int64_t i = 0; i < p.queries; i++) {
        const double* query = q + (b * p.queries + i) * p.width;
        double* out = y + (b * p.queries + i) * p.value_width;
        const int64_t seen = p.causal ? std::min(i + 1, p.keys) : p.keys;
        std::fill(scores.begin(), scores.end(), 0);
        for (int64_t e = 0; e < p.width; e++) Axpy(seen, query[e] * p.scale, &transposed[e * p.keys], scores.data());
        if (mask) {
          for (int64_t j = 0; j < seen; j++) scores[j] += mask[(b * p.queries + i) * p.keys + j];
        }
        double largest = -INFINITY, sum = 0;
        bool any = false;
        for (int64_t j = 0; j < seen; j++) {
          largest = std::max(largest, scores[j]);
          any |= scores[j] != -INFINITY;
        }
        std::fill(out, out + p.value_width, 0);
        if (!any) continue;
        for (int64_t j = 0; j < seen; j++) {
          scores[j] = std::exp(scores[j] - largest);
          sum += scores[j];
        }
        for (int64_t j = 0; j < seen; j++) Axpy(p.value_width, scores[j] / sum, v + (b * p.keys + j) * p.value_width, out);
      }
    }
  });
}

}  // namespace fusepack::kernels
