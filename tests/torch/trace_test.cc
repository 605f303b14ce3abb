// Engine traces: graphs as text, and graphs against eager evaluation at other sizes than were traced.
#include "tracer/torch/trace.h"

#include "engine/evaluate.h"
#include "engine/graph/print.h"
#include "tests/torch/evaluator.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack {
namespace {

const char* kNets = R"(
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)

class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)), inplace=True)
        x = x.mean([2, 3])
        return self.fc(x)

class Pinned(nn.Module):
    def forward(self, x):
        for i in range(x.shape[1]):
            x = x + i
        return x

class Branch(nn.Module):
    def forward(self, x):
        if x.shape[0] > 2:
            return x * 2
        return x + 1

class Sizes(nn.Module):
    def forward(self, x):
        n, c = x.shape
        y = x.view(n, c // 2, -1).transpose(1, 2).reshape(-1, c)
        return y, torch.zeros(n, 2) + n, {'n': n, 'half': c // 2}

class Writes(nn.Module):
    def forward(self, x):
        x = x * 1
        x[:, 0] = 5
        row = x[1]
        row += 10
        t = x.t()
        t[1].mul_(3)
        y = torch.zeros(3, 4)
        y[1] = x[0]
        return x, y, row

class Masks(nn.Module):
    def forward(self, x):
        mask = x.new_zeros((4, 4))
        count = 0
        for h in (slice(0, 2), slice(2, None)):
            mask[h, h] = count
            count += 1
        mask = mask.unsqueeze(0).masked_fill(mask != 0, float(-100.0))
        return x + mask

class Element(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x

class State(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('steps', torch.zeros(1))
    def forward(self, x):
        self.steps += 1
        return x * self.steps

class Chunks(nn.Module):
    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        a += 1
        return x * 2, b, torch.cat([b, a], 1)

nets = {c.__name__: c().eval() for c in (Small, Pinned, Branch, Sizes, Writes, Masks, Element, State, Chunks)}
)";

class TraceTest : public testing::Test {
 protected:
  TraceTest() : module_(evaluator_.Run(kNets)) {}
  py::Value Net(const char* name) {
    py::Interpreter& in = evaluator_.in();
    return in.GetItem(in.GetAttr(module_, "nets"), py::Value(in.NewStr(name)));
  }
  Result<Graph> Trace(const char* name, Dims sizes) {
    torch::InputSpec spec;
    spec.sizes = sizes;
    torch::TraceOptions options;
    options.name = name;
    return torch::TraceToEngine(evaluator_.in(), Net(name), {spec}, options);
  }
  // The graph traced at `traced` and eager evaluation agree on an input of sizes `run`.
  void ExpectSame(const char* name, Dims traced, Dims run) {
    SCOPED_TRACE(name);
    Result<Graph> graph = Trace(name, traced);
    ASSERT_TRUE(graph.ok()) << graph.status().ToString();
    Tensor x = Tensor::Zeros(DType::kF32, run).value();
    for (int64_t i = 0; i < x.numel(); i++) x.mutable_view().as<float>()[i] = static_cast<float>(i % 13) - 5.5f;
    auto eager = torch::EvalModule(evaluator_.in(), Net(name), {x.Clone().value()});
    ASSERT_TRUE(eager.ok()) << eager.status().ToString();
    const Tensor inputs[] = {x};
    auto found = Evaluate(*graph, inputs, Oracle::kAsWritten);
    ASSERT_TRUE(found.ok()) << found.status().ToString() << "\n" << PrintGraph(*graph);
    ASSERT_EQ(found->size(), eager->size());
    for (size_t k = 0; k < found->size(); k++) {
      EXPECT_EQ(graph->outputs[k].path, (*eager)[k].path);
      const Tensor &a = (*found)[k], &b = (*eager)[k].value;
      ASSERT_EQ(a.ToString(), b.ToString());
      for (int64_t i = 0; i < a.numel(); i++) {
        ASSERT_NEAR(a.ItemAsDouble(i), b.ItemAsDouble(i), 1e-5) << "output " << k << " element " << i << "\n" << PrintGraph(*graph);
      }
    }
  }

  Evaluator evaluator_;
  py::Value module_;
};

TEST_F(TraceTest, GraphOfASmallNet) {
  Result<Graph> graph = Trace("Small", {2, 3, 8, 6});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  const std::string text = PrintGraph(*graph);
  for (const char* line :
       {"graph Small(%x: f32[s0,3,s1,s2]) symbols(s0=2, s1=8, s2=6) {", "const %conv.weight: f32[4,3,3,3]",
        "const %bn.running_var: f32[4]", "guard s1 + 2 > 2  # test.py:14:", "= conv2d(%x, %conv.weight, %conv.bias, stride=[2,2], padding=[1,1])  # conv, test.py:14:",
        "# bn, test.py:14:", "= relu(%batch_norm)  # , test.py:14:", "= linear(%mean, %fc.weight, %fc.bias)  # fc, test.py:16:"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST_F(TraceTest, OneGraphForOtherSizes) {
  ExpectSame("Small", {2, 3, 8, 6}, {5, 3, 11, 4});
  ExpectSame("Sizes", {3, 6}, {5, 8});
  ExpectSame("Writes", {3, 4}, {3, 4});
  ExpectSame("Masks", {4, 4}, {4, 4});
  ExpectSame("Chunks", {2, 6}, {3, 6});
}

TEST_F(TraceTest, BranchesOnSizesAreGuards) {
  Result<Graph> graph = Trace("Branch", {4, 3});
  ASSERT_TRUE(graph.ok());
  ASSERT_EQ(graph->guards.size(), 1u);
  EXPECT_EQ(graph->guards[0].ToString(), "s0 > 2");
  EXPECT_EQ(graph->guards[0].where.substr(0, 11), "test.py:26:");
}

TEST_F(TraceTest, PinnedSizesAreConstants) {
  Result<Graph> graph = Trace("Pinned", {4, 3});
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(ToString(graph->value(graph->inputs[0]).sizes), "[s0,3]");
  EXPECT_TRUE(graph->guards.empty());
}

TEST_F(TraceTest, SaysWhatCannotBeTraced) {
  Result<Graph> element = Trace("Element", {4, 3});
  ASSERT_FALSE(element.ok());
  EXPECT_NE(element.error().found.find("a branch depends on the elements of a tensor"), std::string::npos);
  EXPECT_EQ(element.error().file + ":" + element.error().where, "test.py:60:12");
  Result<Graph> state = Trace("State", {4, 3});
  ASSERT_FALSE(state.ok());
  EXPECT_NE(state.error().found.find("forward writes to 'steps' in place"), std::string::npos) << state.error().found;
}

TEST_F(TraceTest, TrainingUsesBatchStatisticsAndKeepsNoState) {
  py::Interpreter& in = evaluator_.in();
  in.CallMethod(Net("Small"), "train", {py::Value::Bool(true)});
  Result<Graph> graph = Trace("Small", {2, 3, 8, 6});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  EXPECT_NE(PrintGraph(*graph).find("training=True"), std::string::npos);
  auto state = torch::ModuleState(in, Net("Small"));
  ASSERT_TRUE(state.ok());
  for (const torch::NamedTensor& t : *state) {
    if (t.name == "bn.num_batches_tracked") EXPECT_EQ(t.tensor.ItemAsInt(), 0);
    if (t.name == "bn.running_mean") EXPECT_EQ(t.tensor.ItemAsDouble(0), 0);
  }
}

}  // namespace
}  // namespace fusepack
