// Backwards from the outputs: a node is kept if a kept node or an output reads one of its results.
#include "engine/passes/passes.h"

namespace fusepack {

Result<Graph> DropDeadCode(Graph graph) {
  std::vector<bool> needed(graph.values.size());
  for (const GraphOutput& output : graph.outputs) needed[output.id] = true;
  std::vector<bool> keep(graph.nodes.size());
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    for (ValueId id : graph.nodes[i].outputs) keep[i] = keep[i] || needed[id];
    if (!keep[i]) continue;
    for (ValueId id : graph.nodes[i].Inputs()) needed[id] = true;
  }
  std::vector<Node> nodes;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    if (keep[i]) nodes.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(nodes);
  std::erase_if(graph.constants, [&](const auto& item) { return !needed[item.first]; });
  return graph;
}

}  // namespace fusepack
