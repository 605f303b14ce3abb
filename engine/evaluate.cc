#include "engine/evaluate.h"

#include "engine/ops/fused_ops.h"
#include "engine/passes/passes.h"
#include "engine/passes/uses.h"

namespace fusepack {
namespace {

bool Widens(DType dtype) { return IsFloating(dtype) && dtype != DType::kF64; }

Result<Tensor> Widened(const Tensor& t, Oracle oracle) {
  if (oracle == Oracle::kAsWritten || !Widens(t.dtype())) return t;
  return t.To(DType::kF64);
}

}  // namespace

Result<std::vector<Tensor>> EvaluateNode(const Node& node, std::span<const Tensor> inputs, Oracle oracle) {
  if (node.op == &ReorderOp()) return std::vector<Tensor>{inputs[0]};
  if (node.region) {
    const Graph& region = *node.region;
    std::vector<Tensor> values(region.values.size());
    for (size_t i = 0; i < inputs.size(); i++) values[region.inputs[i]] = inputs[i];
    for (const Node& inner : region.nodes) {
      std::vector<Tensor> tensors;
      for (ValueId id : inner.Inputs()) tensors.push_back(values[id]);
      FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, EvaluateNode(inner, tensors, oracle));
      for (size_t i = 0; i < made.size(); i++) values[inner.outputs[i]] = std::move(made[i]);
    }
    std::vector<Tensor> out;
    for (const GraphOutput& output : region.outputs) out.push_back(values[output.id]);
    return out;
  }
  std::vector<ValueId> ids;
  std::vector<Arg> args = CompactArgs(node.args, &ids);
  std::vector<Tensor> tensors;
  for (const Tensor& t : inputs) {
    FP_ASSIGN_OR_RETURN(Tensor wide, Widened(t, oracle));
    tensors.push_back(std::move(wide));
  }
  if (oracle == Oracle::kFloat64) {
    for (Arg& arg : args) {
      if (auto* dtype = std::get_if<DType>(&arg); dtype && Widens(*dtype)) *dtype = DType::kF64;
    }
  }
  Result<std::vector<Tensor>> made = EvalOp(*node.op, args, tensors);
  if (!made.ok()) return WithPlace(made.status(), node.scope.empty() ? std::string(node.op->name) : node.scope);
  for (Tensor& t : *made) {
    FP_ASSIGN_OR_RETURN(t, Widened(t, oracle));
  }
  return made;
}

Result<std::vector<Tensor>> Evaluate(const Graph& given, std::span<const Tensor> inputs, Oracle oracle,
                                     const NodeVisitor& visit) {
  std::vector<InputSpec> specs;
  for (const Tensor& t : inputs) specs.push_back({t.dtype(), t.sizes()});
  FP_ASSIGN_OR_RETURN(const Graph graph, InferShapes(given, specs));
  std::vector<Tensor> values(graph.values.size());
  for (size_t i = 0; i < inputs.size(); i++) values[graph.inputs[i]] = inputs[i];
  std::vector<int> left = CountUses(graph);
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const Node& node = graph.nodes[n];
    std::vector<Tensor> tensors;
    for (ValueId id : node.Inputs()) {
      const auto constant = graph.constants.find(id);
      tensors.push_back(constant == graph.constants.end() ? values[id] : constant->second);
      if (--left[id] == 0) values[id] = Tensor();
    }
    FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, EvaluateNode(node, tensors, oracle));
    if (visit) FP_RETURN_IF_ERROR(visit(n, made));
    for (size_t i = 0; i < made.size(); i++) {
      if (left[node.outputs[i]] > 0) values[node.outputs[i]] = std::move(made[i]);
    }
  }
  std::vector<Tensor> out;
  for (const GraphOutput& output : graph.outputs) {
    const auto constant = graph.constants.find(output.id);
    FP_ASSIGN_OR_RETURN(Tensor wide, Widened(constant == graph.constants.end() ? values[output.id] : constant->second, oracle));
    out.push_back(std::move(wide));
  }
  return out;
}

}  // namespace fusepack
