// DotGraph: a graph as Graphviz text, nodes named by operator and scope, edges by the type of what flows.
#pragma once

#include <string>

#include "engine/graph/graph.h"

namespace fusepack {

std::string DotGraph(const Graph& graph);

}  // namespace fusepack
