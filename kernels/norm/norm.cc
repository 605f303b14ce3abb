// Two passes (mean, then variance about it), so that large means cost no digits.
#include "kernels/norm/norm.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements a thread

int64_t Grain(int64_t elements) { return kGrain / (elements + 1) + 1; }

// Four running sums, so that the additions do not wait for one another.
template <typename F>
double Sum(int64_t n, F term) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += term(i);
    s1 += term(i + 1);
    s2 += term(i + 2);
    s3 += term(i + 3);
  }
  for (; i < n; i++) s0 += term(i);
  return (s0 + s1) + (s2 + s3);
}

}  // namespace

void ChannelMoments(int64_t n, int64_t c, int64_t s, const double* x, double* mean, double* var) {
  ParallelFor(c, Grain(n * s), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      double sum = 0, squares = 0;
      for (int64_t i = 0; i < n; i++) {
        const double* row = x + (i * c + k) * s;
        sum += Sum(s, [&](int64_t j) { return row[j]; });
      }
      const double m = sum / static_cast<double>(n * s);
      for (int64_t i = 0; i < n; i++) {
        const double* row = x + (i * c + k) * s;
        squares += Sum(s, [&](int64_t j) { return (row[j] - m) * (row[j] - m); });
      }
      mean[k] = m;
      var[k] = squares / static_cast<double>(n * s);
    }
  });
}

void NormalizeChannels(int64_t n, int64_t c, int64_t s, const double* x, const double* mean, const double* var, double eps,
                       const double* w, const double* b, double* y) {
  ParallelFor(n * c, Grain(s), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t k = row % c;
      const double scale = (w ? w[k] : 1) / std::sqrt(var[k] + eps), m = mean[k], shift = b ? b[k] : 0;
      const double* from = x + row * s;
      double* to = y + row * s;
      for (int64_t j = 0; j < s; j++) to[j] = (from[j] - m) * scale + shift;
    }
  });
}

void NormalizeRows(int64_t rows, int64_t cols, const double* x, double eps, const double* w, const double* b,
                   int64_t repeat, int64_t period, double* y, double* mean_out, double* rstd_out) {
  ParallelFor(rows, Grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const double* from = x + r * cols;
      double* to = y + r * cols;
      const double mean = Sum(cols, [&](int64_t i) { return from[i]; }) / static_cast<double>(cols);
      const double var = Sum(cols, [&](int64_t i) { return (from[i] - mean) * (from[i] - mean); }) / static_cast<double>(cols);
      const double rstd = 1 / std::sqrt(var + eps);
      for (int64_t i = 0; i < cols;) {  // a run of elements that share their affine numbers
        const int64_t at = r * cols + i, j = at / repeat % period;
        const int64_t end_of_run = std::min(cols, i + repeat - at % repeat);
        const double scale = w ? w[j] : 1, shift = b ? b[j] : 0;
        for (; i < end_of_run; i++) to[i] = (from[i] - mean) * rstd * scale + shift;
      }
      if (mean_out) mean_out[r] = mean;
      if (rstd_out) rstd_out[r] = rstd;
    }
  });
}

void RmsRows(int64_t rows, int64_t cols, const double* x, double eps, const double* w, double* y) {
  ParallelFor(rows, Grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const double* from = x + r * cols;
      double* to = y + r * cols;
      const double squares = Sum(cols, [&](int64_t i) { return from[i] * from[i]; });
      const double scale = 1 / std::sqrt(squares / static_cast<double>(cols) + eps);
      for (int64_t i = 0; i < cols; i++) to[i] = from[i] * scale * (w ? w[i] : 1);
    }
  });
}

}  // namespace fusepack::kernels
