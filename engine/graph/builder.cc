// Add: bind the arguments against the schema, ask the shape function about the specs of the tensors named, append.
// Operators that exist only as calls of others are inlined here, so that no later stage ever meets them.
#include "engine/graph/builder.h"

#include "engine/ops/outputs.h"

namespace fusepack {
namespace {

constexpr int kMaxInlineDepth = 32;  // a decomposition that calls itself is our own mistake

// A float parameter has no expressions: the example's number is used, and relied upon.
void PinFloats(const Schema& schema, std::vector<Arg>* args, Guards* guards) {
  for (size_t i = 0; i < args->size() && i < schema.params().size(); i++) {
    const ParamType type = schema.params()[i].type;
    if (auto* dim = std::get_if<Dim>(&(*args)[i]); dim && type == ParamType::kFloat) *dim = Dim(guards->Pin(*dim));
    if (auto* dims = std::get_if<std::vector<Dim>>(&(*args)[i]); dims && type == ParamType::kFloatList) {
      for (Dim& d : *dims) d = Dim(guards->Pin(d));
    }
  }
}

}  // namespace

GraphBuilder::GraphBuilder(Graph* graph) : graph_(graph) {}

void GraphBuilder::set_where(std::string where) {
  guards_.set_where(where);
  where_ = std::move(where);
}

TensorSpec GraphBuilder::Spec(ValueId id) const {
  FP_CHECK(id >= 0 && id < static_cast<int>(graph_->values.size()));
  return {graph_->values[id].dtype, graph_->values[id].sizes};
}

Result<std::vector<ValueId>> GraphBuilder::Add(const OpDef& op, std::vector<Arg> args) {
  const std::string name(op.name);
  PinFloats(op.schema(), &args, &guards_);
  Result<std::vector<Arg>> bound = BindArgs(op.schema(), std::move(args));
  if (!bound.ok()) return WithPlace(bound.status(), name);
  if (op.decompose != nullptr && op.eval == nullptr && op.view == nullptr) {
    static thread_local int depth = 0;
    FP_CHECK_LT(depth, kMaxInlineDepth);
    depth++;
    Result<std::vector<ValueId>> inlined = op.decompose(*this, *bound);
    depth--;
    if (!inlined.ok()) return WithPlace(inlined.status(), name);
    return inlined;
  }
  std::vector<ValueId> ids;
  const std::vector<Arg> compact = CompactArgs(*bound, &ids);
  std::vector<TensorSpec> specs;
  for (ValueId id : ids) specs.push_back(Spec(id));
  if (Status real = CheckOperands(op, specs); !real.ok()) return WithPlace(real, name);
  FP_CHECK(op.shape != nullptr);
  Result<std::vector<TensorSpec>> outputs = op.shape(ShapeCall(op.schema(), compact, specs, guards_));
  if (!outputs.ok()) return WithPlace(outputs.status(), name);
  if (Status fits = CheckOutputs(*outputs); !fits.ok()) return WithPlace(fits, name);
  Node node;
  node.op = &op;
  node.args = std::move(*bound);
  node.scope = scope_;
  node.where = where_;
  for (TensorSpec& spec : *outputs) node.outputs.push_back(graph_->AddValue(name, spec.dtype, std::move(spec.sizes)));
  std::vector<ValueId> out = node.outputs;
  graph_->nodes.push_back(std::move(node));
  return out;
}

Result<ValueId> GraphBuilder::AddOne(std::string_view op_name, std::vector<Arg> args) {
  const OpDef* op = FindOp(op_name);
  if (op == nullptr) internal::CheckFailed(__FILE__, __LINE__, "no operator '" + std::string(op_name) + "'");
  FP_ASSIGN_OR_RETURN(std::vector<ValueId> out, Add(*op, std::move(args)));
  FP_CHECK_EQ(out.size(), 1u);
  return out[0];
}

void GraphBuilder::Finish() {
  for (const Guard& guard : guards_.list()) graph_->guards.push_back(guard);
}

}  // namespace fusepack
