// Any operator, and any region, through its reference kernel: the operands are wrapped as tensors, EvalOp runs, and
// the result is copied to where and how the plan wants it.
#include <cstring>

#include "engine/ops/op.h"
#include "engine/steps/step_list.h"
#include "kernels/base/elements.h"
#include "kernels/copy/copy.h"

namespace fusepack {
namespace {

Tensor WrapOperand(const Operand& operand, const void* data) {
  int64_t elements = 1;
  for (int d = 0; d < operand.sizes.size(); d++) {
    if (operand.sizes[d] == 0) elements = 0;
    if (elements > 0) elements += (operand.sizes[d] - 1) * operand.strides[d];
  }
  const int64_t bytes = elements * static_cast<int64_t>(ItemSize(operand.dtype));
  return Tensor(Storage::Wrap(data, bytes, nullptr, false), operand.dtype, operand.sizes, operand.strides, 0);
}

class ReferenceStep : public Step {
 public:
  explicit ReferenceStep(const StepCall& call) : node_(call.node), in_(call.in), out_(call.out) {
    std::vector<ValueId> ids;
    if (!node_.region) args_ = CompactArgs(node_.args, &ids);
  }

  Status Run(const void* const* in, void* const* out, void*) const override {
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < in_.size(); i++) tensors.push_back(WrapOperand(in_[i], in[i]));
    std::vector<Tensor> made;
    if (node_.region) {
      FP_ASSIGN_OR_RETURN(made, RunRegion(*node_.region, tensors));
    } else {
      FP_ASSIGN_OR_RETURN(made, EvalOp(*node_.op, args_, tensors));
    }
    FP_CHECK_EQ(made.size(), out_.size());
    for (size_t i = 0; i < made.size(); i++) {
      FP_CHECK_EQ(made[i].sizes(), out_[i].sizes);
      FP_CHECK_EQ(made[i].dtype(), out_[i].dtype);
      kernels::Copy(made[i].view(), {out[i], out_[i].dtype, out_[i].sizes, out_[i].strides});
    }
    return OkStatus();
  }

  std::string implementation() const override { return "reference"; }

 private:
  static Result<std::vector<Tensor>> RunRegion(const Graph& region, const std::vector<Tensor>& inputs) {
    std::vector<Tensor> values(region.values.size());
    for (size_t i = 0; i < inputs.size(); i++) values[region.inputs[i]] = inputs[i];
    for (const auto& [id, tensor] : region.constants) values[id] = tensor;
    for (const Node& node : region.nodes) {
      FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, EvalOp(*node.op, node.args, values));
      for (size_t i = 0; i < made.size(); i++) values[node.outputs[i]] = std::move(made[i]);
    }
    std::vector<Tensor> out;
    for (const GraphOutput& output : region.outputs) out.push_back(values[output.id]);
    return out;
  }

  const Node node_;
  const std::vector<Operand> in_, out_;
  std::vector<Arg> args_;
};

}  // namespace

Result<std::unique_ptr<Step>> MakeReference(const StepCall& call) { return std::unique_ptr<Step>(new ReferenceStep(call)); }

}  // namespace fusepack
