// As nhwc/pool.cc, in bytes: the addresses of a window's pixels, then one loop over the channels. A window of more than
// kTaps pixels takes its own result so far as its first tap.
#include "kernels/narrow/max_pool.h"

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int kTaps = 32;

}  // namespace

void MaxPoolCodes(const PoolProblem& p, CpuLevel level, DType dtype, const void* x, void* y) {
  const int64_t rows = static_cast<int64_t>(p.rows.size()), columns = static_cast<int64_t>(p.columns.size());
  const int64_t pixel = p.c * static_cast<int64_t>(ItemSize(dtype));
  ParallelFor(p.n * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t row = unit % rows, image = unit / rows;
      const char* from = static_cast<const char*>(x) + image * p.h * p.w * pixel;
      const PoolRange& r = p.rows[row];
      for (int64_t column = 0; column < columns; column++) {
        char* to = static_cast<char*>(y) + (unit * columns + column) * pixel;
        const void* taps[kTaps];
        int count = 0;
        const PoolRange& q = p.columns[column];
        for (int64_t i = r.begin; i < r.end; i += p.row_step) {
          for (int64_t j = q.begin; j < q.end; j += p.column_step) {
            if (count == kTaps) {
              MaxTaps(level, dtype, taps, count, to, p.c);
              taps[0] = to;
              count = 1;
            }
            taps[count++] = from + (i * p.w + j) * pixel;
          }
        }
        MaxTaps(level, dtype, taps, count, to, p.c);
      }
    }
  });
}

}  // namespace fusepack::kernels
