#include "engine/steps/region.h"

#include "engine/ops/pointwise.h"

namespace fusepack {

std::shared_ptr<const Graph> RegionOf(const Node& node, const Graph& graph) {
  if (node.region) return node.region;
  auto region = std::make_shared<Graph>();
  Node only;
  only.op = node.op;
  std::vector<ValueId> ids;
  only.args = CompactArgs(node.args, &ids);
  for (ValueId id : ids) {
    const Value& value = graph.values[id];
    region->AddInput(value.name, value.dtype, value.sizes);
    region->values.back().strides = value.strides;
  }
  for (ValueId id : node.outputs) {
    const Value& value = graph.values[id];
    only.outputs.push_back(region->AddValue(value.name, value.dtype, value.sizes));
    region->values.back().strides = value.strides;
    region->outputs.push_back({only.outputs.back(), ""});
  }
  region->nodes.push_back(std::move(only));
  return region;
}

std::optional<PointwiseCall> ReadPointwise(const Graph& graph, const Node& node) {
  PointwiseRule rule;
  if (node.op == nullptr || node.outputs.size() != 1 || !PointwiseRuleOf(*node.op, &rule)) return std::nullopt;
  if (graph.values[node.outputs[0]].dtype != DType::kF32) return std::nullopt;
  const auto number = [](const Arg& arg) -> std::optional<float> {
    if (auto* b = std::get_if<bool>(&arg)) return *b;
    if (auto* d = std::get_if<Dim>(&arg)) return d->is_constant() ? std::optional<float>(d->hint()) : std::nullopt;
    if (auto* d = std::get_if<double>(&arg)) return static_cast<float>(*d);
    return std::nullopt;
  };
  PointwiseCall call;
  int scalars = 0;
  const std::vector<Param>& params = node.op->schema().params();
  for (size_t i = 0; i < params.size(); i++) {
    const Arg& arg = node.args[i];
    if (auto* ref = std::get_if<ValueRef>(&arg)) {
      if (graph.values[ref->id].dtype != DType::kF32) return std::nullopt;
      call.operands.push_back({ref->id, 0});
      continue;
    }
    const std::optional<float> given = number(arg);
    if (!given) return std::nullopt;
    if (params[i].type == ParamType::kTensorOrScalar) {
      call.operands.push_back({kNoValue, *given});
    } else {
      if (scalars == 4) return std::nullopt;
      call.scalars[scalars++] = *given;
    }
  }
  return call;
}

std::vector<int64_t> IntegersOf(const Node& node, std::string_view name) {
  std::vector<int64_t> out;
  if (auto* dims = FindArg<std::vector<Dim>>(node, name)) {
    for (const Dim& d : *dims) out.push_back(d.hint());
  }
  return out;
}

}  // namespace fusepack
