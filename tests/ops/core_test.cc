// The operator core: schemas, binding, promotion, broadcasting with guards, eager evaluation, graph building.
#include <gtest/gtest.h>

#include "engine/graph/builder.h"
#include "engine/ops/shapes.h"

namespace fusepack {
namespace {

Tensor F32(Dims sizes, std::vector<float> values) { return Tensor::FromValues<float>(sizes, values); }

Result<Tensor> Eval(std::string_view op, std::vector<Arg> args, std::vector<Tensor> tensors) {
  FP_CHECK(FindOp(op) != nullptr);
  FP_ASSIGN_OR_RETURN(auto out, EvalOp(*FindOp(op), args, tensors));
  return out[0];
}

TEST(Schema, PrintsWhatItReads) {
  for (const char* text : {"Tensor self, Tensor|Scalar other, *, Scalar alpha=1",
                           "Tensor input, Tensor? bias=None, int[2] stride=[1,1], bool flag=False, float eps=1e-05",
                           "Tensor[] tensors, int dim=0", "Tensor self, Tensor?[] indices",
                           "Tensor self, int[1]? dim=None, *, ScalarType? dtype=None, str mode='none'"}) {
    EXPECT_EQ(Schema(text).ToString(), text);
  }
}

TEST(Schema, BindsAsPyTorchDoes) {
  const Schema schema("Tensor self, int[2] stride=1, float eps=1e-5, Scalar s=1, int? dim=None");
  auto bound = BindArgs(schema, {ValueRef{0}, Dim(3), Dim(2), true});
  ASSERT_TRUE(bound.ok()) << bound.status().ToString();
  EXPECT_EQ(std::get<std::vector<Dim>>((*bound)[1]).size(), 2u);
  EXPECT_EQ(std::get<double>((*bound)[2]), 2.0);
  EXPECT_EQ(std::get<bool>((*bound)[3]), true);
  EXPECT_TRUE(std::holds_alternative<std::monostate>((*bound)[4]));
  EXPECT_EQ(BindArgs(schema, {}).status().ToString(), "argument 'self' is missing, expected a tensor");
  EXPECT_EQ(BindArgs(schema, {ValueRef{0}, 1.5}).status().ToString(),
            "argument 'stride': a float, expected a list of ints");
  EXPECT_EQ(BindArgs(schema, {ValueRef{0}, std::monostate(), std::monostate(), std::string("x")}).status().ToString(),
            "argument 's': a str, expected a number");
}

TEST(EvalOp, AddBroadcastsAndPromotes) {
  auto sum = Eval("add", {ValueRef{0}, ValueRef{1}, 2.0}, {F32({2, 1}, {1, 2}), F32({3}, {10, 20, 30})});
  ASSERT_TRUE(sum.ok()) << sum.status().ToString();
  EXPECT_EQ(sum->ToString(), "f32[2,3]");
  EXPECT_EQ(sum->ItemAsDouble(5), 62);
  const std::vector<int64_t> ones(3, 1);
  auto mixed = Eval("add", {ValueRef{0}, 1.5}, {Tensor::FromValues<int64_t>({3}, ones)});
  EXPECT_EQ(mixed->ToString(), "f32[3]");
  EXPECT_EQ(mixed->ItemAsDouble(0), 2.5);
  auto bad = Eval("add", {ValueRef{0}, ValueRef{1}}, {F32({2}, {1, 2}), F32({3}, {1, 2, 3})});
  EXPECT_EQ(bad.status().ToString(), "add: [2] with [3]: sizes 2 and 3, expected sizes that broadcast");
}

TEST(EvalOp, PointwiseReadsAnyStrides) {
  Tensor x = F32({2, 3}, {1, -2, 3, -4, 5, -6});
  auto y = Eval("relu", {ValueRef{0}}, {x.AsStrided({3, 2}, {1, 3}, 0)});
  ASSERT_TRUE(y.ok());
  const double expected[] = {1, 0, 0, 5, 3, 0};
  for (int i = 0; i < 6; i++) EXPECT_EQ(y->ItemAsDouble(i), expected[i]);
}

TEST(EvalOp, ReshapeAliasesWhereStridesAllow) {
  Tensor x = F32({2, 6}, std::vector<float>(12, 1));
  auto y = Eval("reshape", {ValueRef{0}, std::vector<Dim>{-1, 3}}, {x});
  EXPECT_EQ(y->storage(), x.storage());
  EXPECT_EQ(y->sizes(), (Dims{4, 3}));
  Tensor t = x.AsStrided({6, 2}, {1, 6}, 0);
  EXPECT_NE(Eval("reshape", {ValueRef{0}, std::vector<Dim>{12}}, {t})->storage(), x.storage());
  auto split = Eval("reshape", {ValueRef{0}, std::vector<Dim>{2, 3, 2}}, {t});
  EXPECT_EQ(split->storage(), x.storage());
  EXPECT_EQ(split->strides(), (Dims{3, 1, 6}));
}

TEST(GraphBuilder, KeepsSymbolsAndRecordsGuards) {
  Graph graph;
  graph.symbol_hints = {2, 3};
  const Dim n = Dim::Symbol(0, 2), m = Dim::Symbol(1, 3);
  const ValueId x = graph.AddInput("x", DType::kF32, {n, 512, 7, 7});
  const ValueId y = graph.AddInput("y", DType::kF32, {m});
  const ValueId bias = graph.AddInput("bias", DType::kF32, {3});
  GraphBuilder builder(&graph);
  builder.set_where("m.py:3:1");
  auto flat = builder.AddOne("reshape", {ValueRef{x}, std::vector<Dim>{n, -1}});
  ASSERT_TRUE(flat.ok());
  EXPECT_EQ(ToString(graph.value(*flat).sizes), "[s0,25088]");
  EXPECT_TRUE(builder.guards().list().empty());
  auto sum = builder.AddOne("add", {ValueRef{y}, ValueRef{bias}});
  EXPECT_EQ(ToString(graph.value(*sum).sizes), "[3]");
  builder.Finish();
  ASSERT_EQ(graph.guards.size(), 1u);
  EXPECT_EQ(graph.guards[0].ToString(), "s1 == 3");
  EXPECT_EQ(graph.guards[0].where, "m.py:3:1");
}

TEST(Table, TorchNamesFindOperators) {
  EXPECT_EQ(FindOpByTorchName("torch.relu"), FindOp("relu"));
  EXPECT_EQ(FindOpByTorchName("torch.no_such_thing"), nullptr);
  for (const OpDef* op : AllOps()) {
    EXPECT_FALSE(op->doc.empty()) << op->name;
    EXPECT_TRUE(op->eval || op->view || op->decompose || op->data_dependent) << op->name;
    EXPECT_FALSE(op->schema().params().empty()) << op->name;
  }
}

}  // namespace
}  // namespace fusepack
