// Convolutions, with what follows them fused, on oneDNN: f32, constant weights, channels-last activations.
#include <cstring>

#include "engine/steps/convolution_call.h"
#include "engine/steps/step_list.h"

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
  FP_ASSIGN_OR_RETURN(const ConvolutionCall read, ReadConvolution(call));
  if (read.x == read.addend) return NotHandled("its operands");
  FP_ASSIGN_OR_RETURN(auto kernel, kernels::Convolution::Create(read.problem, read.w(), read.b()));
  return std::unique_ptr<Step>(new ConvolutionStep(std::move(kernel), read.x, read.addend, read.y_bytes, read.flops));
}

}  // namespace fusepack
