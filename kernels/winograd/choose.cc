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
// transforms at the operations they need; and the weights, 4 (m+2)^2 C K bytes, which come from the third-level cache or
// from memory, since other layers' weights pass between two uses of them.
#include "kernels/winograd/choose.h"

#include <algorithm>

namespace fusepack::kernels {
namespace {

double Ceil(double a, double b) { return static_cast<double>((static_cast<int64_t>(a) + static_cast<int64_t>(b) - 1) / static_cast<int64_t>(b)); }

constexpr double kDirectEfficiency = 0.9, kProductEfficiency = 0.85;  // of the multiply-add limit, measured
constexpr double kBytesPerCycle = 6;                                  // weights from memory, a core; measured
constexpr double kNearBytes = 2 << 20;                                // weights below this stay in a cache
// Cycles for the transforms of a tile and vector of channels: loads, additions, stores.
constexpr double kInputCycles[] = {60, 110, 170}, kOutputCycles[] = {60, 120, 170};

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
  const auto stream = [&](double bytes) { return bytes <= kNearBytes ? 0 : bytes / threads / kBytesPerCycle; };
  const double points = static_cast<double>(p.n * p.p * p.q);
  double best = std::max(points * 9 * c * k / lanes / threads / kDirectEfficiency, stream(36 * c * k));
  int chosen = 0;
  for (int m = Winograd::kSmallest; m <= accurate; m++) {
    const double a2 = (m + 2) * (m + 2), tiles = static_cast<double>(p.n) * Ceil(static_cast<double>(p.p), m) * Ceil(static_cast<double>(p.q), m);
    const double products = a2 * tiles * c * k / lanes / kProductEfficiency;
    const double transforms = tiles * (Ceil(c, lanes) * kInputCycles[m - 2] + k / lanes * kOutputCycles[m - 2]);
    const double time = std::max((products + transforms) / threads, stream(4 * a2 * c * k));
    if (time < best) {
      best = time;
      chosen = m;
    }
  }
  return chosen;
}

}  // namespace fusepack::kernels
