// One walk. A node whose result is its first argument is recorded as replaced; readers behind it are rewired.
#include "engine/ops/op.h"
#include "engine/passes/passes.h"
#include "engine/passes/uses.h"

namespace fusepack {
namespace {

template <typename T>
const T* Find(const Node& node, std::string_view name) {
  const int at = node.op->schema().Find(name);
  return at < 0 ? nullptr : std::get_if<T>(&node.args[at]);
}

bool SameSpec(const Value& a, const Value& b) {
  if (a.dtype != b.dtype || a.sizes.size() != b.sizes.size()) return false;
  for (size_t d = 0; d < a.sizes.size(); d++) {
    if (!SameExpr(a.sizes[d], b.sizes[d])) return false;
  }
  return true;
}

// True if the node's only output equals its first argument.
bool IsIdentity(const Graph& graph, const Node& node) {
  const std::vector<ValueId> inputs = node.Inputs();
  if (inputs.empty() || node.outputs.size() != 1) return false;
  if (!SameSpec(graph.values[inputs[0]], graph.values[node.outputs[0]])) return false;
  const std::string_view op = node.op->name;
  if (op == "identity" || op == "alias" || op == "detach" || op == "contiguous" || op == "clone" || op == "reshape" ||
      op == "view" || op == "flatten" || op == "expand" || op == "to" || op == "to_dtype" || op == "type_as") {
    return true;  // with the same dtype and sizes; where elements lie is ChooseLayouts' to say
  }
  if (op.find("dropout") != op.npos) {
    const bool* training = Find<bool>(node, "training");
    const double* p = Find<double>(node, "p");
    return (training && !*training) || (p && *p == 0);
  }
  return false;
}

}  // namespace

Result<Graph> Canonicalize(Graph graph) {
  Replacements replaced;
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    replaced.Renew(node);
    if (IsIdentity(graph, node)) {
      replaced.Replace(node.outputs[0], node.Inputs()[0]);
    } else {
      nodes.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(nodes);
  replaced.RenewOutputs(graph);
  return graph;
}

}  // namespace fusepack
