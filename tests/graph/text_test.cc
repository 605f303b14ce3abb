// Graph text: what prints parses back to the same text; what is wrong is refused with its line; CheckGraph refuses
// every way in which a graph from a file can lie.
#include <gtest/gtest.h>

#include "engine/graph/check.h"
#include "engine/graph/parse.h"
#include "engine/graph/print.h"

namespace fusepack {
namespace {

const char* const kRoundTrip[] = {
    "graph tiny(%x: f32[2,3]) {\n"
    "  %relu: f32[2,3] = relu(%x)\n"
    "  return %relu\n"
    "}\n",

    "graph symbols(%x: f32[s0,3,s1], %y: f32[(s0 + 1) // 2,1]) symbols(s0=4, s1=7) {\n"
    "  const %w.bias: f32[3,1] = [1.0,-2.5,inf]\n"
    "  const %big: f32[3,4,5]\n"
    "  guard s1 >= 7  # model.py:3:4\n"
    "  guard (s0 + 1) % 2 != 0\n"
    "  %relu: f32[s0,3,s1] = relu(%x)  # block.relu, model.py:5:9\n"
    "  %relu~2: f32[s0,3,s1] = relu(%relu)  # , model.py:6:9\n"
    "  %add: f32[s0,3,s1] = add(%relu~2, %w.bias, alpha=2)  # block\n"
    "  %1: f32[s0,3,s1] = add(%add, other=1.5)\n"
    "  %\"a b\\\"\": f32[s0 * 3,s1] = reshape(%1, shape=[s0 * 3,s1])\n"
    "  return %add as \"0\", %\"a b\\\"\" as \"1.out\"\n"
    "}\n",

    "graph layouts(%x: f32[1,8,4,4]@nhwc) {\n"
    "  %fused: f32[1,8,4,4]@nhwc = fused([%x]) graph group(%x: f32[1,8,4,4]) {\n"
    "    %relu: f32[1,8,4,4] = relu(%x)\n"
    "    return %relu\n"
    "  }  # layer1\n"
    "  %reorder: f32[1,8,4,4] = reorder(%fused)\n"
    "  return %reorder\n"
    "}\n",
};

TEST(GraphText, WhatPrintsParsesBack) {
  for (const char* text : kRoundTrip) {
    Result<Graph> graph = ParseGraph(text);
    ASSERT_TRUE(graph.ok()) << graph.status().ToString() << "\n" << text;
    EXPECT_EQ(PrintGraph(*graph), text);
    const Status checked = CheckGraph(*graph);
    EXPECT_TRUE(checked.ok()) << checked.ToString() << "\n" << text;
  }
}

TEST(GraphText, EveryTruncationIsRefused) {
  for (std::string text : kRoundTrip) {
    for (size_t n = 0; n + 2 < text.size(); n++) EXPECT_FALSE(ParseGraph(text.substr(0, n)).ok()) << text.substr(0, n);
  }
}

TEST(GraphText, ErrorsNameTheLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"graph g(%x: f32[1]) {\n  %y: f32[1] = relu(%z)\n  return %y\n}", "graph text line 2: %z is not defined before this use"},
      {"graph g(%x: f32[1]) {\n  %y: f32[1] = relu(%y)\n  return %y\n}", "graph text line 2: %y is not defined before this use"},
      {"graph g(%x: f32[1]) {\n  %x: f32[1] = relu(%x)\n  return %x\n}", "graph text line 2: %x is defined twice"},
      {"graph g(%x: f32[1]) {\n  %y: f32[1] = rely(%x)\n  return %y\n}", "graph text line 2: unknown operator 'rely'"},
      {"graph g(%x: f32[1]) {\n  %y: f32[1] = relu()\n  return %y\n}", "graph text line 2: relu lacks its argument 'self'"},
      {"graph g(%x: f32[1]) {\n  %y: f32[1] = relu(%x, %x)\n  return %y\n}", "graph text line 2: surplus argument of relu"},
      {"graph g(%x: f99[1]) {\n  return %x\n}", "graph text line 1: '[1]) {', expected an element type"},
      {"graph g(%x: f32[s0]) {\n  return %x\n}",
       "graph text line 1: size expression 's0': unexpected text at column 3, expected a symbol of the graph"},
  };
  for (const auto& [text, expected] : cases) {
    Result<Graph> graph = ParseGraph(text);
    ASSERT_FALSE(graph.ok()) << text;
    EXPECT_EQ(graph.status().ToString(), expected);
  }
}

class CheckRefuses : public ::testing::Test {
 protected:
  Graph Good() { return ParseGraph(kRoundTrip[1]).value(); }
  void ExpectRefused(const Graph& graph, const std::string& part) {
    const Status status = CheckGraph(graph);
    ASSERT_FALSE(status.ok()) << part;
    EXPECT_NE(status.ToString().find(part), std::string::npos) << status.ToString();
  }
};

TEST_F(CheckRefuses, BrokenGraphs) {
  Graph g = Good();
  g.nodes[0].outputs[0] = 1000;
  ExpectRefused(g, "value id 1000");
  g = Good();
  g.nodes[1].outputs = g.nodes[0].outputs;
  ExpectRefused(g, "is defined twice");
  g = Good();
  std::swap(g.nodes[0], g.nodes[1]);
  ExpectRefused(g, "is used before its definition");
  g = Good();
  g.nodes[2].args.pop_back();
  ExpectRefused(g, "2 arguments, expected 3");
  g = Good();
  g.nodes[0].args[0] = Dim(3);
  ExpectRefused(g, "another type");
  g = Good();
  g.nodes[0].args[0] = ValueRef{-5};
  ExpectRefused(g, "value id -5");
  g = Good();
  g.values[g.nodes[0].outputs[0]].dtype = DType::kF64;
  ExpectRefused(g, "as the operator gives");
  g = Good();
  g.values[g.nodes[0].outputs[0]].sizes[1] = Dim(5);
  ExpectRefused(g, "as the operator gives");
  g = Good();
  g.values[g.inputs[0]].sizes[0] = Dim::Symbol(9, 4);
  ExpectRefused(g, "symbols below s2");
  g = Good();
  g.values[g.inputs[0]].sizes[0] = Dim(-1);
  ExpectRefused(g, "negative");
  g = Good();
  g.outputs[0].id = -1;
  ExpectRefused(g, "value id -1");
  g = Good();
  g.constants.begin()->second = Tensor::Scalar(DType::kF32, 1);
  ExpectRefused(g, "constant 'w.bias'");
  g = Good();
  g.nodes[0].op = nullptr;
  ExpectRefused(g, "no operator");
  g = Good();
  g.values[g.inputs[0]].dtype = static_cast<DType>(77);
  ExpectRefused(g, "element type out of range");
}

}  // namespace
}  // namespace fusepack
