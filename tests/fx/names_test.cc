// Expected names were asked of torch.fx (torch.fx.graph._Namespace, Graph._target_to_str) in PyTorch 2.15.
#include "tracer/fx/names.h"

#include <gtest/gtest.h>

namespace fusepack::fx {
namespace {

TEST(Namespace, CountsPerBase) {
  Namespace names;
  const std::pair<const char*, const char*> kSteps[] = {
      {"relu", "relu"},     {"relu", "relu_1"},     {"relu", "relu_2"},   {"relu_1", "relu_3"}, {"relu_7", "relu_7"},
      {"relu", "relu_8"},   {"layer1.0.conv1", "layer1_0_conv1"},         {"0", "_0"},          {"", "_unnamed"},
      {"input", "input_1"}, {"input", "input_2"},   {"*args", "_args"},   {"**kwargs", "_kwargs"}, {"a--b", "a_b"},
      {"x_01", "x_01"},     {"x_01", "x_2"},        {"getattr", "getattr_1"}, {"for", "for_1"}, {"_1", "_1"},
  };
  for (const auto& [candidate, expected] : kSteps) EXPECT_EQ(names.CreateName(candidate), expected) << candidate;
}

TEST(Namespace, OneNameAnObject) {
  Namespace names;
  int a, b;
  EXPECT_EQ(names.CreateName("f", &a), "f");
  EXPECT_EQ(names.CreateName("f", &b), "f_1");
  EXPECT_EQ(names.CreateName("anything", &a), "f");
  names.AllowName("len", &b);
  EXPECT_EQ(names.CreateName("len"), "len_1");
}

TEST(SnakeCase, OnlyBetweenLowerAndUpper) {
  EXPECT_EQ(SnakeCase("BatchNorm2d"), "batch_norm2d");
  EXPECT_EQ(SnakeCase("mod.ALL_CAPS"), "mod.all_caps");
  EXPECT_EQ(SnakeCase("conv2D"), "conv2d");
  EXPECT_EQ(NameForTarget("__add__"), "add");
  EXPECT_EQ(NameForTarget("features.denseLayer1"), "features.dense_layer1");
}

TEST(FormatTarget, IdentifiersAndOthers) {
  EXPECT_EQ(FormatTarget("self", "layer1.0.conv1"), "getattr(self.layer1, \"0\").conv1");
  EXPECT_EQ(FormatTarget("x", "shape"), "x.shape");
}

}  // namespace
}  // namespace fusepack::fx
