// EvalOp: bind, infer the sizes with constant Dims, then the first of: outputs that depend on the data, a view of the
// argument's storage, the reference kernel on fresh outputs, the decomposition evaluated call by call.
#include "engine/ops/op.h"

#include "engine/graph/builder.h"
#include "engine/ops/outputs.h"

namespace fusepack {

template <typename TensorType>
std::vector<const TensorType*> OpArgs<TensorType>::tensor_list(std::string_view name) const {
  std::vector<const TensorType*> out;
  for (ValueId id : get<ValueList>(name)) out.push_back(id == kNoValue ? nullptr : &tensors_[id]);
  return out;
}

template <typename TensorType>
std::vector<int64_t> OpArgs<TensorType>::integers(std::string_view name) const {
  std::vector<int64_t> out;
  for (const Dim& d : dims(name)) out.push_back(d.hint());
  return out;
}

template <typename TensorType>
double OpArgs<TensorType>::number(std::string_view name) const {
  const Arg& a = arg(name);
  if (auto* b = std::get_if<bool>(&a)) return *b;
  if (auto* d = std::get_if<Dim>(&a)) return static_cast<double>(d->hint());
  return get<double>(name);
}

template class OpArgs<TensorSpec>;
template class OpArgs<Tensor>;

std::vector<Arg> CompactArgs(std::span<const Arg> args, std::vector<ValueId>* tensor_ids) {
  std::vector<Arg> out(args.begin(), args.end());
  const auto renumber = [&](ValueId& id) {
    if (id == kNoValue) return;
    tensor_ids->push_back(id);
    id = static_cast<int>(tensor_ids->size()) - 1;
  };
  for (Arg& arg : out) {
    if (auto* ref = std::get_if<ValueRef>(&arg)) renumber(ref->id);
    if (auto* list = std::get_if<ValueList>(&arg)) {
      for (ValueId& id : *list) renumber(id);
    }
  }
  return out;
}

namespace {

Result<std::vector<Tensor>> EvalDecomposed(const OpDef& op, std::span<const Arg> args, std::span<const Tensor> tensors) {
  Graph graph;
  for (const Tensor& t : tensors) graph.AddInput("", t.dtype(), ToDimVector(t.sizes()));
  GraphBuilder builder(&graph);
  FP_ASSIGN_OR_RETURN(std::vector<ValueId> outputs, builder.Add(op, {args.begin(), args.end()}));
  std::vector<Tensor> values(tensors.begin(), tensors.end());
  values.resize(graph.values.size());
  for (auto& [id, constant] : graph.constants) values[id] = constant;
  for (const Node& node : graph.nodes) {
    FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, EvalOp(*node.op, node.args, values));
    for (size_t i = 0; i < made.size(); i++) values[node.outputs[i]] = std::move(made[i]);
  }
  std::vector<Tensor> out;
  for (ValueId id : outputs) out.push_back(values[id]);
  return out;
}

Result<std::vector<Tensor>> EvalBound(const OpDef& op, std::span<const Arg> args, std::span<const Tensor> tensors) {
  const EvalCall call(op.schema(), args, tensors);
  std::vector<TensorSpec> specs;
  for (const Tensor& t : tensors) specs.push_back({t.dtype(), ToDimVector(t.sizes())});
  if (op.decompose == nullptr || op.eval != nullptr) FP_RETURN_IF_ERROR(CheckOperands(op, specs));
  if (op.data_dependent != nullptr) {
    FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, op.data_dependent(call));
    if (!made.empty()) return made;
  }
  if (op.eval == nullptr && op.view == nullptr) return EvalDecomposed(op, args, tensors);
  Guards guards;
  FP_ASSIGN_OR_RETURN(std::vector<TensorSpec> shapes, op.shape(ShapeCall(op.schema(), args, specs, guards)));
  FP_RETURN_IF_ERROR(CheckOutputs(shapes));
  if (op.view != nullptr) {
    FP_ASSIGN_OR_RETURN(Tensor seen, op.view(call));
    if (seen.defined()) {
      FP_CHECK_EQ(seen.sizes(), ToDims(shapes[0].sizes));
      return std::vector<Tensor>{std::move(seen)};
    }
    FP_CHECK(op.eval != nullptr);
  }
  std::vector<Tensor> outputs;
  for (const TensorSpec& spec : shapes) {
    const Dims sizes = ToDims(spec.sizes);
    FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(spec.dtype, sizes));
    outputs.push_back(std::move(out));
  }
  FP_RETURN_IF_ERROR(op.eval(call, outputs));
  return outputs;
}

}  // namespace

Result<std::vector<Tensor>> EvalOp(const OpDef& op, std::span<const Arg> args, std::span<const Tensor> tensors) {
  Result<std::vector<Arg>> bound = BindArgs(op.schema(), {args.begin(), args.end()});
  if (!bound.ok()) return WithPlace(bound.status(), std::string(op.name));
  std::vector<ValueId> ids;
  const std::vector<Arg> compact = CompactArgs(*bound, &ids);
  std::vector<Tensor> used;
  for (ValueId id : ids) {
    FP_CHECK(id >= 0 && id < static_cast<int>(tensors.size()) && tensors[id].defined());
    used.push_back(tensors[id]);
  }
  Result<std::vector<Tensor>> out = EvalBound(op, compact, used);
  // A decomposed operator has been named already, by the builder that inlined it.
  const bool named = op.eval == nullptr && op.view == nullptr && op.decompose != nullptr;
  if (!out.ok() && !named) return WithPlace(out.status(), std::string(op.name));
  return out;
}

}  // namespace fusepack
