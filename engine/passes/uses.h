// What several passes ask of a graph.
#pragma once

#include <vector>

#include "engine/graph/graph.h"

namespace fusepack {

// How often each value is read: by nodes, and once for each place among the graph's outputs.
std::vector<int> CountUses(const Graph& graph);

// The number of the node that makes each value; -1 for inputs and constants.
std::vector<int> Definers(const Graph& graph);

// The numbers of the nodes that read each value, ascending, each once.
std::vector<std::vector<int>> Readers(const Graph& graph);

// Values that stand in for others. Chains are followed; a pass records Replace(a, b) as it walks and applies Renew to
// every node it meets, then RenewOutputs at the end.
class Replacements {
 public:
  void Replace(ValueId from, ValueId to) { map_[from] = to; }
  ValueId Of(ValueId id) const;
  void Renew(Node& node) const;
  void RenewOutputs(Graph& graph) const;
  bool empty() const { return map_.empty(); }

 private:
  std::map<ValueId, ValueId> map_;
};

}  // namespace fusepack
