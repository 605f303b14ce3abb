// CheckGraph: everything that must hold of a graph before anything folds, packs or runs it; O(values + nodes).
//
// Graphs come from files, so every broken rule is an error that names the node. After it: ids are in range, every
// value is defined once and before its use, arguments have their parameters' types, sizes and guards name symbols
// that exist, divisors are not zero, constants have their value's spec, regions hold too, and the stored specs are
// those that the operators' shape functions give.
#pragma once

#include "engine/graph/graph.h"

namespace fusepack {

inline constexpr size_t kMaxGraphNodes = 1'000'000;
inline constexpr size_t kMaxGraphSymbols = 1024;

Status CheckGraph(const Graph& graph);

}  // namespace fusepack
