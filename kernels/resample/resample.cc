// Centres: output o covers the input around (o + 1/2) * step - 1/2, or o * step with aligned corners (antialiased, these
// change the step only). The cubic kernel is Keys' with a = -3/4 (antialiased: -1/2, as Pillow has it).
#include "kernels/resample/resample.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

// Keys' cubic convolution kernel.
double Cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

TapTable MakeTable(int64_t in, int64_t out, int64_t taps) {
  return {in, out, taps, std::vector<int64_t>(out * taps), std::vector<double>(out * taps)};
}

}  // namespace

double ResampleStep(int64_t in, int64_t out, bool align_corners, double factor) {
  if (align_corners) return out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0;
  return factor > 0 ? 1 / factor : static_cast<double>(in) / static_cast<double>(out);
}

TapTable LinearTaps(int64_t in, int64_t out, bool align_corners, double factor) {
  const double step = ResampleStep(in, out, align_corners, factor);
  TapTable table = MakeTable(in, out, 2);
  for (int64_t o = 0; o < out; o++) {
    const double center = align_corners ? step * o : std::max(0.0, step * (o + 0.5) - 0.5);
    const int64_t low = in == out ? o : static_cast<int64_t>(std::min(center, static_cast<double>(in - 1)));
    const double upper = in == out ? 0 : std::min(std::max(center - low, 0.0), 1.0);
    table.index[2 * o] = low;
    table.index[2 * o + 1] = std::min(low + 1, in - 1);
    table.weight[2 * o] = 1 - upper;
    table.weight[2 * o + 1] = upper;
  }
  return table;
}

TapTable CubicTaps(int64_t in, int64_t out, bool align_corners, double factor) {
  const double step = ResampleStep(in, out, align_corners, factor);
  TapTable table = MakeTable(in, out, 4);
  for (int64_t o = 0; o < out; o++) {
    const double center = align_corners ? step * o : step * (o + 0.5) - 0.5;
    const int64_t low = static_cast<int64_t>(std::clamp(std::floor(center), -2.0, static_cast<double>(in)));
    for (int64_t t = 0; t < 4; t++) {
      table.index[4 * o + t] = std::clamp<int64_t>(low - 1 + t, 0, in - 1);
      table.weight[4 * o + t] = Cubic(center - static_cast<double>(low - 1 + t), -0.75);
    }
  }
  return table;
}

TapTable AntialiasTaps(int64_t in, int64_t out, bool align_corners, double factor, bool cubic) {
  // Equal sizes are left alone, whatever the factor.
  const double step = in == out ? 1 : ResampleStep(in, out, align_corners, factor);
  const double stretch = std::clamp(step, 1.0, static_cast<double>(in)), support = (cubic ? 2 : 1) * stretch;
  TapTable table = MakeTable(in, out, std::min<int64_t>(in, static_cast<int64_t>(std::ceil(support)) * 2 + 1));
  for (int64_t o = 0; o < out; o++) {
    const double center = std::min(step * (o + 0.5), 4.0 * static_cast<double>(in));
    const int64_t low = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t high = std::min<int64_t>({static_cast<int64_t>(center + support + 0.5), in, low + table.taps});
    double sum = 0;
    for (int64_t j = low; j < high; j++) {
      const double distance = (static_cast<double>(j) - center + 0.5) / stretch;
      const double w = cubic ? Cubic(distance, -0.5) : std::max(0.0, 1 - std::abs(distance));
      table.index[o * table.taps + j - low] = j;
      table.weight[o * table.taps + j - low] = w;
      sum += w;
    }
    for (int64_t t = 0; t < table.taps && sum != 0; t++) table.weight[o * table.taps + t] /= sum;
  }
  return table;
}

std::vector<int64_t> NearestPlaces(int64_t in, int64_t out, double factor, bool exact, bool snap) {
  std::vector<int64_t> places(out);
  // A step beyond the input ends at its edge however long it is; bounded, it stays finite.
  const float ratio = factor > 0 ? static_cast<float>(1 / factor) : static_cast<float>(in) / static_cast<float>(out);
  const float step = std::min(ratio, 4 * static_cast<float>(in));
  for (int64_t o = 0; o < out; o++) {
    if (snap && (out == in || out == 2 * in)) {
      places[o] = out == in ? o : o / 2;
      continue;
    }
    const float place = std::floor(step * (static_cast<float>(o) + (exact ? 0.5f : 0.0f)));
    places[o] = static_cast<int64_t>(std::clamp(place, 0.0f, static_cast<float>(in - 1)));
  }
  return places;
}

void ApplyTaps(const TapTable& table, int64_t outer, int64_t inner, const double* x, double* y) {
  constexpr int64_t kGrain = 1 << 14;  // products a thread
  ParallelFor(outer * table.out, kGrain / (inner * table.taps + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const double* from = x + row / table.out * table.in * inner;
      const int64_t first = row % table.out * table.taps;
      double* to = y + row * inner;
      std::fill(to, to + inner, 0);
      for (int64_t t = first; t < first + table.taps; t++) {
        if (t > first + 1 && table.weight[t] == 0) continue;  // unused
        const double w = table.weight[t], *in = from + table.index[t] * inner;
        for (int64_t i = 0; i < inner; i++) to[i] += w * in[i];
      }
    }
  });
}

namespace {

// A coordinate in [-1,1] as a place among n elements, unpadded.
double PlaceOf(double coordinate, int64_t n, bool align_corners) {
  return align_corners ? (coordinate + 1) / 2 * static_cast<double>(n - 1)
                       : ((coordinate + 1) * static_cast<double>(n) - 1) / 2;
}

// Brings a place inside [0, n - 1] as the padding mode says; zeros leaves it.
double Padded(double place, int64_t n, GridPadding padding, bool align_corners) {
  if (padding == GridPadding::kZeros) return place;
  if (padding == GridPadding::kReflection) {
    const double low = align_corners ? 0 : -0.5, span = static_cast<double>(align_corners ? n - 1 : n);
    if (span == 0) return 0;
    const double distance = std::abs(place - low), extra = std::fmod(distance, span);
    const bool even = std::fmod(std::floor(distance / span), 2) == 0;
    place = even ? extra + low : span - extra + low;
  }
  return std::min(std::max(place, 0.0), static_cast<double>(n - 1));
}

// An element, 0 outside.
double At(const double* plane, const std::array<int64_t, 3>& in, double d, double h, double w) {
  const bool inside = d >= 0 && d < static_cast<double>(in[0]) && h >= 0 && h < static_cast<double>(in[1]) && w >= 0 &&
                      w < static_cast<double>(in[2]);
  if (!inside) return 0;
  return plane[(static_cast<int64_t>(d) * in[1] + static_cast<int64_t>(h)) * in[2] + static_cast<int64_t>(w)];
}

double Linear(const double* plane, const std::array<int64_t, 3>& in, const double* place) {
  double sum = 0;
  const double fd = std::floor(place[0]), fh = std::floor(place[1]), fw = std::floor(place[2]);
  for (int corner = 0; corner < 8; corner++) {
    const double d = fd + (corner >> 2), h = fh + (corner >> 1 & 1), w = fw + (corner & 1);
    const double weight = (1 - std::abs(place[0] - d)) * (1 - std::abs(place[1] - h)) * (1 - std::abs(place[2] - w));
    if (in[0] == 1 && d > 0) break;  // two dimensions: depth is a single plane, read at 0
    sum += weight * At(plane, in, d, h, w);
  }
  return sum;
}

}  // namespace

void GridSample(const GridProblem& p, const double* x, const double* grid, double* y) {
  const int64_t in_plane = p.in[0] * p.in[1] * p.in[2], out_plane = p.out[0] * p.out[1] * p.out[2];
  constexpr int64_t kGrain = 1 << 10;  // places a thread
  ParallelFor(p.images * out_plane, kGrain / (p.channels + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t no = begin; no < end; no++) {
      const int64_t n = no / out_plane, o = no % out_plane;
      double raw[3] = {0, 0, 0}, place[3] = {0, 0, 0};  // depth, height, width
      for (int d = 3 - p.spatial; d < 3; d++) {
        raw[d] = PlaceOf(grid[no * p.spatial + (2 - d)], p.in[d], p.align_corners);
        place[d] = Padded(raw[d], p.in[d], p.padding, p.align_corners);
      }
      for (int64_t c = 0; c < p.channels; c++) {
        const double* plane = x + (n * p.channels + c) * in_plane;
        double value = 0;
        switch (p.interpolation) {
          case GridInterpolation::kNearest:
            value = At(plane, p.in, std::nearbyint(place[0]), std::nearbyint(place[1]), std::nearbyint(place[2]));
            break;
          case GridInterpolation::kLinear:
            value = Linear(plane, p.in, place);
            break;
          case GridInterpolation::kCubic: {  // padding applies to each of the 16 elements
            const double h0 = std::floor(raw[1]), w0 = std::floor(raw[2]);
            for (int i = -1; i < 3; i++) {
              for (int j = -1; j < 3; j++) {
                const double h = Padded(h0 + i, p.in[1], p.padding, p.align_corners);
                const double w = Padded(w0 + j, p.in[2], p.padding, p.align_corners);
                value += Cubic(raw[1] - (h0 + i), -0.75) * Cubic(raw[2] - (w0 + j), -0.75) * At(plane, p.in, 0, h, w);
              }
            }
            break;
          }
        }
        y[(n * p.channels + c) * out_plane + o] = value;
      }
    }
  });
}

void AffineGrid(int64_t images, int spatial, std::array<int64_t, 3> out, bool align_corners, const double* theta,
                double* grid) {
  const auto coordinate = [&](int d, int64_t i) -> double {
    const double n = static_cast<double>(out[d]);
    if (out[d] <= 1) return 0;
    const double c = -1 + 2.0 * static_cast<double>(i) / (n - 1);
    return align_corners ? c : c * (n - 1) / n;
  };
  for (int64_t n = 0; n < images; n++) {
    for (int64_t d = 0; d < out[0]; d++) {
      for (int64_t h = 0; h < out[1]; h++) {
        for (int64_t w = 0; w < out[2]; w++) {
          const double base[3] = {coordinate(2, w), coordinate(1, h), coordinate(0, d)};
          for (int r = 0; r < spatial; r++) {
            const double* row = theta + (n * spatial + r) * (spatial + 1);
            double sum = row[spatial];
            for (int i = 0; i < spatial; i++) sum += row[i] * base[i];
            *grid++ = sum;
          }
        }
      }
    }
  }
}

}  // namespace fusepack::kernels
