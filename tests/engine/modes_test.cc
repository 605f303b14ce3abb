// Precision modes against the float64 reference: every step of random graphs within its own bound, whole nets within the
// derived tolerance, the graph after NarrowStorage as text, and what int8 asks of its ranges.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/bisect.h"
#include "engine/calibrate.h"
#include "engine/evaluate.h"
#include "engine/graph/parse.h"
#include "engine/graph/print.h"
#include "engine/tolerance.h"
#include "tests/engine/random_graph.h"

namespace fusepack {
namespace {

using testing::InputFor;
using testing::ModelMaker;
using testing::RandomGraph;

Target TargetFor(Precision precision, const Graph& graph, const Tensor& x) {
  Target target;
  target.threads = 2;
  target.precision = precision;
  if (precision == Precision::kInt8) {
    const std::vector<std::vector<Tensor>> samples = {{x}};
    const auto ranges = Calibrate(graph, samples, CalibrationMethod::kMinMax);
    EXPECT_TRUE(ranges.ok()) << ranges.status().ToString();
    target.ranges = std::make_shared<const Ranges>(*ranges);
  }
  return target;
}

class RandomGraphsInModes : public ::testing::TestWithParam<int> {};

// A step is right if it computes its own region's numbers from its own inputs: errors do not travel from step to step.
TEST_P(RandomGraphsInModes, EveryStepWithinItsBound) {
  const Graph graph = RandomGraph(static_cast<uint32_t>(GetParam()));
  const int64_t h = graph.values[graph.inputs[0]].sizes[2].hint(), w = graph.values[graph.inputs[0]].sizes[3].hint();
  for (const Precision precision : {Precision::kFp32Split, Precision::kBf16, Precision::kInt8}) {
    for (int64_t n : {1, 5}) {
      const Tensor x = InputFor(graph, n, h + n, w, 7);
      for (const bool fuse : {true, false}) {
        Target target = TargetFor(precision, graph, x);
        target.fuse = fuse;
        const auto specs = SpecsOf({&x, 1});
        const auto plan = Compile(graph, target, specs);
        ASSERT_TRUE(plan.ok()) << plan.status().ToString() << PrintGraph(graph);
        const auto reports = BisectPlan(**plan, {&x, 1});
        ASSERT_TRUE(reports.ok()) << reports.status().ToString();
        for (const StepReport& r : *reports) {
          EXPECT_TRUE(r.comparison.passed) << "seed " << GetParam() << " " << NameOf(precision) << " fuse " << fuse << ": " << r.nodes
                                           << " " << r.scope << " " << r.kernel << " " << r.comparison.ToString();
        }
        RunOptions poisoned;
        poisoned.poison = true;
        const auto plain = RunPlan(**plan, {&x, 1}), again = RunPlan(**plan, {&x, 1}, poisoned);
        ASSERT_TRUE(plain.ok() && again.ok());
        for (size_t i = 0; i < plain->size(); i++) {
          EXPECT_TRUE(CompareTensors((*again)[i], (*plain)[i], {0, ""}).value().passed) << "seed " << GetParam() << " reads what nobody wrote";
        }
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphsInModes, ::testing::Range(1, 13));

TEST(Modes, ResNetWithinTheDerivedTolerance) {
  const Graph graph = testing::ResNet18(16, 10, 64);
  const Tensor x = ModelMaker("", 3).Random({3, 3, 64, 64}, 0, 1);
  const auto expected = Evaluate(graph, {&x, 1}, Oracle::kFloat64).value();
  double before = 0;
  for (const Precision precision : {Precision::kFp32, Precision::kFp32Split, Precision::kBf16, Precision::kInt8}) {
    const Target target = TargetFor(precision, graph, x);
    const auto tolerance = DeriveTolerance(graph, target, {&x, 1});
    ASSERT_TRUE(tolerance.ok()) << tolerance.status().ToString();
    auto session = Session::Create(graph, target).value();
    const auto found = session->Run({&x, 1});
    ASSERT_TRUE(found.ok()) << found.status().ToString();
    const Comparison c = CompareTensors((*found)[0], expected[0], *tolerance).value();
    EXPECT_TRUE(c.passed) << NameOf(precision) << ": " << c.ToString();
    EXPECT_GT(c.cosine, 0.99);
    // Each mode is allowed more than the one before, and none so much that zeros would pass.
    EXPECT_GT(tolerance->relative, before);
    EXPECT_LT(tolerance->relative, 0.5);
    before = tolerance->relative;
    RecordProperty(std::string(NameOf(precision)), c.ToString());
    std::printf("%s: %s, %s\n", std::string(NameOf(precision)).c_str(), c.ToString().c_str(), c.Agreement().c_str());
  }
}

// Between the stem and the tail nothing is stored wide, and no step changes storage or layout.
TEST(Modes, ResNetStaysNarrow) {
  const Graph graph = testing::ResNet18(16, 10, 64);
  const Tensor x = ModelMaker("", 3).Random({2, 3, 64, 64}, 0, 1);
  for (const Precision precision : {Precision::kBf16, Precision::kInt8}) {
    const auto specs = SpecsOf({&x, 1});
    const auto plan = Compile(graph, TargetFor(precision, graph, x), specs);
    ASSERT_TRUE(plan.ok()) << plan.status().ToString();
    int wide = 0, moves = 0;
    for (const PlannedStep& step : (*plan)->steps) {
      wide += (*plan)->graph.values[step.out[0]].dtype == DType::kF32;
      moves += step.kernel == "copy" || step.kernel == "transcode";
    }
    EXPECT_EQ(wide, 1) << "the output alone\n" << PrintGraph((*plan)->graph);
    EXPECT_LE(moves, 1) << "the input's change of layout alone\n" << PrintGraph((*plan)->graph);
  }
}

TEST(Modes, NarrowStorageIsWrittenIntoTheGraph) {
  const Graph graph = ParseGraph("graph g(%x: f32[s0,2]) symbols(s0=1) {\n"
                                 "  const %w: f32[2,2] = [1.0,2.0,-0.5,0.25]\n"
                                 "  %a: f32[s0,2] = linear(%x, %w, None)\n"
                                 "  %b: f32[s0,2] = relu(%a)\n"
                                 "  %y: f32[s0,2] = linear(%b, %w, None)\n"
                                 "  return %y\n}\n").value();
  const std::vector<InputSpec> specs = {{DType::kF32, {1, 2}}};
  Target target;
  target.precision = Precision::kBf16;
  std::string text = PrintGraph(Compile(graph, target, specs).value()->graph);
  EXPECT_NE(text.find("encode(%x, dtype=bf16"), text.npos) << text;
  EXPECT_NE(text.find("const %w: bf16[2,2]"), text.npos) << text;
  target.precision = Precision::kInt8;
  EXPECT_FALSE(Compile(graph, target, specs).ok());
  target.ranges = std::make_shared<const Ranges>(Ranges{{graph.inputs[0], {-1, 1}}});
  text = PrintGraph(Compile(graph, target, specs).value()->graph);
  EXPECT_NE(text.find("i8[1,2]"), text.npos) << text;  // the first layer's input
  EXPECT_NE(text.find("%w: bf16[2,2]) {"), text.npos) << text;  // the last layer's weights
}

TEST(Calibration, MethodsClampAsTheySay) {
  const Graph graph = ParseGraph("graph g(%x: f32[s0]) symbols(s0=2) {\n  %y: f32[s0] = relu(%x)\n  return %y\n}").value();
  std::vector<float> numbers(100000);
  for (size_t i = 0; i < numbers.size(); i++) numbers[i] = static_cast<float>(i % 1000) / 1000 - 0.5f;
  numbers[7] = 100;  // one outlier
  const std::vector<std::vector<Tensor>> samples = {{Tensor::FromValues<float>({100000}, numbers)}};
  const int x = graph.inputs[0];
  const Ranges minmax = Calibrate(graph, samples, CalibrationMethod::kMinMax).value();
  EXPECT_EQ(minmax.at(x), (Range{-0.5f, 100}));
  for (const auto method : {CalibrationMethod::kPercentile, CalibrationMethod::kMse, CalibrationMethod::kEntropy}) {
    const Ranges ranges = Calibrate(graph, samples, method).value();
    EXPECT_LE(ranges.at(x).high, 100) << static_cast<int>(method);
    EXPECT_GE(ranges.at(x).high, 0.49f) << static_cast<int>(method);
    EXPECT_EQ(ranges.at(x).low, -0.5f);
  }
  EXPECT_LT(Calibrate(graph, samples, CalibrationMethod::kPercentile).value().at(x).high, 1);
  numbers[3] = NAN;
  const std::vector<std::vector<Tensor>> bad = {{Tensor::FromValues<float>({100000}, numbers)}};
  EXPECT_FALSE(Calibrate(graph, bad, CalibrationMethod::kMinMax).ok());
}

TEST(Calibration, LayersAreCompared) {
  const Graph graph = testing::ResNet18(16, 10, 64);
  const Tensor x = ModelMaker("", 3).Random({2, 3, 64, 64}, 0, 1);
  const auto layers = CompareLayers(graph, TargetFor(Precision::kInt8, graph, x), {&x, 1});
  ASSERT_TRUE(layers.ok()) << layers.status().ToString();
  EXPECT_GE(layers->size(), 19u);
  for (const LayerError& l : *layers) EXPECT_GT(l.cosine, 0.99) << l.scope << " " << l.stored;
}

}  // namespace
}  // namespace fusepack
