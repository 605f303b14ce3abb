// Resampling of images, in double: the oracle. Two families:
//
// Separable: every dimension has a table of taps, y[.., o, ..] = sum_t weight[o,t] * x[.., index[o,t], ..], applied
// dimension by dimension. LinearTaps, CubicTaps and AntialiasTaps are PyTorch's bilinear (also linear and trilinear),
// bicubic and their antialias forms; NearestPlaces gives the places that pick.h copies.
//
// Grid: y[n,c,o] = x[n,c] read at the place that grid[n,o] names, between elements by interpolation.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace fusepack::kernels {

// One dimension of a separable resampling: `taps` terms for each of the out places; unused ones have weight 0.
struct TapTable {
  int64_t in = 0, out = 0, taps = 0;
  std::vector<int64_t> index;   // [out][taps], each in [0, in)
  std::vector<double> weight;   // [out][taps]
};

// Input places an output step moves on: from the sizes, or 1/factor where the caller gave a factor (> 0). With
// align_corners the first and the last elements coincide.
double ResampleStep(int64_t in, int64_t out, bool align_corners, double factor);

TapTable LinearTaps(int64_t in, int64_t out, bool align_corners, double factor);
TapTable CubicTaps(int64_t in, int64_t out, bool align_corners, double factor);
TapTable AntialiasTaps(int64_t in, int64_t out, bool align_corners, double factor, bool cubic);

// The input's place for each output's. exact: that whose centre is nearest; else the one at floor(o * step). snap:
// equal and doubled sizes ignore the factor (PyTorch in two dimensions, not in one or three).
// Computed in single precision for every dtype: it is what PyTorch does for f32, and a reference in double must read the
// elements that the run in single reads.
std::vector<int64_t> NearestPlaces(int64_t in, int64_t out, double factor, bool exact, bool snap);

// y[outer, out, inner] = table applied to the middle dimension of x[outer, in, inner]. Uses ParallelFor.
void ApplyTaps(const TapTable& table, int64_t outer, int64_t inner, const double* x, double* y);

enum class GridInterpolation { kLinear, kNearest, kCubic };
enum class GridPadding { kZeros, kBorder, kReflection };

struct GridProblem {
  int64_t images = 1, channels = 1;
  int spatial = 2;                                           // 2 or 3
  std::array<int64_t, 3> in = {1, 1, 1}, out = {1, 1, 1};    // depth, height, width
  GridInterpolation interpolation = GridInterpolation::kLinear;  // kCubic: spatial 2 only
  GridPadding padding = GridPadding::kZeros;
  bool align_corners = false;
};

// x: f64[N,C,in]; grid: f64[N,out,spatial], coordinates in [-1,1] with the width's first; y: f64[N,C,out].
void GridSample(const GridProblem& problem, const double* x, const double* grid, double* y);

// grid[n,o,:] = theta[n] * (coordinates of o in [-1,1], width first, 1). theta: f64[N,spatial,spatial+1].
void AffineGrid(int64_t images, int spatial, std::array<int64_t, 3> out, bool align_corners, const double* theta,
                double* grid);

}  // namespace fusepack::kernels
