#include "engine/passes/uses.h"

namespace fusepack {

std::vector<int> CountUses(const Graph& graph) {
  std::vector<int> uses(graph.values.size());
  for (const Node& node : graph.nodes) {
    for (ValueId id : node.Inputs()) uses[id]++;
  }
  for (const GraphOutput& output : graph.outputs) uses[output.id]++;
  return uses;
}

std::vector<int> Definers(const Graph& graph) {
  std::vector<int> definers(graph.values.size(), -1);
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    for (ValueId id : graph.nodes[i].outputs) definers[id] = static_cast<int>(i);
  }
  return definers;
}

std::vector<std::vector<int>> Readers(const Graph& graph) {
  std::vector<std::vector<int>> readers(graph.values.size());
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    for (ValueId id : graph.nodes[i].Inputs()) {
      if (readers[id].empty() || readers[id].back() != static_cast<int>(i)) readers[id].push_back(static_cast<int>(i));
    }
  }
  return readers;
}

ValueId Replacements::Of(ValueId id) const {
  for (auto found = map_.find(id); found != map_.end(); found = map_.find(id)) id = found->second;
  return id;
}

void Replacements::Renew(Node& node) const {
  node.ForEachInput([&](ValueId& id) { id = Of(id); });
}

void Replacements::RenewOutputs(Graph& graph) const {
  for (GraphOutput& output : graph.outputs) output.id = Of(output.id);
}

}  // namespace fusepack
