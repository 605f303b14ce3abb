// What the makers of steps read: every node seen as a region, and the pieces of a region understood.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/step.h"

namespace fusepack {

// The node's own region, or one made of the node alone. Its inputs are StepCall::in, its outputs StepCall::out.
std::shared_ptr<const Graph> RegionOf(const Node& node, const Graph& graph);

// A pointwise call, read by the rules of engine/ops/pointwise.h.
struct PointwiseCall {
  struct Source {
    ValueId id = kNoValue;  // kNoValue: the number
    float number = 0;
  };
  std::vector<Source> operands;  // x, y, z of the expression
  float scalars[4] = {};         // a, b, c, d
};
// Nothing where the node is not a pointwise operator computed in f32 on f32 tensors with an f32 result.
std::optional<PointwiseCall> ReadPointwise(const Graph& graph, const Node& node);

// An argument by parameter name; nothing where the node has none of that name or another type.
template <typename T>
const T* FindArg(const Node& node, std::string_view name);

// The numbers of an int[] argument (empty where absent).
std::vector<int64_t> IntegersOf(const Node& node, std::string_view name);

}  // namespace fusepack

#include "engine/ops/op.h"

namespace fusepack {

template <typename T>
const T* FindArg(const Node& node, std::string_view name) {
  const int at = node.op->schema().Find(name);
  return at < 0 ? nullptr : std::get_if<T>(&node.args[at]);
}

}  // namespace fusepack
