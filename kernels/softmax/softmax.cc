#include "kernels/softmax/softmax.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {

void Softmax(int64_t outer, int64_t n, int64_t inner, bool logarithm, const double* x, double* y) {
  constexpr int64_t kGrain = 1 << 11;  // exponentials a thread
  ParallelFor(outer * inner, kGrain / (n + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t base = row / inner * n * inner + row % inner;
      const double* from = x + base;
      double* to = y + base;
      double largest = -INFINITY, sum = 0;
      for (int64_t i = 0; i < n; i++) largest = std::max(largest, from[i * inner]);
      for (int64_t i = 0; i < n; i++) {
        const double shifted = from[i * inner] - largest, power = std::exp(shifted);
        sum += power;
        to[i * inner] = logarithm ? shifted : power;
      }
      const double log_sum = std::log(sum);
      for (int64_t i = 0; i < n; i++) to[i * inner] = logarithm ? to[i * inner] - log_sum : to[i * inner] / sum;
    }
  });
}

}  // namespace fusepack::kernels
