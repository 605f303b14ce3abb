// Windows are worked out once a dimension (they are the same for all planes), then each plane is three loops over
// output places and three over the window.
#include "kernels/pool/pool.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements read a thread

// The places start, start + step, ... < end of the input that output o covers; `counted` also counts padding.
struct Window {
  int64_t start, end, step, counted;
};

std::vector<Window> Windows(const PoolProblem& p, int d) {
  std::vector<Window> out(p.out[d]);
  for (int64_t o = 0; o < p.out[d]; o++) {
    Window& w = out[o];
    if (p.adaptive) {
      w.start = o * p.in[d] / p.out[d];
      w.end = ((o + 1) * p.in[d] + p.out[d] - 1) / p.out[d];
      w.step = 1;
      w.counted = w.end - w.start;
      continue;
    }
    w.start = o * p.stride[d] - p.padding[d];
    w.step = p.dilation[d];
    w.end = std::min(w.start + (p.kernel[d] - 1) * w.step + 1, p.in[d] + p.padding[d]);
    w.counted = w.end - w.start;
    w.end = std::min(w.end, p.in[d]);
    if (w.start < 0) w.start += (-w.start + w.step - 1) / w.step * w.step;
  }
  return out;
}

// Calls body(plane, out index in plane, wd, wh, ww) for all planes in parallel.
template <typename F>
void ForEachWindow(const PoolProblem& p, F body) {
  const auto depth = Windows(p, 0), height = Windows(p, 1), width = Windows(p, 2);
  const int64_t work = p.in_plane() + p.out_plane() + 1;
  ParallelFor(p.planes, (kGrain + work - 1) / work, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) {
      int64_t o = 0;
      for (const Window& d : depth) {
        for (const Window& h : height) {
          for (const Window& w : width) body(plane, o++, d, h, w);
        }
      }
    }
  });
}

}  // namespace

void MaxPool(const PoolProblem& p, const double* x, double* y, int64_t* indices) {
  ForEachWindow(p, [&](int64_t plane, int64_t o, const Window& dw, const Window& hw, const Window& ww) {
    const double* in = x + plane * p.in_plane();
    double best = -INFINITY;
    int64_t at = (dw.start * p.in[1] + hw.start) * p.in[2] + ww.start;
    for (int64_t d = dw.start; d < dw.end; d += dw.step) {
      for (int64_t h = hw.start; h < hw.end; h += hw.step) {
        const int64_t row = (d * p.in[1] + h) * p.in[2];
        for (int64_t w = ww.start; w < ww.end; w += ww.step) {
          const double value = in[row + w];
          if (value > best || std::isnan(value)) {
            best = value;
            at = row + w;
          }
        }
      }
    }
    y[plane * p.out_plane() + o] = best;
    if (indices) indices[plane * p.out_plane() + o] = at;
  });
}

void AvgPool(const PoolProblem& p, bool count_padding, int64_t divisor, const double* x, double* y) {
  ForEachWindow(p, [&](int64_t plane, int64_t o, const Window& dw, const Window& hw, const Window& ww) {
    const double* in = x + plane * p.in_plane();
    double sum = 0;
    for (int64_t d = dw.start; d < dw.end; d++) {
      for (int64_t h = hw.start; h < hw.end; h++) {
        const double* row = in + (d * p.in[1] + h) * p.in[2];
        for (int64_t w = ww.start; w < ww.end; w++) sum += row[w];
      }
    }
    const bool empty = dw.start >= dw.end || hw.start >= hw.end || ww.start >= ww.end;
    const int64_t inside = (dw.end - dw.start) * (hw.end - hw.start) * (ww.end - ww.start);
    const int64_t count = divisor != 0 ? divisor : count_padding ? dw.counted * hw.counted * ww.counted : inside;
    y[plane * p.out_plane() + o] = empty ? 0 : sum / static_cast<double>(count);
  });
}

}  // namespace fusepack::kernels
