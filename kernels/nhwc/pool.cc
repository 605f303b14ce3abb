// For every output position the addresses of its window's pixels are collected (kTaps at a time), and one vector loop
// over the channels reads them all, so that the running maximum or sum stays in registers. Sums of large windows are
// thereby made of partial sums of 32, which keeps their rounding error far below a plain running sum's.
#include "kernels/nhwc/pool.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int kTaps = 32;

}  // namespace

void Pool(const PoolProblem& p, CpuLevel level, const float* x, float* y) {
  const int set = level >= CpuLevel::kAvx512 ? 2 : level == CpuLevel::kAvx2 ? 1 : 0;
  const PoolTaps max_taps[] = {kPoolMaxBaseline, kPoolMaxAvx2, kPoolMaxAvx512};
  const PoolTaps sum_taps[] = {kPoolSumBaseline, kPoolSumAvx2, kPoolSumAvx512};
  const PoolTaps run = p.average ? sum_taps[set] : max_taps[set];
  const int64_t rows = static_cast<int64_t>(p.rows.size()), columns = static_cast<int64_t>(p.columns.size());
  // A few output rows, or for a global pool a few hundred channels, are a thread's share.
  const int64_t channel_parts = rows * columns * p.n >= 4 * ThreadCount() ? 1 : std::max<int64_t>(1, p.c / 128);
  const int64_t units = p.n * rows * channel_parts;
  ParallelFor(units, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t part = unit % channel_parts, row = unit / channel_parts % rows, image = unit / channel_parts / rows;
      const int64_t c0 = p.c * part / channel_parts, c1 = p.c * (part + 1) / channel_parts;
      const float* from = x + image * p.h * p.w * p.c + c0;
      for (int64_t column = 0; column < columns; column++) {
        float* to = y + ((image * rows + row) * columns + column) * p.c + c0;
        const float* taps[kTaps];
        int count = 0;
        bool accumulate = false;
        const PoolRange &r = p.rows[row], &q = p.columns[column];
        for (int64_t i = r.begin; i < r.end; i += p.row_step) {
          for (int64_t j = q.begin; j < q.end; j += p.column_step) {
            taps[count++] = from + (i * p.w + j) * p.c;
            if (count < kTaps) continue;
            run(taps, count, to, c1 - c0, accumulate);
            accumulate = true;
            count = 0;
          }
        }
        if (count > 0) run(taps, count, to, c1 - c0, accumulate);
        if (count == 0 && !accumulate) std::fill_n(to, c1 - c0, 0.0f);
        if (p.average) {
          const float divisor = p.divisors[row * columns + column];
          for (int64_t c = 0; c < c1 - c0; c++) to[c] /= divisor;
        }
      }
    }
  });
}

}  // namespace fusepack::kernels
