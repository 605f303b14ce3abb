// The passes, in the order in which Compile runs them. Each takes a graph by value and returns another; each is a file
// of its name. After InferShapes every size is a number.
#pragma once

#include <span>

#include "engine/graph/graph.h"
#include "engine/target.h"

namespace fusepack {

inline constexpr int64_t kMaxFoldedBytes = int64_t{64} << 20;

// Operators that do nothing for this graph (dropout in eval mode, identity, casts to the own dtype) are bypassed.
Result<Graph> Canonicalize(Graph graph);

// Nodes that read only constants are run now, while their results stay within kMaxFoldedBytes in all.
Result<Graph> FoldConstants(Graph graph);

// Batch norm on stored statistics: into the weights of the convolution or linear that feeds it and nothing else, in
// double; otherwise a scale and a shift a channel.
Result<Graph> FoldBatchNorm(Graph graph);

// Nodes and constants that no output needs are dropped.
Result<Graph> DropDeadCode(Graph graph);

// The graph for inputs of these dtypes and sizes: symbols become numbers, guards are checked, shapes inferred anew.
Result<Graph> InferShapes(Graph graph, std::span<const InputSpec> inputs);

// Strides for every value, with reorder nodes where a kernel needs another layout than it is given; views take the
// strides of their argument. Convolutions and what follows them are channels-last; inputs and outputs row-major.
Result<Graph> ChooseLayouts(Graph graph, const Target& target);

// Convolutions and linears with the pointwise nodes behind them, and chains of pointwise nodes, become `fused` nodes.
Result<Graph> FuseRegions(Graph graph, const Target& target);

}  // namespace fusepack
