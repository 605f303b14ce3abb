// Every convolution kernel against the plainest of them, over problems that no tile divides; and the speed of the
// first, printed only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "kernels/conv/conv.h"

namespace fusepack::kernels {
namespace {

std::vector<double> Numbers(int64_t n, int seed) {
  std::vector<double> out(n);
  for (int64_t i = 0; i < n; i++) out[i] = std::sin(0.7 * static_cast<double>(i % 9973) + seed);
  return out;
}

struct Case {
  ConvProblem problem;
  const char* what;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  auto add = [&](const char* what, ConvProblem p) {
    for (int d = 0; d < 3; d++) {
      const int64_t reach = p.dilation[d] * (p.kernel[d] - 1);
      p.out[d] += p.transposed ? (p.in[d] - 1) * p.stride[d] - 2 * p.padding[d] + reach  // out holds output_padding + 1
                               : (p.in[d] + 2 * p.padding[d] - reach - 1) / p.stride[d];
    }
    cases.push_back({p, what});
  };
  add("1x1", {.images = 1, .in_channels = 5, .out_channels = 7, .in = {1, 4, 3}});
  add("3x3 padded", {.images = 2, .in_channels = 3, .out_channels = 17, .in = {1, 7, 9}, .kernel = {1, 3, 3}, .padding = {0, 1, 1}});
  add("strided, dilated, uneven",
      {.images = 3, .in_channels = 4, .out_channels = 6, .in = {1, 11, 8}, .kernel = {1, 3, 2}, .stride = {1, 2, 3}, .padding = {0, 2, 0}, .dilation = {1, 2, 3}});
  add("grouped", {.images = 2, .in_channels = 6, .out_channels = 9, .groups = 3, .in = {1, 5, 5}, .kernel = {1, 3, 3}, .padding = {0, 1, 1}});
  add("depthwise", {.images = 2, .in_channels = 19, .out_channels = 19, .groups = 19, .in = {1, 6, 7}, .kernel = {1, 3, 3}, .stride = {1, 2, 1}, .padding = {0, 1, 1}});
  add("depthwise, multiplier 2", {.images = 1, .in_channels = 5, .out_channels = 10, .groups = 5, .in = {1, 6, 7}, .kernel = {1, 3, 3}});
  add("3-d", {.images = 2, .in_channels = 2, .out_channels = 3, .in = {4, 5, 6}, .kernel = {2, 3, 3}, .stride = {2, 1, 2}, .padding = {1, 0, 1}, .dilation = {1, 2, 1}});
  add("many images", {.images = 9, .in_channels = 33, .out_channels = 40, .in = {1, 3, 3}, .kernel = {1, 3, 3}, .padding = {0, 1, 1}});
  add("transposed", {.images = 2, .in_channels = 4, .out_channels = 6, .in = {1, 5, 4}, .kernel = {1, 3, 2}, .stride = {1, 2, 3}, .padding = {0, 1, 0}, .transposed = true});
  add("transposed, grouped, dilated, output padding",
      {.images = 2, .in_channels = 4, .out_channels = 6, .groups = 2, .in = {1, 5, 4}, .kernel = {1, 3, 3}, .out = {1, 2, 1}, .stride = {1, 2, 1}, .padding = {0, 2, 1}, .dilation = {1, 2, 2}, .transposed = true});
  add("transposed, padding beyond the kernel",
      {.images = 1, .in_channels = 2, .out_channels = 2, .in = {1, 6, 6}, .kernel = {1, 1, 2}, .stride = {1, 2, 2}, .padding = {0, 2, 2}, .transposed = true});
  add("transposed depthwise", {.images = 2, .in_channels = 18, .out_channels = 18, .groups = 18, .in = {1, 5, 4}, .kernel = {1, 4, 4}, .stride = {1, 2, 2}, .padding = {0, 1, 1}, .transposed = true});
  return cases;
}

TEST(Conv, EveryKernelAgreesWithTheFormula) {
  for (const Case& c : Cases()) {
    const ConvProblem& p = c.problem;
    const auto x = Numbers(p.images * p.in_channels * p.in_plane(), 1);
    const auto w = Numbers(p.in_channels * p.out_channels / p.groups * p.taps(), 2);
    const auto bias = Numbers(p.out_channels, 3);
    std::vector<double> expected(p.images * p.out_channels * p.out_plane());
    ASSERT_FALSE(expected.empty()) << c.what;
    ConvKernels().back().run(p, x.data(), w.data(), bias.data(), expected.data());
    for (const ConvKernel& kernel : ConvKernels()) {
      ASSERT_TRUE(kernel.supports(p)) << c.what;
      std::vector<double> y(expected.size(), NAN);
      kernel.run(p, x.data(), w.data(), bias.data(), y.data());
      // Sums of at most a few hundred products below 1: rounding stays far under 1e-12.
      EXPECT_THAT(y, testing::Pointwise(testing::DoubleNear(1e-12), expected)) << kernel.name << ": " << c.what;
    }
  }
}

// Padding and stride of 10^9 would need a padded image of exabytes; the formula needs none.
TEST(Conv, HugePaddingNeedsNoMemory) {
  const ConvProblem p = {.in = {1, 1, 2}, .out = {1, 1, 3}, .stride = {1, 1, 1000000000}, .padding = {0, 0, 1000000000}};
  const std::vector<double> x = {3, 5}, w = {2};
  std::vector<double> y(3);
  Conv(p, x.data(), w.data(), nullptr, y.data());
  EXPECT_THAT(y, testing::ElementsAre(0, 6, 0));
}

TEST(Conv, PrintsItsSpeed) {
  const ConvProblem p = {.in_channels = 128, .out_channels = 128, .in = {1, 28, 28}, .kernel = {1, 3, 3}, .out = {1, 28, 28}, .padding = {0, 1, 1}};
  const auto x = Numbers(p.in_channels * p.in_plane(), 1), w = Numbers(p.in_channels * p.out_channels * p.taps(), 2);
  std::vector<double> y(p.out_channels * p.out_plane());
  const auto start = std::chrono::steady_clock::now();
  Conv(p, x.data(), w.data(), nullptr, y.data());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%.2f GMAC/s\n", p.macs() / seconds.count() * 1e-9);
  EXPECT_GT(std::abs(y[0]), 0);
}

}  // namespace
}  // namespace fusepack::kernels
