// Draws against those of a real PyTorch (data/random.json, made by make_random.py): the values, and one f64 uniform
// after them.
#include "tracer/torch/random.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/tensor.h"

namespace fusepack {
namespace {

using Fill = std::function<Status(Generator&, MutableTensorView)>;

struct Case {
  DType dtype;
  Dims sizes, strides;
  Fill fill;
};

Fill Uniform(double from, double to) {
  return [=](Generator& g, MutableTensorView out) { return FillUniform(g, out, from, to); };
}
Fill Normal(double mean, double std) {
  return [=](Generator& g, MutableTensorView out) { return FillNormal(g, out, mean, std); };
}
Fill Truncated(double mean, double std, double a, double b) {
  return [=](Generator& g, MutableTensorView out) { return FillTruncatedNormal(g, out, mean, std, a, b); };
}
Fill Integers(int64_t low, int64_t high) {
  return [=](Generator& g, MutableTensorView out) { return FillRandomIntegers(g, out, low, high); };
}

std::map<std::string, Case> Cases() {
  const DType f32 = DType::kF32, f64 = DType::kF64, i64 = DType::kI64;
  return {
      {"uniform f32", {f32, {21}, {1}, Uniform(-1, 2)}},
      {"uniform f64", {f64, {5}, {1}, Uniform(-1, 2)}},
      {"uniform f32 transposed", {f32, {4, 3}, {1, 4}, Uniform(0, 1)}},
      {"normal f32 5", {f32, {5}, {1}, Normal(1, 2)}},
      {"normal f32 16", {f32, {16}, {1}, Normal(1, 2)}},
      {"normal f32 37", {f32, {37}, {1}, Normal(1, 2)}},
      {"normal f64 5", {f64, {5}, {1}, Normal(1, 2)}},
      {"normal f64 37", {f64, {37}, {1}, Normal(1, 2)}},
      {"normal bf16 5", {DType::kBF16, {5}, {1}, Normal(1, 2)}},
      {"bernoulli_ 0.3", {f32, {40}, {1}, [](Generator& g, MutableTensorView out) { return FillBernoulli(g, out, 0.3); }}},
      {"bernoulli 0.3",
       {f32, {40}, {1},
        [](Generator& g, MutableTensorView out) {
          Tensor p = Tensor::Zeros(DType::kF32, out.sizes).value();
          for (int i = 0; i < 40; i++) p.mutable_view().as<float>()[i] = 0.3f;
          return FillBernoulli(g, out, p.view());
        }}},
      {"randint 10", {i64, {8}, {1}, Integers(0, 10)}},
      {"randint -5 2^29", {i64, {8}, {1}, Integers(-5, int64_t{1} << 29)}},
      {"randperm 9",
       {i64, {9}, {1},
        [](Generator& g, MutableTensorView out) {
          const std::vector<int64_t> p = RandomPermutation(g, 9);
          std::copy(p.begin(), p.end(), out.as<int64_t>());
          return OkStatus();
        }}},
      {"trunc_normal 0 0.02 -2 2", {f32, {20}, {1}, Truncated(0, 0.02, -2, 2)}},
      {"trunc_normal 0 1 -1 1", {f32, {20}, {1}, Truncated(0, 1, -1, 1)}},
      {"trunc_normal 0.5 2 -0.3 0.3", {f32, {20}, {1}, Truncated(0.5, 2, -0.3, 0.3)}},
  };
}

TEST(Random, DrawsAsPyTorch) {
  std::ifstream file("tests/torch/data/random.json");
  const nlohmann::json all = nlohmann::json::parse(file);
  const std::map<std::string, Case> cases = Cases();
  EXPECT_EQ(all.size(), cases.size());
  for (const auto& expected : all) {
    const std::string name = expected["name"];
    SCOPED_TRACE(name);
    const Case& c = cases.at(name);
    const Tensor dense = Tensor::Zeros(c.dtype, c.sizes).value();
    Tensor out = dense.AsStrided(c.sizes, c.strides, 0);
    Generator generator(3);
    ASSERT_TRUE(c.fill(generator, out.mutable_view()).ok());
    const std::vector<double> values = expected["values"];
    ASSERT_EQ(values.size(), static_cast<size_t>(out.numel()));
    for (size_t i = 0; i < values.size(); i++) {
      // Exact but for the last bits of log, sin and cos, relative to values of size 1.
      const double tolerance = name.starts_with("uniform") || c.dtype == DType::kI64 ? 0 : 4e-7 * (1 + std::abs(values[i]));
      // The transposed case lists its values in memory order, as its strides have it.
      const double got = name == "uniform f32 transposed" ? dense.ItemAsDouble(i) : out.ItemAsDouble(i);
      EXPECT_NEAR(got, values[i], tolerance) << "element " << i;
    }
    EXPECT_EQ(generator.UniformDouble(), expected["then"].get<double>());
  }
}

TEST(Random, SeedTakesLow32Bits) {
  Generator a(7), b((uint64_t{1} << 33) + 7);
  EXPECT_EQ(a.Next32(), b.Next32());
  EXPECT_EQ(b.initial_seed(), (uint64_t{1} << 33) + 7);
}

TEST(Random, RefusesWhatPyTorchRefuses) {
  Generator g;
  Tensor integers = Tensor::Zeros(DType::kI64, {3}).value();
  EXPECT_FALSE(FillNormal(g, integers.mutable_view(), 0, 1).ok());
  EXPECT_FALSE(FillBernoulli(g, integers.mutable_view(), 1.5).ok());
  EXPECT_FALSE(FillRandomIntegers(g, integers.mutable_view(), 3, 3).ok());
}

}  // namespace
}  // namespace fusepack
