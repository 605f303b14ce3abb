// Convolutions, with what follows them fused, on oneDNN: f32, constant weights, channels-last activations.
#include <cstring>

#include "engine/graph/layout.h"
#include "engine/steps/epilogue.h"
#include "engine/steps/step_list.h"
#include "kernels/onednn/convolution.h"

namespace fusepack {
namespace {

class ConvolutionStep : public Step {
 public:
  ConvolutionStep(std::unique_ptr<kernels::Convolution> kernel, int x, int addend, int64_t y_bytes, double flops)
      : kernel_(std::move(kernel)), x_(x), addend_(addend), y_bytes_(y_bytes), flops_(flops) {}

  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    if (addend_ >= 0 && in[addend_] != out[0]) std::memcpy(out[0], in[addend_], y_bytes_);
    kernel_->Run(static_cast<const float*>(in[x_]), static_cast<float*>(out[0]), scratch);
    return OkStatus();
  }
  std::string implementation() const override { return kernel_->implementation(); }
  int64_t scratch_bytes() const override { return kernel_->scratch_bytes(); }
  int64_t packed_bytes() const override { return kernel_->packed_bytes(); }
  double flops() const override { return flops_; }
  int in_place_input() const override { return addend_ == x_ ? -1 : addend_; }
  bool reads(int input) const override { return input == x_ || input == addend_; }

 private:
  std::unique_ptr<kernels::Convolution> kernel_;
  const int x_, addend_;
  const int64_t y_bytes_;
  const double flops_;
};

}  // namespace

Result<std::unique_ptr<Step>> MakeConvolution(const StepCall& call) {
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
  if (x < 0 || w < 0 || x == epilogues.addend_input) return NotHandled("its operands");
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
  kernels::ConvolutionProblem problem;
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
  FP_ASSIGN_OR_RETURN(const Tensor dense_weight, weight->Contiguous());
  Tensor dense_bias;
  if (bias) {
    FP_ASSIGN_OR_RETURN(dense_bias, bias->Contiguous());
  }
  FP_ASSIGN_OR_RETURN(auto kernel, kernels::Convolution::Create(problem, dense_weight.view().as<float>(),
                                                               bias ? dense_bias.view().as<float>() : nullptr));
  const double flops = 2.0 * static_cast<double>(Numel(out.sizes)) * static_cast<double>(Numel(problem.w) / problem.w[0]);
  return std::unique_ptr<Step>(new ConvolutionStep(std::move(kernel), x, epilogues.addend_input, out.bytes(), flops));
}

}  // namespace fusepack
