// Compiled plans against the float64 reference: random graphs over every fused pattern, odd sizes, several batch sizes,
// with freed memory poisoned; then what Session promises: one plan from two threads, the cache, clear errors, NaN.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include "engine/bisect.h"
#include "engine/compare.h"
#include "engine/evaluate.h"
#include "engine/graph/parse.h"
#include "engine/graph/print.h"
#include "engine/run.h"
#include "tests/engine/models.h"
#include "tests/engine/random_graph.h"

namespace fusepack {
namespace {

using testing::InputFor;
using testing::ModelMaker;
using testing::RandomGraph;

::testing::AssertionResult Near(std::span<const Tensor> found, std::span<const Tensor> expected, double tolerance) {
  if (found.size() != expected.size()) return ::testing::AssertionFailure() << found.size() << " outputs";
  for (size_t i = 0; i < found.size(); i++) {
    const Result<Comparison> c = CompareTensors(found[i], expected[i], {tolerance, ""});
    if (!c.ok()) return ::testing::AssertionFailure() << c.status().ToString();
    if (!c->passed) return ::testing::AssertionFailure() << "output " << i << ": " << c->ToString();
  }
  return ::testing::AssertionSuccess();
}

class RandomGraphs : public ::testing::TestWithParam<int> {};

TEST_P(RandomGraphs, CompiledIsTheReference) {
  const Graph graph = RandomGraph(static_cast<uint32_t>(GetParam()));
  const int64_t h = graph.values[graph.inputs[0]].sizes[2].hint(), w = graph.values[graph.inputs[0]].sizes[3].hint();
  for (int64_t n : {1, 5}) {
    const Tensor x = InputFor(graph, n, h + n, w, 7);
    const Result<std::vector<Tensor>> expected = Evaluate(graph, {&x, 1}, Oracle::kFloat64);
    ASSERT_TRUE(expected.ok()) << expected.status().ToString() << PrintGraph(graph);
    for (const bool exact : {false, true}) {
      for (const bool fuse : {true, false}) {
        Target target;
        target.threads = 2;
        target.exact_special_values = exact;
        target.fuse = fuse;
        const auto specs = SpecsOf({&x, 1});
        const auto plan = Compile(graph, target, specs);
        ASSERT_TRUE(plan.ok()) << plan.status().ToString() << PrintGraph(graph);
        RunOptions options;
        options.poison = true;
        for (int repeat = 0; repeat < 2; repeat++) {
          const Result<std::vector<Tensor>> found = RunPlan(**plan, {&x, 1}, options);
          ASSERT_TRUE(found.ok()) << found.status().ToString();
          EXPECT_TRUE(Near(*found, *expected, 1e-5)) << "seed " << GetParam() << " exact " << exact << " fuse " << fuse << "\n"
                                                     << PrintGraph((*plan)->graph);
        }
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphs, ::testing::Range(1, 41));

TEST(Session, ResNetShapesInFewSteps) {
  const Graph graph = testing::ResNet18(8, 10, 32);
  auto session = Session::Create(graph, Target()).value();
  for (const Dims& sizes : {Dims{1, 3, 32, 32}, Dims{3, 3, 45, 61}}) {
    const Tensor x = ModelMaker("", 3).Random(sizes, 0, 1);
    const auto expected = Evaluate(graph, {&x, 1}, Oracle::kFloat64).value();
    EXPECT_TRUE(Near(session->Run({&x, 1}).value(), expected, 1e-5));
    const auto specs = SpecsOf({&x, 1});
    const auto plan = session->PlanFor(specs).value();
    // 20 convolutions with everything between them inside, a pool at each end, linear, reorders of input and output.
    EXPECT_LE(plan->steps.size(), 25u);
    EXPECT_LT(plan->arena_bytes, plan->unshared_bytes * 2 / 3);
  }
  EXPECT_EQ(session->cached_plans(), 2u);
}

// Winograd spreads NaN and infinity over a tile: plans for such numbers do without it.
TEST(Session, WinogradOnlyForOrdinaryNumbers) {
  const Graph graph = testing::ResNet18(32, 10, 64);
  const std::vector<InputSpec> specs = {{DType::kF32, {2, 3, 64, 64}}};
  const auto winograds = [&](bool exact, CpuLevel level) {
    Target target;
    target.exact_special_values = exact;
    target.cpu = level;
    const auto plan = Compile(graph, target, specs).value();
    int count = 0;
    for (const PlannedStep& step : plan->steps) count += step.kernel == "winograd";
    return count;
  };
  EXPECT_EQ(winograds(true, DetectCpuLevel()), 0);
  EXPECT_EQ(winograds(false, CpuLevel::kBaseline), 0);
  if (DetectCpuLevel() >= CpuLevel::kAvx2) EXPECT_GT(winograds(false, DetectCpuLevel()), 5);
}

// Every activation that a convolution takes in, and in both orders with an addition.
TEST(Session, ActivationsBehindAConvolution) {
  for (const char* op : {"relu", "relu6", "leaky_relu", "sigmoid", "tanh", "silu", "gelu_erf", "gelu_tanh", "hardswish", "elu"}) {
    for (const bool add_first : {true, false}) {
      ModelMaker m("activation", 11);
      const ValueId x = m.ImageInput(1, 32, 16, 16);
      ValueId y = m.Conv("conv", x, 32, 32, 3, 1, 1, 1, true);
      if (add_first) y = m.Add(y, m.Op("abs", {ValueRef{x}}));
      y = m.Op(op, {ValueRef{y}});
      if (!add_first) y = m.Add(m.Op("abs", {ValueRef{x}}), y);
      const Graph graph = m.Finish(y);
      const Tensor input = InputFor(graph, 2, 17, 19, 3);
      const auto expected = Evaluate(graph, {&input, 1}, Oracle::kFloat64).value();
      auto session = Session::Create(graph, Target()).value();
      EXPECT_TRUE(Near(session->Run({&input, 1}).value(), expected, 2e-6)) << op << " addition first: " << add_first;
    }
  }
}

TEST(Session, CacheIsBounded) {
  auto session = Session::Create(ParseGraph("graph g(%x: f32[s0]) symbols(s0=2) {\n  %y: f32[s0] = relu(%x)\n  return %y\n}").value(), Target()).value();
  for (int64_t n = 0; n < 20; n++) {
    const Tensor x = Tensor::Zeros(DType::kF32, {n}).value();
    ASSERT_TRUE(session->Run({&x, 1}).ok());
  }
  EXPECT_EQ(session->cached_plans(), Session::kMaxPlans);
}

TEST(Session, OnePlanFromManyThreads) {
  const Graph graph = testing::ResNet18(8, 10, 32);
  Target target;
  target.threads = 1;
  auto session = Session::Create(graph, target).value();
  std::vector<Tensor> inputs, expected;
  for (uint32_t i = 0; i < 4; i++) {
    inputs.push_back(ModelMaker("", i).Random({2, 3, 32, 32}, 0, 1));
    expected.push_back(session->Run({&inputs[i], 1}).value()[0]);
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (size_t t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; i++) {
        const Tensor y = session->Run({&inputs[t], 1}).value()[0];
        if (!Near({&y, 1}, {&expected[t], 1}, 0)) wrong++;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(session->cached_plans(), 1u);
}

TEST(Session, WrongInputsAreNamed) {
  const Graph graph = ParseGraph(
      "graph g(%image: f32[s0,3,s1]) symbols(s0=2, s1=8) {\n"
      "  guard s1 >= 7  # model.py:3:4\n"
      "  %y: f32[s0,3,s1] = relu(%image)\n  return %y\n}").value();
  auto session = Session::Create(graph, Target()).value();
  const auto error = [&](std::vector<Tensor> inputs) { return session->Run(inputs).status().ToString(); };
  const auto zeros = [](DType dtype, Dims sizes) { return Tensor::Zeros(dtype, sizes).value(); };
  EXPECT_EQ(error({}), "inputs: 0 tensors, expected 1");
  EXPECT_EQ(error({zeros(DType::kF64, {1, 3, 8})}), "input 'image': elements of float64, expected float32 (inputs are not converted)");
  EXPECT_EQ(error({zeros(DType::kF32, {3, 8})}), "input 'image': sizes [3,8], expected 3 dimensions, [s0,3,s1]");
  EXPECT_EQ(error({zeros(DType::kF32, {1, 4, 8})}), "input 'image': size 4 in dimension 1 of [1,4,8], expected 3");
  EXPECT_EQ(error({zeros(DType::kF32, {1, 3, 6})}),
            "image f32[1,3,6]: these sizes take another way through the model than the traced one: s1 >= 7 is 6 against 7 at "
            "model.py:3:4, expected sizes for which it holds");
}

TEST(Session, MemoryBudgetIsKept) {
  Target target;
  target.memory_budget_bytes = 1 << 20;
  auto session = Session::Create(testing::ResNet18(8, 10, 32), target).value();
  const Tensor x = ModelMaker("", 3).Random({64, 3, 64, 64}, 0, 1);
  const auto result = session->Run({&x, 1});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kLimit);
}

// The library's relu would turn NaN to 0, PyTorch's keeps it.
TEST(Session, NanAndInfinityAreCarried) {
  const Graph graph = testing::ResNet18(8, 10, 32);
  auto session = Session::Create(graph, Target()).value();
  for (const float special : {std::nanf(""), std::numeric_limits<float>::infinity(), 3e38f}) {
    Tensor x = ModelMaker("", 3).Random({1, 3, 32, 32}, 0, 1);
    x.mutable_view().as<float>()[517] = special;
    // In f32 arithmetic, since f64 would not overflow.
    const auto expected = Evaluate(graph, {&x, 1}, Oracle::kAsWritten).value();
    const auto found = session->Run({&x, 1}).value();
    for (int64_t i = 0; i < found[0].numel(); i++) {
      EXPECT_EQ(std::isnan(found[0].ItemAsDouble(i)), std::isnan(expected[0].ItemAsDouble(i))) << special << " at " << i;
    }
  }
}

// A case's trace names the node whose constant was changed; a plan's steps agree with the reference.
TEST(Bisect, NamesTheOperatorOfACorruptedWeight) {
  Graph graph = testing::ResNet18(8, 10, 32);
  const Tensor x = ModelMaker("", 3).Random({1, 3, 32, 32}, 0, 1);
  const CaseTrace trace = ComputeCaseTrace(graph, {&x, 1}).value();
  const Culprit clean = BisectCase(graph, Target(), {&x, 1}, &trace).value();
  EXPECT_EQ(clean.kind, Culprit::Kind::kNone) << clean.ToString();
  for (auto& [id, tensor] : graph.constants) {
    if (graph.values[id].name != "layer2.0.conv2.weight") continue;
    tensor = tensor.Clone().value();
    // Several elements: one alone may meet a channel that relu has silenced for this input.
    for (int64_t i = 0; i < tensor.numel(); i += 50) tensor.mutable_view().as<float>()[i] += 0.25f;
  }
  const Culprit culprit = BisectCase(graph, Target(), {&x, 1}, &trace).value();
  EXPECT_EQ(culprit.kind, Culprit::Kind::kConstant);
  EXPECT_EQ(culprit.op, "conv2d");
  EXPECT_EQ(culprit.scope, "layer2.0.conv2");
  EXPECT_EQ(culprit.constants, std::vector<std::string>{"layer2.0.conv2.weight"});
}

// No two values that are alive at once share memory, unless one is a view of the other or took it over in place.
TEST(PlanMemory, LiveValuesDoNotOverlap) {
  const Graph graph = testing::ResNet18(8, 10, 32);
  const std::vector<InputSpec> specs = {{DType::kF32, {2, 3, 40, 40}}};
  const auto plan = Compile(graph, Target(), specs).value();
  std::vector<int> made(plan->graph.values.size(), -1);
  for (size_t s = 0; s < plan->steps.size(); s++) {
    for (ValueId v : plan->steps[s].out) made[v] = static_cast<int>(s);
  }
  int compared = 0;
  for (ValueId a = 0; a < static_cast<int>(made.size()); a++) {
    for (ValueId b = 0; b < static_cast<int>(made.size()); b++) {
      if (a == b || made[a] < 0 || made[b] < 0) continue;
      const Place &p = plan->places[a], &q = plan->places[b];
      if (p.kind != Place::Kind::kArena || q.kind != Place::Kind::kArena) continue;
      // b is made while a is needed by a later step.
      if (!(made[a] < made[b] && made[b] < plan->last_step[a])) continue;
      const int64_t a_end = p.offset_bytes + OperandOf(plan->graph, a).bytes(), b_end = q.offset_bytes + OperandOf(plan->graph, b).bytes();
      EXPECT_TRUE(a_end <= q.offset_bytes || b_end <= p.offset_bytes) << a << " and " << b;
      compared++;
    }
  }
  EXPECT_GT(compared, 5);
}

}  // namespace
}  // namespace fusepack
