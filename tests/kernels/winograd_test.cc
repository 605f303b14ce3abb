// Winograd's forms against the formula in double: over problems that no tile and no vector divides, then their rounding
// errors on ResNet18's layers beside those of the direct form, which say where choose.cc may use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/base/parallel.h"
#include "kernels/conv/conv.h"
#include "kernels/onednn/convolution.h"
#include "kernels/winograd/choose.h"

namespace fusepack::kernels {
namespace {

struct Data {
  WinogradProblem problem;
  std::vector<float> x, w, bias, residual;
  std::vector<double> expected;  // before the clamp
};

std::vector<float> Normal(int64_t count, std::mt19937& random, double scale, bool rectified) {
  std::normal_distribution<float> draw(0, static_cast<float>(scale));
  std::vector<float> out(count);
  for (float& v : out) v = rectified ? std::max(0.0f, draw(random)) : draw(random);
  return out;
}

// f32[N,H,W,C] as f64[N,C,H,W], and back.
std::vector<double> ChannelsSecond(const std::vector<float>& x, int64_t n, int64_t c, int64_t plane) {
  std::vector<double> out(x.size());
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < plane; j++) {
      for (int64_t k = 0; k < c; k++) out[(i * c + k) * plane + j] = x[(i * plane + j) * c + k];
    }
  }
  return out;
}

Data Make(const WinogradProblem& p, bool residual, uint32_t seed) {
  std::mt19937 random(seed);
  Data d{p, {}, {}, {}, {}, {}};
  d.x = Normal(p.n * p.h * p.w * p.c, random, 1, true);
  d.w = Normal(p.k * p.c * 9, random, std::sqrt(2.0 / (9.0 * static_cast<double>(p.c))), false);
  d.bias = Normal(p.k, random, 0.1, false);
  if (residual) d.residual = Normal(p.n * p.p * p.q * p.k, random, 1, true);
  const ConvProblem conv = {.images = p.n, .in_channels = p.c, .out_channels = p.k, .in = {1, p.h, p.w}, .kernel = {1, 3, 3},
                            .out = {1, p.p, p.q}, .padding = {0, p.pad_h, p.pad_w}};
  std::vector<double> y(p.n * p.p * p.q * p.k);
  const std::vector<double> w(d.w.begin(), d.w.end()), bias(d.bias.begin(), d.bias.end());
  Conv(conv, ChannelsSecond(d.x, p.n, p.c, p.h * p.w).data(), w.data(), bias.data(), y.data());
  d.expected.resize(y.size());
  for (int64_t i = 0; i < p.n; i++) {
    for (int64_t j = 0; j < p.p * p.q; j++) {
      for (int64_t k = 0; k < p.k; k++) {
        const int64_t at = (i * p.p * p.q + j) * p.k + k;
        d.expected[at] = y[(i * p.k + k) * p.p * p.q + j] + (residual ? d.residual[at] : 0);
      }
    }
  }
  return d;
}

struct Errors {
  double rms = 0, max = 0, of_largest = 0;
};

Errors ErrorsOf(const Data& d, const float* y) {
  Errors e;
  double largest = 0;
  for (size_t i = 0; i < d.expected.size(); i++) {
    double v = d.expected[i];
    if (d.problem.clamp) v = std::clamp<double>(v, d.problem.low, d.problem.high);
    const double error = std::isnan(y[i]) ? 1e30 : std::fabs(y[i] - v);
    e.rms += error * error;
    e.max = std::max(e.max, error);
    largest = std::max(largest, std::fabs(v));
  }
  e.rms = std::sqrt(e.rms / static_cast<double>(d.expected.size()));
  e.of_largest = e.max / largest;
  return e;
}

struct FreeMemory {
  void operator()(void* p) const { std::free(p); }
};
std::unique_ptr<void, FreeMemory> Scratch(int64_t bytes) {
  void* p = std::aligned_alloc(64, (bytes + 64) / 64 * 64);
  std::memset(p, 0xff, (bytes + 64) / 64 * 64);  // NaN: nothing may be read before it is written
  return std::unique_ptr<void, FreeMemory>(p);
}

Errors RunForm(const Data& d, int m, int threads) {
  const auto made = Winograd::Create(d.problem, m, DetectCpuLevel(), threads, d.w.data(), d.bias.data());
  EXPECT_TRUE(made.ok()) << made.status().ToString();
  // The residual in place, as a plan does; with a guard behind it.
  std::vector<float> y = d.residual;
  y.resize(d.expected.size() + 32, 77);
  if (d.residual.empty()) std::fill_n(y.begin(), d.expected.size(), NAN);
  const auto scratch = Scratch((*made)->scratch_bytes());
  (*made)->Run(d.x.data(), d.residual.empty() ? nullptr : y.data(), y.data(), scratch.get());
  for (size_t i = 0; i < 32; i++) EXPECT_EQ(y[d.expected.size() + i], 77);
  return ErrorsOf(d, y.data());
}

Errors RunDirect(const Data& d) {
  const WinogradProblem& p = d.problem;
  ConvolutionProblem direct;
  direct.x = {p.n, p.c, p.h, p.w};
  direct.w = {p.k, p.c, 3, 3};
  direct.y = {p.n, p.k, p.p, p.q};
  direct.stride = direct.dilation = {1, 1};
  direct.pad_before = {p.pad_h, p.pad_w};
  direct.pad_after = {p.p + 2 - p.h - p.pad_h, p.q + 2 - p.w - p.pad_w};
  const auto made = Convolution::Create(direct, d.w.data(), d.bias.data()).value();
  std::vector<float> y(d.expected.size());
  made->Run(d.x.data(), y.data(), Scratch(made->scratch_bytes()).get());
  return ErrorsOf(d, y.data());
}

TEST(Winograd, AgreesWithTheFormulaOnAnyShape) {
  if (DetectCpuLevel() < CpuLevel::kAvx2) {
    EXPECT_FALSE(Winograd::Create({}, 2, DetectCpuLevel(), 1, nullptr, nullptr).ok());
    return;
  }
  std::mt19937 random(7);
  const auto pick = [&](int64_t low, int64_t high) { return low + static_cast<int64_t>(random()) % (high - low + 1); };
  for (int round = 0; round < 120; round++) {
    WinogradProblem p;
    p.n = pick(1, round % 10 == 0 ? 17 : 3);
    p.c = pick(1, round % 7 == 0 ? 200 : 40);
    p.k = pick(1, round % 5 == 0 ? 150 : 40);
    p.pad_h = pick(0, 2);
    p.pad_w = pick(0, 2);
    p.h = pick(3, 12);
    p.w = pick(3, 19);
    p.p = p.h + 2 * p.pad_h - 2;
    p.q = p.w + 2 * p.pad_w - 2;
    p.clamp = random() % 2 != 0;
    p.low = 0;
    p.high = random() % 2 != 0 ? std::numeric_limits<float>::infinity() : 0.5f;
    const Data d = Make(p, random() % 2 != 0, static_cast<uint32_t>(round));
    SetThreadCount(2);
    for (int m = Winograd::kSmallest; m <= Winograd::kLargest; m++) {
      for (int threads : {1, 2, 5}) {
        // A wrong element is of the size of an output, about 1; rounding is below 1e-5 of the largest.
        EXPECT_LT(RunForm(d, m, threads).of_largest, 1e-5)
            << "F(" << m << ",3) n" << p.n << " c" << p.c << " k" << p.k << " h" << p.h << " w" << p.w << " pad " << p.pad_h << ","
            << p.pad_w << " threads " << threads << " round " << round;
      }
    }
  }
}

// The rule that choose.cc states, on ResNet18's layers and on narrower ones: a form that `fp32` may use is not less accurate
// than the direct convolution, in the mean and at the worst element (whose ratio scatters by a fifth); every form keeps
// what `fp32-split` promises.
TEST(Winograd, AllowedFormsAreAsAccurateAsTheDirectOne) {
  if (DetectCpuLevel() < CpuLevel::kAvx2) return;
  struct Layer {
    int64_t channels, size;
  };
  for (const Layer& layer : {Layer{16, 28}, {32, 28}, {64, 28}, {128, 28}, {192, 14}, {256, 14}, {512, 7}}) {
    const int64_t c = layer.channels, s = layer.size;
    const Data d = Make({2, s, s, c, c, s, s, 1, 1}, false, 3);
    const Errors direct = RunDirect(d);
    std::printf("%4d channels: direct rms %.2e max %.2e", static_cast<int>(c), direct.rms, direct.max);
    for (int m = Winograd::kSmallest; m <= Winograd::kLargest; m++) {
      const Errors e = RunForm(d, m, 2);
      std::printf(" | F(%d,3) rms %.2fx max %.2fx %.1e of largest", m, e.rms / direct.rms, e.max / direct.max, e.of_largest);
      EXPECT_LT(e.of_largest, 2e-5);
      if (m > AccurateWinograd(c, false)) continue;
      EXPECT_LT(e.rms, direct.rms) << "F(" << m << ",3), " << c << " channels";
      EXPECT_LT(e.max, 1.2 * direct.max) << "F(" << m << ",3), " << c << " channels";
    }
    std::printf("\n");
  }
}

// An activation given as a loop sees every output once, after bias and residual.
TEST(Winograd, AppliesAnActivationToEveryOutputOnce) {
  if (DetectCpuLevel() < CpuLevel::kAvx2) return;
  const Data d = Make({2, 7, 9, 20, 37, 7, 9, 1, 1}, true, 5);
  WinogradProblem problem = d.problem;
  problem.scalars[0] = 3;
  problem.activation = [](const float* const* in, const float* scalars, float* out, long n) {
    for (long i = 0; i < n; i++) out[i] = in[0][i] * scalars[0];
  };
  for (int m = Winograd::kSmallest; m <= Winograd::kLargest; m++) {
    const auto made = Winograd::Create(problem, m, DetectCpuLevel(), 2, d.w.data(), d.bias.data()).value();
    std::vector<float> y(d.expected.size());
    made->Run(d.x.data(), d.residual.data(), y.data(), Scratch(made->scratch_bytes()).get());
    for (size_t i = 0; i < y.size(); i++) ASSERT_NEAR(y[i], 3 * d.expected[i], 1e-4) << "F(" << m << ",3) at " << i;
  }
}

TEST(Winograd, ChoiceFollowsPrecisionAndSize) {
  const WinogradProblem wide = {.n = 8, .h = 56, .w = 56, .c = 64, .k = 64, .p = 56, .q = 56, .pad_h = 1, .pad_w = 1};
  const WinogradProblem tiny = {.n = 1, .h = 3, .w = 3, .c = 8, .k = 8, .p = 3, .q = 3, .pad_h = 1, .pad_w = 1};
  EXPECT_EQ(ChooseWinograd(wide, CpuLevel::kAvx512, 2, false), 3);
  EXPECT_EQ(ChooseWinograd(wide, CpuLevel::kAvx512, 2, true), 4);
  EXPECT_EQ(ChooseWinograd(wide, CpuLevel::kBaseline, 2, true), 0);
  EXPECT_EQ(ChooseWinograd(tiny, CpuLevel::kAvx512, 2, true), 0);
}

}  // namespace
}  // namespace fusepack::kernels
