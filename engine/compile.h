// Compile: a graph becomes a plan for one target and one list of input sizes.
//
// Simplify is the part that does not depend on sizes; a caller who compiles for several sizes does it once.
#pragma once

#include <memory>
#include <span>

#include "engine/plan.h"

namespace fusepack {

// Checks the graph (which may come from a hostile file), folds what is constant, drops what is dead.
Result<Graph> Simplify(const Graph& graph);

// REQUIRES: a graph from Simplify.
Result<std::shared_ptr<const Plan>> CompileSimplified(const Graph& graph, const Target& target,
                                                      std::span<const InputSpec> inputs);

// Both. Errors name what is wrong with the graph or which input breaks which guard.
Result<std::shared_ptr<const Plan>> Compile(const Graph& graph, const Target& target, std::span<const InputSpec> inputs);

}  // namespace fusepack
