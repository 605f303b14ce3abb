#include "engine/graph/layout.h"

#include "engine/ops/op.h"

namespace fusepack {
namespace {

bool Constant(const Value& value) {
  for (const Dim& d : value.sizes) {
    if (!d.is_constant()) return false;
  }
  return true;
}

}  // namespace

Dims ChannelsLastStrides(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  int64_t step = std::max<int64_t>(sizes[1], 1);
  for (int d = sizes.size() - 1; d >= 0; d--) {
    if (d == 1) continue;
    strides[d] = step;
    step *= std::max<int64_t>(sizes[d], 1);
  }
  return strides;
}

bool IsChannelsLast(const Dims& sizes, const Dims& strides) {
  if (sizes.size() < 3 || sizes.size() > 5) return false;
  const Dims expected = ChannelsLastStrides(sizes);
  for (int d = 0; d < sizes.size(); d++) {
    if (sizes[d] != 1 && strides[d] != expected[d]) return false;
  }
  return true;
}

Dims StridesOf(const Value& value) {
  return value.strides.empty() ? ContiguousStrides(ToDims(value.sizes)) : Dims(value.strides);
}

bool IsChannelsLast(const Value& value) {
  return Constant(value) && IsChannelsLast(ToDims(value.sizes), StridesOf(value));
}

bool IsRowMajor(const Value& value) {
  return value.strides.empty() || (Constant(value) && IsContiguous(ToDims(value.sizes), Dims(value.strides)));
}

void SetStrides(Value& value, const Dims& strides) {
  value.strides.clear();
  if (!IsContiguous(ToDims(value.sizes), strides)) value.strides = strides.ToVector();
}

std::optional<Tensor> ViewOf(const Graph& graph, const Node& node) {
  std::optional<Tensor> none;
  if (node.op->view == nullptr || node.outputs.size() != 1) return none;
  std::vector<ValueId> ids;
  const std::vector<Arg> args = CompactArgs(node.args, &ids);
  std::vector<Tensor> tensors;
  for (ValueId id : ids) {
    const auto constant = graph.constants.find(id);
    if (constant != graph.constants.end()) {
      tensors.push_back(constant->second);
      tensors.back() = tensors.back().AsStrided(tensors.back().sizes(), tensors.back().strides(), 0);
      continue;
    }
    const Value& value = graph.values[id];
    const Dims sizes = ToDims(value.sizes);
    const int64_t bytes = Numel(sizes) * static_cast<int64_t>(ItemSize(value.dtype));
    tensors.push_back(Tensor(Storage::Wrap(nullptr, bytes, nullptr, false), value.dtype, sizes, StridesOf(value), 0));
  }
  // Tensor.view refuses strides that it cannot keep; here these are the engine's own choice, so a copy does.
  Result<Tensor> viewed = node.op->view(EvalCall(node.op->schema(), args, tensors));
  if (!viewed.ok()) return none;
  Tensor seen = std::move(*viewed);
  if (!seen.defined() || tensors.empty() || seen.storage() != tensors[0].storage()) return none;
  return seen;
}

}  // namespace fusepack
