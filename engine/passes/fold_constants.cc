// Order of the graph: a node whose inputs are all constants by now is evaluated by its reference kernel. Operators that
// draw random numbers stay, and so does everything that sizes of the inputs take part in.
#include "engine/ops/op.h"
#include "engine/passes/passes.h"

namespace fusepack {
namespace {

bool IsRandom(const Node& node) {
  const std::string_view op = node.op->name;
  for (std::string_view part : {"dropout", "rand", "bernoulli", "multinomial", "normal", "uniform"}) {
    if (op.find(part) != op.npos) return true;
  }
  return false;
}

bool HasSymbols(const Node& node) {
  for (const Arg& arg : node.args) {
    if (const auto* d = std::get_if<Dim>(&arg); d && !d->is_constant()) return true;
    if (const auto* dims = std::get_if<std::vector<Dim>>(&arg)) {
      for (const Dim& d : *dims) {
        if (!d.is_constant()) return true;
      }
    }
  }
  return false;
}

// Bytes of the node's outputs; over every limit where they are not known.
int64_t OutputBytes(const Graph& graph, const Node& node) {
  CheckedI64 bytes = 0;
  for (ValueId id : node.outputs) {
    CheckedI64 item = static_cast<int64_t>(ItemSize(graph.values[id].dtype));
    for (const Dim& d : graph.values[id].sizes) {
      if (!d.is_constant()) return kDimLimit;
      item *= d.hint();
    }
    bytes += item;
  }
  return bytes.ok() ? bytes.value() : kDimLimit;
}

}  // namespace

Result<Graph> FoldConstants(Graph graph) {
  int64_t folded_bytes = 0;
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    bool constant = !IsRandom(node) && !HasSymbols(node);
    for (ValueId id : node.Inputs()) constant &= graph.constants.contains(id);
    const int64_t bytes = constant ? OutputBytes(graph, node) : kDimLimit;
    if (!constant || bytes > kMaxFoldedBytes - folded_bytes) {
      nodes.push_back(std::move(node));
      continue;
    }
    std::vector<ValueId> ids;
    const std::vector<Arg> args = CompactArgs(node.args, &ids);
    std::vector<Tensor> tensors;
    for (ValueId id : ids) tensors.push_back(graph.constants.at(id));
    Result<std::vector<Tensor>> made = EvalOp(*node.op, args, tensors);
    if (!made.ok()) return WithPlace(made.status(), node.scope.empty() ? std::string(node.op->name) : node.scope);
    for (size_t i = 0; i < made->size(); i++) graph.constants[node.outputs[i]] = std::move((*made)[i]);
    folded_bytes += bytes;
  }
  graph.nodes = std::move(nodes);
  return graph;
}

}  // namespace fusepack
