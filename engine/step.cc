#include "engine/step.h"

#include "engine/graph/layout.h"

namespace fusepack {

Operand OperandOf(const Graph& graph, ValueId id) {
  Operand out;
  const auto constant = graph.constants.find(id);
  const Value& value = graph.values[id];
  out.dtype = value.dtype;
  if (constant != graph.constants.end()) {
    out.constant = &constant->second;
    out.sizes = constant->second.sizes();
    out.strides = constant->second.strides();
  } else {
    out.sizes = ToDims(value.sizes);
    out.strides = StridesOf(value);
  }
  return out;
}

StepCall StepCallOf(const Graph& graph, const Node& node, const Target& target) {
  StepCall call{graph, node, {}, {}, target};
  for (ValueId id : node.Inputs()) call.in.push_back(OperandOf(graph, id));
  for (ValueId id : node.outputs) call.out.push_back(OperandOf(graph, id));
  return call;
}

}  // namespace fusepack
