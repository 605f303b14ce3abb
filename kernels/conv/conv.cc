// Two formulations.
//
// direct: the formula, loop by loop, with bounds checks.
//
// tiled: the input is copied once with its padding (and, transposed, with stride-1 zeros between its elements and the
// kernel turned round, which makes a transposed convolution an ordinary one). Then an output place is a base address
// and a (channel, tap) pair an offset that is the same for all places, so that the whole sum is one loop over offsets,
// for a tile of places and channels held in registers (tile.h). Weights are packed [K/tile][C/G * taps][tile]; a block
// of them (0.6 MB for 512 channels, 3x3) stays in the second-level cache while places stream by. With one channel in
// and out a group (depthwise), the tile's channels are groups, and the padded input interleaves them.
#include "kernels/conv/conv.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/base/checked.h"
#include "kernels/base/cpu_features.h"
#include "kernels/base/parallel.h"
#include "kernels/conv/tile.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrainMacs = 1 << 16;           // a thread's least share: about 20 us
constexpr int64_t kMaxPaddedElements = 1 << 25;   // 256 MB of doubles: larger images go to the direct form
constexpr int64_t kPaddedChunkElements = 1 << 22; // images of a batch are padded together up to 32 MB

int64_t Ceil(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool SupportsAll(const ConvProblem&) { return true; }

void Direct(const ConvProblem& p, const double* x, const double* w, const double* bias, double* y) {
  const int64_t cg = p.in_channels / p.groups, kg = p.out_channels / p.groups, taps = p.taps();
  // Input coordinate of dimension d for output o and tap r, or -1 where the input has none there.
  auto at = [&p](int d, int64_t o, int64_t r) -> int64_t {
    if (!p.transposed) {
      const int64_t i = o * p.stride[d] + r * p.dilation[d] - p.padding[d];
      return i < p.in[d] ? i : -1;
    }
    const int64_t i = o + p.padding[d] - r * p.dilation[d];
    return i >= 0 && i % p.stride[d] == 0 && i / p.stride[d] < p.in[d] ? i / p.stride[d] : -1;
  };
  ParallelFor(p.images * p.out_channels, Ceil(kGrainMacs, p.out_plane() * cg * taps + 1), [&](int64_t begin, int64_t end) {
    for (int64_t nk = begin; nk < end; nk++) {
      const int64_t n = nk / p.out_channels, k = nk % p.out_channels, g = k / kg;
      double* out = y + nk * p.out_plane();
      for (int64_t od = 0; od < p.out[0]; od++) {
        for (int64_t oh = 0; oh < p.out[1]; oh++) {
          for (int64_t ow = 0; ow < p.out[2]; ow++) {
            double sum = bias ? bias[k] : 0;
            for (int64_t c = 0; c < cg; c++) {
              const double* in = x + (n * p.in_channels + g * cg + c) * p.in_plane();
              const double* taps_of_c = w + (p.transposed ? (g * cg + c) * kg + k % kg : k * cg + c) * taps;
              for (int64_t rd = 0; rd < p.kernel[0]; rd++) {
                const int64_t id = at(0, od, rd);
                if (id < 0) continue;
                for (int64_t rh = 0; rh < p.kernel[1]; rh++) {
                  const int64_t ih = at(1, oh, rh);
                  if (ih < 0) continue;
                  for (int64_t rw = 0; rw < p.kernel[2]; rw++) {
                    const int64_t iw = at(2, ow, rw);
                    if (iw < 0) continue;
                    sum += in[(id * p.in[1] + ih) * p.in[2] + iw] *
                           taps_of_c[(rd * p.kernel[1] + rh) * p.kernel[2] + rw];
                  }
                }
              }
            }
            *out++ = sum;
          }
        }
      }
    }
  });
}

// The ordinary convolution without padding that a problem becomes once its input is copied.
struct Padded {
  std::array<int64_t, 3> size, stride;    // of the padded input; of its output places in it
  std::array<int64_t, 3> front, spread;   // padded[front + i * spread] = x[i]
  int64_t plane() const { return size[0] * size[1] * size[2]; }
};

Padded MakePadded(const ConvProblem& p) {
  Padded out;
  for (int d = 0; d < 3; d++) {
    const int64_t reach = p.dilation[d] * (p.kernel[d] - 1);
    out.stride[d] = p.transposed ? 1 : p.stride[d];
    out.size[d] = (p.out[d] - 1) * out.stride[d] + reach + 1;
    out.front[d] = p.transposed ? reach - p.padding[d] : p.padding[d];
    out.spread[d] = p.transposed ? p.stride[d] : 1;
  }
  return out;
}

// padded[.., f + i*s] = x[i] where that is inside; the rest is zero already. Elements of `padded` lie `step` apart.
void CopyPlane(const ConvProblem& p, const Padded& pad, const double* x, double* padded, int64_t step) {
  // First and one-past-last index of dimension d whose place is inside.
  auto first = [&](int d) { return pad.front[d] >= 0 ? 0 : Ceil(-pad.front[d], pad.spread[d]); };
  auto last = [&](int d) {
    return std::min(p.in[d], pad.size[d] <= pad.front[d] ? 0 : Ceil(pad.size[d] - pad.front[d], pad.spread[d]));
  };
  const int64_t w0 = first(2), w1 = last(2);
  for (int64_t d = first(0); d < last(0); d++) {
    for (int64_t h = first(1); h < last(1); h++) {
      const double* from = x + (d * p.in[1] + h) * p.in[2];
      double* to = padded + (((pad.front[0] + d * pad.spread[0]) * pad.size[1] + pad.front[1] + h * pad.spread[1]) *
                             pad.size[2] + pad.front[2]) * step;
      const int64_t every = pad.spread[2] * step;
      for (int64_t i = w0; i < w1; i++) to[i * every] = from[i];
    }
  }
}

bool IsDepthwise(const ConvProblem& p) { return p.groups == p.in_channels && p.groups == p.out_channels && p.groups > 1; }

const ConvTile& ChooseTile(const ConvProblem& p) {
  switch (DetectCpuLevel()) {
    case CpuLevel::kBaseline: return kConvTileBaseline;
    case CpuLevel::kAvx2: return kConvTileAvx2;
    default: break;
  }
  return !IsDepthwise(p) && p.out_channels / p.groups <= 8 ? kConvTileAvx512Narrow : kConvTileAvx512;
}

bool SupportsTiled(const ConvProblem& p) {
  CheckedI64 elements = p.in_channels + kConvTileAvx512.channels;
  for (int d = 0; d < 3; d++) {
    const CheckedI64 reach = CheckedI64(p.dilation[d]) * (p.kernel[d] - 1);
    elements *= CheckedI64(p.out[d] - 1) * (p.transposed ? 1 : p.stride[d]) + reach + 1;
  }
  return elements.Within(kMaxPaddedElements);
}

void Tiled(const ConvProblem& p, const double* x, const double* w, const double* bias, double* y) {
  const ConvTile& tile = ChooseTile(p);
  const Padded pad = MakePadded(p);
  const bool depthwise = IsDepthwise(p);
  const int64_t width = tile.channels, taps = p.taps(), plane = pad.plane(), out_plane = p.out_plane();
  const int64_t cg = p.in_channels / p.groups, kg = depthwise ? p.out_channels : p.out_channels / p.groups;
  const int64_t groups = depthwise ? 1 : p.groups;
  const int64_t blocks = Ceil(kg, width), terms = depthwise ? taps : cg * taps;

  // Offsets of all (channel, tap) pairs from an output place.
  std::vector<int64_t> offset;
  offset.reserve(terms);
  for (int64_t c = 0; c < (depthwise ? 1 : cg); c++) {
    for (int64_t d = 0; d < p.kernel[0]; d++) {
      for (int64_t h = 0; h < p.kernel[1]; h++) {
        for (int64_t v = 0; v < p.kernel[2]; v++) {
          offset.push_back(c * plane + (d * p.dilation[0] * pad.size[1] + h * p.dilation[1]) * pad.size[2] +
                           v * p.dilation[2]);
        }
      }
    }
  }

  // packed: [groups][blocks][terms][width], zero where a block has fewer channels.
  auto packed = std::make_unique<double[]>(groups * blocks * terms * width);
  ParallelFor(groups * blocks, Ceil(kGrainMacs, terms * width), [&](int64_t begin, int64_t end) {
    for (int64_t gb = begin; gb < end; gb++) {
      const int64_t g = gb / blocks, k0 = gb % blocks * width, count = std::min(width, kg - k0);
      double* to = packed.get() + gb * terms * width;
      for (int64_t k = 0; k < count; k++) {
        for (int64_t c = 0; c < terms / taps; c++) {
          if (!p.transposed) {
            const double* from = w + ((g * kg + k0 + k) * (terms / taps) + c) * taps;
            for (int64_t t = 0; t < taps; t++) to[(c * taps + t) * width + k] = from[t];
          } else {
            const double* from = w + (depthwise ? k0 + k : (g * cg + c) * kg + k0 + k) * taps;
            for (int64_t t = 0; t < taps; t++) to[(c * taps + t) * width + k] = from[taps - 1 - t];
          }
        }
      }
    }
  });

  const int64_t channels = depthwise ? blocks * width : p.in_channels;
  const int64_t chunk = std::clamp<int64_t>(kPaddedChunkElements / (channels * plane + 1), 1, p.images);
  auto padded = std::make_unique<double[]>(chunk * channels * plane);
  for (int64_t n0 = 0; n0 < p.images; n0 += chunk) {
    const int64_t images = std::min(chunk, p.images - n0);
    ParallelFor(images * p.in_channels, Ceil(kGrainMacs, plane), [&](int64_t begin, int64_t end) {
      for (int64_t nc = begin; nc < end; nc++) {
        const int64_t n = nc / p.in_channels, c = nc % p.in_channels;
        double* to = padded.get() + n * channels * plane;
        to += depthwise ? c / width * width * plane + c % width : c * plane;
        CopyPlane(p, pad, x + (n0 * p.in_channels + nc) * p.in_plane(), to, depthwise ? width : 1);
      }
    });

    // Tiles of output places, all of one (group, block) after another.
    const int64_t places = images * out_plane, tiles = Ceil(places, tile.positions);
    const int64_t tile_macs = terms * width * tile.positions;
    ParallelFor(groups * blocks * tiles, Ceil(kGrainMacs, tile_macs), [&](int64_t begin, int64_t end) {
      std::vector<double> acc(tile.positions * width);
      std::vector<int64_t> at(tile.positions);
      for (int64_t task = begin; task < end; task++) {
        const int64_t gb = task / tiles, g = gb / blocks, k0 = gb % blocks * width, first = task % tiles * tile.positions;
        const int64_t count = std::min<int64_t>(tile.positions, places - first);
        for (int64_t i = 0; i < tile.positions; i++) {
          const int64_t place = first + std::min(i, count - 1);  // a short tile repeats its last place
          const int64_t n = place / out_plane, o = place % out_plane;
          const int64_t ow = o % p.out[2], oh = o / p.out[2] % p.out[1], od = o / p.out[2] / p.out[1];
          at[i] = n * (depthwise ? plane * blocks : plane * channels) +
                  (od * pad.stride[0] * pad.size[1] + oh * pad.stride[1]) * pad.size[2] + ow * pad.stride[2];
        }
        const double* weights = packed.get() + gb * terms * width;
        if (depthwise) {
          tile.depthwise(padded.get() + gb * plane * width, at.data(), offset.data(), weights, terms, acc.data());
        } else {
          tile.shared(padded.get() + g * cg * plane, at.data(), offset.data(), weights, terms, acc.data());
        }
        for (int64_t k = 0; k < std::min(width, kg - k0); k++) {
          const int64_t channel = g * kg + k0 + k;
          const double b = bias ? bias[channel] : 0;
          for (int64_t i = 0; i < count; i++) {
            const int64_t place = first + i, n = n0 + place / out_plane;
            y[(n * p.out_channels + channel) * out_plane + place % out_plane] = acc[i * width + k] + b;
          }
        }
      }
    });
  }
}

constexpr ConvKernel kKernels[] = {
    {"tiled", SupportsTiled, Tiled},
    {"direct", SupportsAll, Direct},
};

}  // namespace

int64_t ConvProblem::macs() const {
  return images * out_channels * (in_channels / groups) * taps() * (transposed ? in_plane() : out_plane());
}

std::span<const ConvKernel> ConvKernels() { return kKernels; }

void Conv(const ConvProblem& problem, const double* x, const double* w, const double* bias, double* y) {
  if (problem.images == 0 || problem.out_channels == 0 || problem.out_plane() == 0) return;
  for (const ConvKernel& kernel : kKernels) {
    if (kernel.supports(problem)) return kernel.run(problem, x, w, bias, y);
  }
}

}  // namespace fusepack::kernels
