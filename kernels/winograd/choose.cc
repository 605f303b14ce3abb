// Accuracy. Root mean square error against double, as a share of oneDNN's direct convolution's on the same numbers
// (normal weights, rectified normal activations, ResNet18's layers; tests/kernels/winograd_test.cc repeats it):
//
//   channels   F(2,3)  F(3,3)  F(4,3)        The direct form's error grows with its 9 C products one after another;
//      64       0.48    0.84    1.37         ours hardly does (tiles.inc), and is of another size a form. So a form is
//     128       0.39    0.70    1.08         allowed from a number of channels on, with a margin for other numbers than
//     256       0.28    0.50    0.76         those measured. Below 16 channels there is nothing to be gained.
//     512       0.26    0.45    0.69
//
// Time, in cycles of one core a vector: products at one multiply-add a cycle, (m+2)^2 a tile, in sixes of tiles; the
// transforms of inputs, outputs and, where Winograd::Create keeps taps, weights; and half of the time in which the weights
// come from memory, since other layers' weights pass between two uses of them and prefetching hides about half.
#include "kernels/winograd/choose.h"

#include <algorithm>

namespace fusepack::kernels {
namespace {

double Ceil(double a, double b) { return static_cast<double>((static_cast<int64_t>(a) + static_cast<int64_t>(b) - 1) / static_cast<int64_t>(b)); }

// Measured on Zen 4, one core.
constexpr double kDirectEfficiency = 0.95, kProductEfficiency = 0.93;  // of the multiply-add limit
constexpr double kBytesPerCycle = 3.6;                                 // from memory
// Cycles for the transform of a tile and vector of channels, and of the taps of a channel and a vector of output channels.
constexpr double kInputCycles[] = {150, 220, 340}, kOutputCycles[] = {125, 200, 340}, kTapCycles[] = {70, 110, 150};

}  // namespace

int AccurateWinograd(int64_t channels, bool split) {
  if (channels < 16) return 0;
  if (split || channels >= 192) return 4;
  return channels >= 64 ? 3 : 2;
}

int ChooseWinograd(const WinogradProblem& p, CpuLevel level, int threads, bool split) {
  const int accurate = AccurateWinograd(p.c, split);
  if (level < CpuLevel::kAvx2 || p.k < 16) return 0;
  const double lanes = level >= CpuLevel::kAvx512 ? 16 : 8, block = 2 * lanes;
  const double c = static_cast<double>(p.c), k = Ceil(static_cast<double>(p.k), block) * block;
  const double stream = 36 * c * k <= 1 << 20 ? 0 : 0.5 * 36 * c * k / kBytesPerCycle / threads;
  const double points = static_cast<double>(p.n * p.p * p.q);
  double best = points * 9 * c * k / lanes / threads / kDirectEfficiency + stream;
  int chosen = 0;
  for (int m = Winograd::kSmallest; m <= accurate; m++) {
    const double a2 = (m + 2) * (m + 2), tiles = static_cast<double>(p.n) * Ceil(static_cast<double>(p.p), m) * Ceil(static_cast<double>(p.q), m);
    const double products = a2 * tiles * c * k / lanes / kProductEfficiency;
    const double transforms = tiles * (Ceil(c, lanes) * kInputCycles[m - 2] + k / lanes * kOutputCycles[m - 2]);
    const bool taps = 4 * a2 * c * k > Winograd::kTransformedBytes;
    const double weights = taps ? c * k / lanes * kTapCycles[m - 2] * Ceil(tiles, 64) : 0;
    const double time = (products + transforms + weights) / threads + stream;
    if (time < best) {
      best = time;
      chosen = m;
    }
  }
  return chosen;
}

}  // namespace fusepack::kernels
