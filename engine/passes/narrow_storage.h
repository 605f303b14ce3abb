// NarrowStorage: values stored as bf16 or as 8-bit integers, with the decoding and encoding written into the graph.
// Runs behind FuseRegions; sizes are numbers and every value has its strides.
#pragma once

#include "engine/graph/graph.h"
#include "engine/target.h"

namespace fusepack {

// The graph itself for fp32 and fp32-split. kBadInput for int8 without ranges.
Result<Graph> NarrowStorage(Graph graph, const Target& target);

}  // namespace fusepack
