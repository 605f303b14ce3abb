// The C++ interface of torch.fx: graphs by hand, tracers derived in C++, GraphModules.
#include <gtest/gtest.h>

#include "tracer/environment.h"
#include "tracer/fx/graph_module.h"
#include "tracer/fx/python_code.h"

namespace fusepack {
namespace {

using fx::Graph;
using fx::GraphModule;
using fx::Node;
using py::Value;

constexpr char kModels[] = R"(
import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.gate = Gate()
        self.scale = nn.Parameter(torch.full((2,), 3.0))

    def forward(self, x, shift=1.0):
        return self.gate(self.lin(x) * self.scale) + shift


net = Net()
ones = torch.ones(1, 2)


def double(x, times=2):
    for _ in range(times):
        x = x + x
    return x
)";

class FxInterface : public testing::Test {
 protected:
  FxInterface() : in(environment.interpreter()) {
    const auto run = in.Run("models.py", kModels, "models");
    EXPECT_TRUE(run.ok()) << run.error().ToString();
    models = *run;
  }
  Value Get(const char* name) { return *in.Try([&] { return in.GetAttr(models, name); }); }
  Value Torch(const char* name) { return *in.Try([&] { return in.GetAttr(in.Import("torch"), name); }); }
  std::string Numbers(const Result<Value>& tensor) {
    return tensor.ok() ? Text(in.Try([&] { return in.CallMethod(*tensor, "tolist"); })) : tensor.error().ToString();
  }
  std::string Text(const Result<Value>& value) { return value.ok() ? in.ToStr(*value) : value.error().ToString(); }

  Environment environment;
  py::Interpreter& in;
  Value models;
};

TEST_F(FxInterface, AGraphByHandPrintsAndRuns) {
  const auto done = in.Try([&] {
    const auto graph = fx::NewGraph(in);
    Node* x = graph->Placeholder(in, "x");
    Node* k = graph->Placeholder(in, "k", {}, Value::Float(0.5));
    Node* sum = graph->CallFunction(in, Torch("add"), {Value(x), Value(k)});
    Node* view = graph->CallMethod(in, "view", {Value(sum), Value::Int(-1)});
    Node* lin = graph->CallModule(in, "lin", {Value(view)}, {{"scale", Value(in.NewList({Value(x)}))}});
    Node* weight = graph->GetAttrNode(in, "lin.weight");
    graph->Output(in, Value(in.NewTuple({Value(lin), Value(weight)})));
    graph->Lint(in);
    EXPECT_EQ(graph->size(), 7u);
    EXPECT_EQ(x->Users(), (std::vector<Node*>{sum, lin}));
    EXPECT_EQ(lin->Inputs(), (std::vector<Node*>{view, x}));
    EXPECT_EQ(graph->ToString(in),
              "graph():\n"
              "    %x : [num_users=2] = placeholder[target=x]\n"
              "    %k : [num_users=1] = placeholder[target=k](default=0.5)\n"
              "    %add : [num_users=1] = call_function[target=torch.add](args = (%x, %k), kwargs = {})\n"
              "    %view : [num_users=1] = call_method[target=view](args = (%add, -1), kwargs = {})\n"
              "    %lin : [num_users=1] = call_module[target=lin](args = (%view,), kwargs = {scale: [%x]})\n"
              "    %lin_weight : [num_users=1] = get_attr[target=lin.weight]\n"
              "    return (lin, lin_weight)");
    return Value::None();
  });
  EXPECT_TRUE(done.ok()) << done.error().ToString();
}

TEST_F(FxInterface, EditsKeepUsersInStep) {
  const auto done = in.Try([&] {
    const auto graph = fx::NewGraph(in);
    Node* x = graph->Placeholder(in, "x");
    Node* relu = graph->CallFunction(in, Torch("relu"), {Value(x)});
    graph->Output(in, Value(relu));
    const Graph::InsertPoint end = graph->insert_point();
    graph->set_insert_point({py::Ref<Node>(relu), false});
    Node* sin = graph->CallFunction(in, Torch("sin"), {Value(x)});
    graph->set_insert_point(end);
    relu->ReplaceInputWith(in, x, sin);
    EXPECT_EQ(x->Users(), (std::vector<Node*>{sin}));
    EXPECT_EQ(relu->ReplaceAllUsesWith(in, sin), (std::vector<Node*>{graph->OutputNode(in)}));
    EXPECT_TRUE(graph->EliminateDeadCode(in));
    EXPECT_TRUE(relu->erased());
    EXPECT_EQ(graph->nodes(), (std::vector<Node*>{x, sin, graph->OutputNode(in)}));
    EXPECT_EQ(PythonCode(in, *graph).code, "\n\n\ndef forward(self, x):\n    sin = torch.sin(x);  x = None\n    return sin\n    ");
    return Value::None();
  });
  EXPECT_TRUE(done.ok()) << done.error().ToString();
}

TEST_F(FxInterface, LintSaysWhatIsWrong) {
  const auto done = in.Try([&] {
    const auto graph = fx::NewGraph(in), other = fx::NewGraph(in);
    graph->CallFunction(in, Torch("relu"), {Value(other->Placeholder(in, "y"))});
    graph->Lint(in);
    return Value::None();
  });
  ASSERT_FALSE(done.ok());
  EXPECT_NE(done.error().ToString().find("RuntimeError: Argument 'y' of Node 'relu' does not belong to this Graph"), std::string::npos)
      << done.error().ToString();
}

TEST_F(FxInterface, ANodeInHandKeepsItsGraph) {
  py::Ref<Node> x;
  const auto done = in.Try([&] {
    x = py::Ref<Node>(fx::NewGraph(in)->Placeholder(in, "x"));
    return Value::None();
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(x->graph()->size(), 1u);
}

// Gates stay closed; every call of torch.relu gets a name of its own.
class GateTracer : public fx::Tracer {
 public:
  explicit GateTracer(py::Interpreter& in) : Tracer(in) {}
  bool IsLeafModule(py::Interpreter& in, const Value& module, const std::string& name) override {
    asked.push_back(name);
    return in.TypeName(module) == "Gate" || Tracer::IsLeafModule(in, module, name);
  }
  Value CreateProxy(py::Interpreter& in, const fx::NodeCall& call) override {
    fx::NodeCall named = call;
    if (call.op == fx::NodeOp::kCallModule) named.name = "call_" + in.ToStr(call.target);
    return Tracer::CreateProxy(in, named);
  }
  std::vector<std::string> asked;
};

TEST_F(FxInterface, ATracerDerivedInCpp) {
  const auto tracer = fx::NewTracer<GateTracer>(in);
  auto traced = GraphModule::Trace(in, *tracer, Get("net"));
  ASSERT_TRUE(traced.ok()) << traced.error().ToString();
  EXPECT_EQ(tracer->asked, (std::vector<std::string>{"lin", "gate"}));
  EXPECT_EQ(traced->class_name(in), "Net");
  EXPECT_EQ(traced->code(in),
            "\n\n\ndef forward(self, x, shift = 1.0):\n"
            "    call_lin = self.lin(x);  x = None\n"
            "    scale = self.scale\n"
            "    mul = call_lin * scale;  call_lin = scale = None\n"
            "    call_gate = self.gate(mul);  mul = None\n"
            "    add = call_gate + shift;  call_gate = shift = None\n"
            "    return add\n    ");
  const std::vector<Value> args = {Get("ones")};
  EXPECT_EQ(Text(traced->Call(in, args, {{"shift", Value::Float(2)}})), Text(in.Try([&] {
    return in.Call(Get("net"), py::Args(args, std::vector<py::Keyword>{{in.Intern("shift"), Value::Float(2)}}));
  })));
}

TEST_F(FxInterface, TheErrorOfAProxyNamesTheSourceLine) {
  auto traced = GraphModule::Trace(in, Get("net"));
  ASSERT_FALSE(traced.ok());
  EXPECT_EQ(traced.error().ToString(),
            "models.py:8:12: torch.fx.proxy.TraceError: symbolically traced variables cannot be used as inputs to control flow "
            "(at models.py:8: if x.sum() > 0:)");
}

constexpr char kAsserts[] = R"(
from torch import fx


class Asserting(fx.Tracer):
    trace_asserts = True


def checked(x):
    assert x.shape[0] == 1, "one row"
    assert x.sum() > 0
    return x


def negated(x):
    assert not x
    return x


traced = fx.GraphModule({}, Asserting().trace(checked))
)";

// As torch.fx does under every Python but 3.11, whose jump has another name.
TEST_F(FxInterface, AssertsAreTracedWhereTheTracerSaysSo) {
  const auto run = in.Run("asserts.py", kAsserts, "asserts");
  ASSERT_TRUE(run.ok()) << run.error().ToString();
  const auto traced = GraphModule::From(in, *in.Try([&] { return in.GetAttr(*run, "traced"); }));
  ASSERT_TRUE(traced.ok()) << traced.error().ToString();
  EXPECT_EQ(traced->code(in),
            "\n\n\ndef forward(self, x):\n"
            "    getattr_1 = x.shape\n"
            "    getitem = getattr_1[0];  getattr_1 = None\n"
            "    eq = getitem == 1;  getitem = None\n"
            "    assert_fn = torch.fx.proxy.assert_fn(eq);  eq = assert_fn = None\n"
            "    sum_1 = x.sum()\n"
            "    gt = sum_1 > 0;  sum_1 = None\n"
            "    assert_fn_1 = torch.fx.proxy.assert_fn(gt);  gt = assert_fn_1 = None\n"
            "    return x\n    ");
  EXPECT_TRUE(traced->Call(in, {Get("ones")}).ok());
  const auto two_rows = in.Try([&] { return in.CallMethod(in.Import("torch"), "ones", {Value::Int(2), Value::Int(2)}); });
  const auto failed = traced->Call(in, {*two_rows});
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().ToString().find("AssertionError: Assertion failed"), std::string::npos) << failed.error().ToString();
  const auto negated = in.Try([&] {
    return in.CallMethod(in.Call(in.GetAttr(*run, "Asserting"), py::Args()), "trace", {in.GetAttr(*run, "negated")});
  });
  ASSERT_FALSE(negated.ok());
  EXPECT_NE(negated.error().ToString().find("TraceError"), std::string::npos);
}

TEST_F(FxInterface, AGraphModuleIsRecompiledAfterAnEdit) {
  auto concrete = in.Try([&] {
    const auto dict = in.NewDict();
    dict->Set(in.Intern("times"), Value::Int(3));
    return Value(dict);
  });
  auto traced = GraphModule::Trace(in, Get("double"), *concrete);
  ASSERT_TRUE(traced.ok()) << traced.error().ToString();
  EXPECT_EQ(traced->class_name(in), "double");
  const auto edited = in.Try([&] {
    for (Node* node : traced->graph().nodes()) {
      if (node->name == "add_2") node->target = in.GetAttr(in.Import("operator"), "mul");
    }
    return Value::None();
  });
  ASSERT_TRUE(edited.ok());
  const std::vector<Value> args = {Get("ones"), Value::Int(3)};
  EXPECT_EQ(Numbers(traced->Call(in, args)), "[[8.0, 8.0]]");
  ASSERT_TRUE(traced->Recompile(in).ok());
  EXPECT_EQ(Numbers(traced->Call(in, args)), "[[16.0, 16.0]]");
  const auto readable = traced->PrintReadable(in);
  ASSERT_TRUE(readable.ok());
  EXPECT_TRUE(readable->starts_with("class double(torch.nn.Module):\n")) << *readable;
}

TEST_F(FxInterface, AGraphModuleFromADictOfTargets) {
  py::Ref<Graph> graph;
  Value root;
  const auto made = in.Try([&] {
    graph = fx::NewGraph(in);
    Node* x = graph->Placeholder(in, "x");
    graph->Output(in, Value(graph->CallModule(in, "deep.lin", {Value(x)})));
    const auto dict = in.NewDict();
    dict->Set(in.Intern("deep.lin"), in.GetAttr(Get("net"), "lin"));
    root = Value(dict);
    return Value::None();
  });
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  const auto module = GraphModule::Create(in, root, *graph, "FromDict");
  ASSERT_TRUE(module.ok()) << module.error().ToString();
  EXPECT_EQ(module->class_name(in), "FromDict");
  EXPECT_TRUE(GraphModule::From(in, module->module()).ok());
  const auto missing = GraphModule::Create(in, *in.Try([&] { return Value(in.NewDict()); }), *graph);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().ToString().find("referenced target deep.lin but that target was not provided"), std::string::npos);
  const auto wrong = GraphModule::From(in, Value::Int(3));
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().ToString().find("expected a torch.fx.GraphModule"), std::string::npos);
}

}  // namespace
}  // namespace fusepack
