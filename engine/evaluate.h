// Evaluate: a graph run node by node with the reference kernels, the oracle for everything compiled.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/graph/graph.h"

namespace fusepack {

enum class Oracle {
  kAsWritten,  // every value in its own dtype
  kFloat64,    // f32, f16 and bf16 values, constants and inputs as f64
};

// Called behind each node with its results. An error ends the evaluation and is its result.
using NodeVisitor = std::function<Status(size_t node, std::span<const Tensor> outputs)>;

// Inputs must have the graph's dtypes; sizes are taken as they come (the graph's own sizes are only an example). Sizes
// that nodes compute from input sizes are evaluated for these inputs.
Result<std::vector<Tensor>> Evaluate(const Graph& graph, std::span<const Tensor> inputs, Oracle oracle,
                                     const NodeVisitor& visit = {});

// One node (its region, where it has one) on given inputs, in the order of node.Inputs().
Result<std::vector<Tensor>> EvaluateNode(const Node& node, std::span<const Tensor> inputs, Oracle oracle);

}  // namespace fusepack
