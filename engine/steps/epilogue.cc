#include "engine/steps/epilogue.h"

#include <algorithm>

#include "engine/graph/layout.h"

namespace fusepack {

using kernels::Epilogue;

std::optional<Epilogue> EltwiseEpilogue(const Graph& graph, const Node& node) {
  using dnnl::algorithm;
  const std::optional<PointwiseCall> call = ReadPointwise(graph, node);
  if (!call || call->operands.size() != 1) return std::nullopt;
  const float a = call->scalars[0], b = call->scalars[1], c = call->scalars[2];
  const auto eltwise = [](algorithm function, float alpha = 0, float beta = 0) {
    return Epilogue{Epilogue::Kind::kEltwise, function, alpha, beta};
  };
  const std::string_view op = node.op->name;
  if (op == "relu") return eltwise(algorithm::eltwise_relu);
  if (op == "leaky_relu" && a >= 0) return eltwise(algorithm::eltwise_relu, a);
  if (op == "relu6") return eltwise(algorithm::eltwise_clip, 0, 6);
  if ((op == "hardtanh" || op == "clamp_range") && a <= b) return eltwise(algorithm::eltwise_clip, a, b);
  if (op == "sigmoid") return eltwise(algorithm::eltwise_logistic);
  if (op == "tanh") return eltwise(algorithm::eltwise_tanh);
  if (op == "silu") return eltwise(algorithm::eltwise_swish, 1);
  if (op == "gelu_erf") return eltwise(algorithm::eltwise_gelu_erf);
  if (op == "gelu_tanh") return eltwise(algorithm::eltwise_gelu_tanh);
  if (op == "hardswish") return eltwise(algorithm::eltwise_hardswish);
  if (op == "elu" && b == 1 && c == 1) return eltwise(algorithm::eltwise_elu, a);
  return std::nullopt;
}

ValueId AddendOf(const Graph& graph, const Node& node, ValueId value) {
  if (node.op->name != "add") return kNoValue;
  const std::optional<PointwiseCall> call = ReadPointwise(graph, node);
  if (!call || call->operands.size() != 2 || call->scalars[0] != 1) return kNoValue;
  const ValueId x = call->operands[0].id, y = call->operands[1].id;
  const ValueId addend = x == value ? y : y == value ? x : kNoValue;
  if (addend == kNoValue || addend == value || graph.constants.contains(addend)) return kNoValue;
  const Value &a = graph.values[addend], &v = graph.values[value];
  if (ToDims(a.sizes) != ToDims(v.sizes)) return kNoValue;
  // Strides may differ only where a size is 1.
  const Dims sizes = ToDims(a.sizes), a_strides = StridesOf(a), v_strides = StridesOf(v);
  for (int d = 0; d < sizes.size(); d++) {
    if (sizes[d] != 1 && a_strides[d] != v_strides[d]) return kNoValue;
  }
  return addend;
}

Result<RegionEpilogues> ReadEpilogues(const Graph& region) {
  RegionEpilogues out;
  if (region.outputs.size() != 1) return NotHandled("several outputs");
  ValueId value = region.nodes[0].outputs[0];
  for (size_t i = 1; i < region.nodes.size(); i++) {
    const Node& node = region.nodes[i];
    const std::vector<ValueId> inputs = node.Inputs();
    if (std::count(inputs.begin(), inputs.end(), value) != 1) return NotHandled("no chain");
    if (const auto eltwise = EltwiseEpilogue(region, node)) {
      out.list.push_back(*eltwise);
    } else {
      const ValueId addend = AddendOf(region, node, value);
      const auto input = std::find(region.inputs.begin(), region.inputs.end(), addend);
      if (addend == kNoValue || input == region.inputs.end() || out.addend_input >= 0) {
        return NotHandled(std::string(node.op->name) + " behind it");
      }
      out.addend_input = static_cast<int>(input - region.inputs.begin());
      out.list.push_back({Epilogue::Kind::kAddOutput});
    }
    value = node.outputs[0];
  }
  if (region.outputs[0].id != value) return NotHandled("no chain");
  return out;
}

}  // namespace fusepack
