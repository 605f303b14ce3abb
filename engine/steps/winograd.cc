// Convolutions of 3x3 windows at stride 1, with what follows them fused, by Winograd's form where kernels/winograd/choose.h
// finds one that is faster than the direct form and accurate enough for the target's precision.
#include <algorithm>
#include <limits>

#include "engine/steps/convolution_call.h"
#include "engine/steps/step_list.h"
#include "engine/steps/tile_functions.h"
#include "kernels/base/parallel.h"
#include "kernels/winograd/choose.h"

namespace fusepack {
namespace {

using kernels::Epilogue;
using kernels::Winograd;
using kernels::WinogradProblem;

class WinogradStep : public Step {
 public:
  WinogradStep(std::unique_ptr<Winograd> kernel, int x, int addend, double flops)
      : kernel_(std::move(kernel)), x_(x), addend_(addend), flops_(flops) {}

  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    const float* residual = addend_ < 0 ? nullptr : static_cast<const float*>(in[addend_]);
    kernel_->Run(static_cast<const float*>(in[x_]), residual, static_cast<float*>(out[0]), scratch);
    return OkStatus();
  }
  std::string implementation() const override { return kernel_->implementation(); }
  int64_t scratch_bytes() const override { return kernel_->scratch_bytes(); }
  int64_t packed_bytes() const override { return kernel_->packed_bytes(); }
  double flops() const override { return flops_; }
  int in_place_input() const override { return addend_ == x_ ? -1 : addend_; }
  bool reads(int input) const override { return input == x_ || input == addend_; }

 private:
  std::unique_ptr<Winograd> kernel_;
  const int x_, addend_;
  const double flops_;
};

// The region's epilogues as [addition], [activation]; false where they are something else.
bool ReadActivation(const std::vector<Epilogue>& epilogues, const StepCall& call, WinogradProblem* problem) {
  const auto is_add = [](const Epilogue& e) { return e.kind == Epilogue::Kind::kAddOutput; };
  const size_t additions = !epilogues.empty() && is_add(epilogues[0]) ? 1 : 0;
  if (epilogues.size() == additions) return true;
  if (epilogues.size() > additions + 1 || is_add(epilogues.back())) return false;
  const Epilogue& e = epilogues.back();
  if (e.function == dnnl::algorithm::eltwise_clip || (e.function == dnnl::algorithm::eltwise_relu && e.alpha == 0)) {
    const bool relu = e.function == dnnl::algorithm::eltwise_relu;
    problem->clamp = true;
    problem->low = relu ? 0 : e.alpha;
    problem->high = relu ? std::numeric_limits<float>::infinity() : e.beta;
    return true;
  }
  const std::shared_ptr<const Graph> region = RegionOf(call.node, call.graph);
  const Node& last = region->nodes.back();
  const std::optional<PointwiseCall> read = ReadPointwise(*region, last);
  if (!read || read->operands.size() != 1) return false;
  problem->activation = FindTileFunction(last.op->name, call.target.cpu);
  std::copy_n(read->scalars, 4, problem->scalars);
  return problem->activation != nullptr;
}

}  // namespace

Result<std::unique_ptr<Step>> MakeWinograd(const StepCall& call) {
  if (call.target.exact_special_values) return NotHandled("NaN and infinity would spread over a tile");
  FP_ASSIGN_OR_RETURN(const ConvolutionCall read, ReadConvolution(call));
  const kernels::ConvolutionProblem& from = read.problem;
  const Dims ones = {1, 1};
  if (from.w.size() != 4 || from.w[2] != 3 || from.w[3] != 3 || from.stride != ones || from.dilation != ones || from.groups != 1) {
    return NotHandled("another window than 3x3 at stride 1");
  }
  WinogradProblem problem;
  problem.n = from.x[0];
  problem.c = from.x[1];
  problem.h = from.x[2];
  problem.w = from.x[3];
  problem.k = from.y[1];
  problem.p = from.y[2];
  problem.q = from.y[3];
  problem.pad_h = from.pad_before[0];
  problem.pad_w = from.pad_before[1];
  if (!ReadActivation(from.epilogues, call, &problem)) return NotHandled("its epilogue");
  const bool split = call.target.precision != Precision::kFp32;
  const int m = kernels::ChooseWinograd(problem, call.target.cpu, ThreadCount(), split);
  if (m == 0) return NotHandled("the direct form is as fast");
  FP_ASSIGN_OR_RETURN(auto kernel, Winograd::Create(problem, m, call.target.cpu, ThreadCount(), read.w(), read.b()));
  return std::unique_ptr<Step>(new WinogradStep(std::move(kernel), read.x, read.addend, read.flops));
}

}  // namespace fusepack
