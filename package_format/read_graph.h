// The engine's graph out of a verified manifest; write_graph.h is the way there.
#pragma once

#include <span>

#include "engine/graph/graph.h"
#include "package_format/fusepack_generated.h"
#include "package_format/manifest_cursor.h"

namespace fusepack::fpk {

// Checks what must hold before there is a Graph at all: enumerations, indices, expressions, argument kinds, operators
// that exist, number of arguments. Whether the graph means something is CheckGraph's to say (engine/graph/check.h),
// which the caller runs. `tensors` are the package's, by index.
Result<Graph> ReadGraph(const fbs::Graph& from, std::span<const Tensor> tensors, ManifestCursor& cursor);

}  // namespace fusepack::fpk
