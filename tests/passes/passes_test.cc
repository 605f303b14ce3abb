// Every pass as text before and after.
#include <gtest/gtest.h>

#include "engine/graph/parse.h"
#include "engine/graph/print.h"
#include "engine/passes/passes.h"

namespace fusepack {
namespace {

Graph Parse(const char* text) {
  Result<Graph> graph = ParseGraph(text);
  EXPECT_TRUE(graph.ok()) << graph.status().ToString() << "\n" << text;
  return graph.ok() ? *graph : Graph();
}

void Expect(const Result<Graph>& found, const char* expected) {
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(PrintGraph(*found), expected);
}

TEST(Canonicalize, BypassesWhatDoesNothing) {
  Expect(Canonicalize(Parse("graph g(%x: f32[2,3]) {\n"
                            "  %a: f32[2,3] = contiguous(%x)\n"
                            "  %b: f32[2,3] = reshape(%a, shape=[2,3])\n"
                            "  %c: f32[6] = reshape(%b, shape=[6])\n"
                            "  %d: f32[6] = relu(%c)\n"
                            "  return %d\n}\n")),
         "graph g(%x: f32[2,3]) {\n"
         "  %c: f32[6] = reshape(%x, shape=[6])\n"
         "  %d: f32[6] = relu(%c)\n"
         "  return %d\n}\n");
}

TEST(FoldConstants, RunsWhatReadsOnlyConstants) {
  Expect(FoldConstants(Parse("graph g(%x: f32[s0,2]) symbols(s0=4) {\n"
                             "  const %w: f32[2] = [1.0,-2.0]\n"
                             "  %a: f32[2] = relu(%w)\n"
                             "  %b: f32[2] = add(%a, other=1.5)\n"
                             "  %y: f32[s0,2] = mul(%x, %b)\n"
                             "  return %y\n}\n")),
         "graph g(%x: f32[s0,2]) symbols(s0=4) {\n"
         "  const %w: f32[2] = [1.0,-2.0]\n"
         "  const %a: f32[2] = [1.0,0.0]\n"
         "  const %b: f32[2] = [2.5,1.5]\n"
         "  %y: f32[s0,2] = mul(%x, %b)\n"
         "  return %y\n}\n");
}

TEST(DropDeadCode, KeepsWhatOutputsNeed) {
  Expect(DropDeadCode(Parse("graph g(%x: f32[2], %unused: f32[3]) {\n"
                            "  const %w: f32[2] = [1.0,2.0]\n"
                            "  const %v: f32[2] = [3.0,4.0]\n"
                            "  %a: f32[2] = add(%x, %w)\n"
                            "  %b: f32[2] = add(%a, %v)\n"
                            "  return %a\n}\n")),
         "graph g(%x: f32[2], %unused: f32[3]) {\n"
         "  const %w: f32[2] = [1.0,2.0]\n"
         "  %a: f32[2] = add(%x, %w)\n"
         "  return %a\n}\n");
}

// scale = gamma / sqrt(var + eps) = 2 / sqrt(0.25) = 4; shift = beta - mean * scale = 1 - 0.5 * 4.
const char* const kNormed =
    "graph g(%x: f32[1,1,4,4]) {\n"
    "  const %w: f32[1,1,1,1] = [3.0]\n"
    "  const %b: f32[1] = [0.25]\n"
    "  const %gamma: f32[1] = [2.0]\n"
    "  const %beta: f32[1] = [1.0]\n"
    "  const %mean: f32[1] = [0.5]\n"
    "  const %var: f32[1] = [0.25]\n"
    "  %conv: f32[1,1,4,4] = conv2d(%x, %w, %b)\n"
    "  %y: f32[1,1,4,4] = batch_norm(%conv, %gamma, %beta, %mean, %var, training=False, momentum=0.1, eps=0.0)  # bn\n";

TEST(FoldBatchNorm, IntoTheConvolutionBefore) {
  const Result<Graph> folded = FoldBatchNorm(Parse((std::string(kNormed) + "  return %y\n}\n").c_str()));
  ASSERT_TRUE(folded.ok());
  Expect(DropDeadCode(*folded),
         "graph g(%x: f32[1,1,4,4]) {\n"
         "  const %bn.folded_weight: f32[1,1,1,1] = [12.0]\n"
         "  const %bn.folded_bias: f32[1] = [0.0]\n"
         "  %y: f32[1,1,4,4] = conv2d(%x, %bn.folded_weight, %bn.folded_bias)\n"
         "  return %y\n}\n");
}

// The convolution's own result is needed too: the norm stays apart, as a scale and a shift.
TEST(FoldBatchNorm, ScaleAndShiftWhereItCannotFold) {
  const Result<Graph> folded = FoldBatchNorm(Parse((std::string(kNormed) + "  return %y as \"0\", %conv as \"1\"\n}\n").c_str()));
  ASSERT_TRUE(folded.ok());
  Expect(DropDeadCode(*folded),
         "graph g(%x: f32[1,1,4,4]) {\n"
         "  const %w: f32[1,1,1,1] = [3.0]\n"
         "  const %b: f32[1] = [0.25]\n"
         "  const %bn.scale: f32[1,1,1] = [4.0]\n"
         "  const %bn.shift: f32[1,1,1] = [-1.0]\n"
         "  %conv: f32[1,1,4,4] = conv2d(%x, %w, %b)\n"
         "  %mul: f32[1,1,4,4] = mul(%conv, %bn.scale)  # bn\n"
         "  %y: f32[1,1,4,4] = add(%mul, %bn.shift)  # bn\n"
         "  return %y as \"0\", %conv as \"1\"\n}\n");
}

TEST(InferShapes, SymbolsBecomeNumbers) {
  const std::vector<InputSpec> inputs = {{DType::kF32, {5, 7}}};
  Expect(InferShapes(Parse("graph g(%x: f32[s0,s1]) symbols(s0=2, s1=3) {\n"
                           "  guard s1 >= 3  # model.py:3:4\n"
                           "  %y: f32[s0 * s1] = reshape(%x, shape=[s0 * s1])\n"
                           "  return %y\n}\n"), inputs),
         "graph g(%x: f32[5,7]) {\n"
         "  %y: f32[35] = reshape(%x, shape=[35])\n"
         "  return %y\n}\n");
}

// Reorders stand only at the borders; the flattened end of a channels-last tensor is brought to row-major.
TEST(ChooseLayouts, ChannelsLastBetweenTheBorders) {
  Expect(ChooseLayouts(Parse("graph g(%x: f32[1,3,8,8]) {\n"
                             "  const %w: f32[4,3,3,3]\n"
                             "  %conv: f32[1,4,6,6] = conv2d(%x, %w)\n"
                             "  %relu: f32[1,4,6,6] = relu(%conv)\n"
                             "  %pool: f32[1,4,3,3] = max_pool2d(%relu, kernel_size=[2,2])\n"
                             "  %flat: f32[1,36] = reshape(%pool, shape=[1,36])\n"
                             "  return %flat\n}\n"), Target()),
         "graph g(%x: f32[1,3,8,8]) {\n"
         "  const %w: f32[4,3,3,3]\n"
         "  %x~2: f32[1,3,8,8]@nhwc = reorder(%x)\n"
         "  %conv: f32[1,4,6,6]@nhwc = conv2d(%x~2, %w)\n"
         "  %relu: f32[1,4,6,6]@nhwc = relu(%conv)\n"
         "  %pool: f32[1,4,3,3]@nhwc = max_pool2d(%relu, kernel_size=[2,2])\n"
         "  %pool~2: f32[1,4,3,3] = reorder(%pool)\n"
         "  %flat: f32[1,36] = reshape(%pool~2, shape=[1,36])\n"
         "  %flat~2: f32[1,36] = reorder(%flat)\n"
         "  return %flat~2\n}\n");
}

TEST(FuseRegions, ConvolutionTakesAdditionAndActivation) {
  Expect(FuseRegions(Parse("graph g(%x: f32[1,4,8,8]@nhwc, %r: f32[1,4,8,8]@nhwc) {\n"
                           "  const %w: f32[4,4,1,1]\n"
                           "  %conv: f32[1,4,8,8]@nhwc = conv2d(%x, %w)  # layer\n"
                           "  %sum: f32[1,4,8,8]@nhwc = add(%conv, %r)\n"
                           "  %y: f32[1,4,8,8]@nhwc = relu(%sum)\n"
                           "  return %y\n}\n"), Target()),
         "graph g(%x: f32[1,4,8,8]@nhwc, %r: f32[1,4,8,8]@nhwc) {\n"
         "  const %w: f32[4,4,1,1]\n"
         "  %y: f32[1,4,8,8]@nhwc = fused([%x,%w,%r]) graph conv2d_add_relu(%x: f32[1,4,8,8]@nhwc, %w: f32[4,4,1,1], "
         "%r: f32[1,4,8,8]@nhwc) {\n"
         "    %conv: f32[1,4,8,8]@nhwc = conv2d(%x, %w)  # layer\n"
         "    %sum: f32[1,4,8,8]@nhwc = add(%conv, %r)\n"
         "    %y: f32[1,4,8,8]@nhwc = relu(%sum)\n"
         "    return %y\n"
         "  }  # layer\n"
         "  return %y\n}\n");
}

// x * sigmoid(x) with a value read twice inside; what another node reads too stays outside.
TEST(FuseRegions, PointwiseNodesWithOneResult) {
  Expect(FuseRegions(Parse("graph g(%x: f32[8]) {\n"
                           "  %a: f32[8] = add(%x, other=1)\n"
                           "  %s: f32[8] = sigmoid(%a)\n"
                           "  %m: f32[8] = mul(%a, %s)\n"
                           "  %n: f32[8] = neg(%m)\n"
                           "  return %m as \"0\", %n as \"1\"\n}\n"), Target()),
         "graph g(%x: f32[8]) {\n"
         "  %m: f32[8] = fused([%x]) graph add_sigmoid_mul(%x: f32[8]) {\n"
         "    %a: f32[8] = add(%x, other=1)\n"
         "    %s: f32[8] = sigmoid(%a)\n"
         "    %m: f32[8] = mul(%a, %s)\n"
         "    return %m\n"
         "  }\n"
         "  %n: f32[8] = neg(%m)\n"
         "  return %m as \"0\", %n as \"1\"\n}\n");
}

TEST(FuseRegions, NothingBehindAConvolutionWhereNanMustLive) {
  Target exact;
  exact.exact_special_values = true;
  const char* text =
      "graph g(%x: f32[1,4,8,8]@nhwc) {\n"
      "  const %w: f32[4,4,1,1]\n"
      "  %conv: f32[1,4,8,8]@nhwc = conv2d(%x, %w)\n"
      "  %y: f32[1,4,8,8]@nhwc = relu(%conv)\n"
      "  return %y\n}\n";
  Expect(FuseRegions(Parse(text), exact), text);
}

}  // namespace
}  // namespace fusepack
