// The engine's graph into a manifest; read_graph.h is the way back.
#pragma once

#include <functional>
#include <memory>

#include "engine/graph/graph.h"
#include "package_format/fusepack_generated.h"

namespace fusepack::fpk {

// `tensor_index` gives the manifest's index of a constant. Errors: a graph that is not portable (fused regions,
// layouts), a size expression over the limit.
Result<std::unique_ptr<fbs::GraphT>> WriteGraph(const Graph& graph,
                                           const std::function<Result<uint32_t>(const Tensor&)>& tensor_index);

}  // namespace fusepack::fpk
