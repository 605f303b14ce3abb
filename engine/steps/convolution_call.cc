#include "engine/steps/convolution_call.h"

#include "engine/graph/layout.h"
#include "engine/steps/epilogue.h"

namespace fusepack {

Result<ConvolutionCall> ReadConvolution(const StepCall& call) {
  const std::shared_ptr<const Graph> region = RegionOf(call.node, call.graph);
  const Node& conv = region->nodes[0];
  if (conv.op->name != "conv1d" && conv.op->name != "conv2d" && conv.op->name != "conv3d") return NotHandled("no convolution");
  FP_ASSIGN_OR_RETURN(const RegionEpilogues epilogues, ReadEpilogues(*region));

  const auto operand = [&](std::string_view name) -> int {
    const ValueRef* ref = FindArg<ValueRef>(conv, name);
    if (ref == nullptr) return -1;
    for (size_t i = 0; i < region->inputs.size(); i++) {
      if (region->inputs[i] == ref->id) return static_cast<int>(i);
    }
    return -1;
  };
  const int x = operand("input"), w = operand("weight"), b = operand("bias");
  if (x < 0 || w < 0) return NotHandled("its operands");
  const Operand &in = call.in[x], &out = call.out[0];
  const Tensor* weight = call.in[w].constant;
  const Tensor* bias = b < 0 ? nullptr : call.in[b].constant;
  if (weight == nullptr || (b >= 0 && bias == nullptr)) return NotHandled("computed weights");
  if (in.dtype != DType::kF32 || weight->dtype() != DType::kF32 || (bias && bias->dtype() != DType::kF32)) {
    return NotHandled("other dtypes than f32");
  }
  const int rank = in.sizes.size();
  if (rank != weight->rank() || !IsChannelsLast(in.sizes, in.strides) || !IsChannelsLast(out.sizes, out.strides)) {
    return NotHandled("another layout than channels-last");
  }
  ConvolutionCall read;
  kernels::ConvolutionProblem& problem = read.problem;
  problem.x = in.sizes;
  problem.w = weight->sizes();
  problem.y = out.sizes;
  problem.stride = Dims(IntegersOf(conv, "stride"));
  problem.dilation = Dims(IntegersOf(conv, "dilation"));
  problem.pad_before = problem.pad_after = Dims(IntegersOf(conv, "padding"));
  if (const Dim* groups = FindArg<Dim>(conv, "groups")) problem.groups = groups->hint();
  if (problem.stride.size() != rank - 2 || problem.dilation.size() != rank - 2 || problem.pad_before.size() != rank - 2) {
    return NotHandled("its padding");
  }
  if (Numel(out.sizes) == 0 || Numel(in.sizes) == 0) return NotHandled("no elements");
  for (int d = 0; d < rank - 2; d++) {
    // The window's last position may stop short of the padded end; oneDNN wants the end that it does reach.
    const int64_t reach = (out.sizes[d + 2] - 1) * problem.stride[d] + (problem.w[d + 2] - 1) * problem.dilation[d] + 1;
    problem.pad_after[d] = reach - in.sizes[d + 2] - problem.pad_before[d];
  }
  problem.epilogues = epilogues.list;
  FP_ASSIGN_OR_RETURN(read.weight, weight->Contiguous());
  if (bias) {
    FP_ASSIGN_OR_RETURN(read.bias, bias->Contiguous());
  }
  read.x = x;
  read.addend = epilogues.addend_input;
  read.flops = 2.0 * static_cast<double>(Numel(out.sizes)) * static_cast<double>(Numel(problem.w) / problem.w[0]);
  read.y_bytes = out.bytes();
  return read;
}

}  // namespace fusepack
