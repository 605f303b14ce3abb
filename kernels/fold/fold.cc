#include "kernels/fold/fold.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

// Calls body(place in the image's plane, place in the columns) for each element of channel plane `nc` that lies inside.
template <typename F>
void ForEachElement(const FoldProblem& p, int64_t nc, F body) {
  int64_t column = nc * p.kernel[0] * p.kernel[1] * p.out[0] * p.out[1];
  for (int64_t r = 0; r < p.kernel[0]; r++) {
    for (int64_t t = 0; t < p.kernel[1]; t++) {
      for (int64_t i = 0; i < p.out[0]; i++) {
        const int64_t h = i * p.stride[0] + r * p.dilation[0] - p.padding[0];
        for (int64_t j = 0; j < p.out[1]; j++, column++) {
          const int64_t w = j * p.stride[1] + t * p.dilation[1] - p.padding[1];
          if (h >= 0 && h < p.in[0] && w >= 0 && w < p.in[1]) body(h * p.in[1] + w, column);
        }
      }
    }
  }
}

template <typename F>
void ForEachPlane(const FoldProblem& p, F body) {
  ParallelFor(p.images * p.channels, (1 << 14) / (p.in[0] * p.in[1] + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t nc = begin; nc < end; nc++) body(nc, nc * p.in[0] * p.in[1]);
  });
}

}  // namespace

void Im2Col(const FoldProblem& p, const double* x, double* y) {
  std::fill(y, y + p.images * p.channels * p.kernel[0] * p.kernel[1] * p.out[0] * p.out[1], 0);
  ForEachPlane(p, [&](int64_t nc, int64_t plane) {
    ForEachElement(p, nc, [&](int64_t place, int64_t column) { y[column] = x[plane + place]; });
  });
}

void Col2Im(const FoldProblem& p, const double* y, double* x) {
  std::fill(x, x + p.images * p.channels * p.in[0] * p.in[1], 0);
  ForEachPlane(p, [&](int64_t nc, int64_t plane) {
    ForEachElement(p, nc, [&](int64_t place, int64_t column) { x[plane + place] += y[column]; });
  });
}

}  // namespace fusepack::kernels
