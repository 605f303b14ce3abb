// linear with constant weights and what follows it, and products of two computed matrices, on oneDNN.
#include <cstring>

#include "engine/steps/epilogue.h"
#include "engine/steps/linear_call.h"
#include "engine/steps/step_list.h"

namespace fusepack {
namespace {

class LinearStep : public Step {
 public:
  LinearStep(std::unique_ptr<kernels::Linear> kernel, int x, int addend, int64_t y_bytes, double flops)
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
  int in_place_input() const override { return addend_; }
  bool reads(int input) const override { return input == x_ || input == addend_; }

 private:
  std::unique_ptr<kernels::Linear> kernel_;
  const int x_, addend_;
  const int64_t y_bytes_;
  const double flops_;
};

class MatMulStep : public Step {
 public:
  MatMulStep(std::unique_ptr<kernels::MatMul> kernel, double flops) : kernel_(std::move(kernel)), flops_(flops) {}
  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    kernel_->Run(static_cast<const float*>(in[0]), static_cast<const float*>(in[1]), static_cast<float*>(out[0]), scratch);
    return OkStatus();
  }
  std::string implementation() const override { return kernel_->implementation(); }
  int64_t scratch_bytes() const override { return kernel_->scratch_bytes(); }
  double flops() const override { return flops_; }

 private:
  std::unique_ptr<kernels::MatMul> kernel_;
  const double flops_;
};

}  // namespace

Result<LinearCall> ReadLinear(const StepCall& call) {
  const std::shared_ptr<const Graph> region = RegionOf(call.node, call.graph);
  const Node& linear = region->nodes[0];
  if (linear.op->name != "linear") return NotHandled("not linear");
  FP_ASSIGN_OR_RETURN(const RegionEpilogues epilogues, ReadEpilogues(*region));
  const auto operand = [&](std::string_view name) -> int {
    const ValueRef* ref = FindArg<ValueRef>(linear, name);
    for (size_t i = 0; ref && i < region->inputs.size(); i++) {
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
  if (weight->rank() != 2 || in.sizes.empty() || !in.row_major() || !out.row_major() || Numel(out.sizes) == 0 ||
      Numel(in.sizes) == 0) {
    return NotHandled("its sizes or layout");
  }
  const Dims& strides = weight->strides();
  if (strides[0] <= 0 || strides[1] <= 0) return NotHandled("repeated weights");
  LinearCall read;
  kernels::LinearProblem& problem = read.problem;
  problem.n = weight->sizes()[0];
  problem.k = weight->sizes()[1];
  problem.m = Numel(in.sizes) / problem.k;
  problem.w_stride_n = strides[0];
  problem.w_stride_k = strides[1];
  problem.epilogues = epilogues.list;
  read.weight = *weight;
  if (bias) {
    FP_ASSIGN_OR_RETURN(read.bias, bias->Contiguous());
  }
  read.x = x;
  read.addend = epilogues.addend_input;
  read.flops = 2.0 * static_cast<double>(problem.m) * static_cast<double>(problem.n) * static_cast<double>(problem.k);
  return read;
}

Result<std::unique_ptr<Step>> MakeLinear(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const LinearCall read, ReadLinear(call));
  FP_ASSIGN_OR_RETURN(auto kernel, kernels::Linear::Create(read.problem, read.w(), read.b()));
  return std::unique_ptr<Step>(new LinearStep(std::move(kernel), read.x, read.addend, call.out[0].bytes(), read.flops));
}

Result<kernels::MatMulProblem> ReadMatMul(const StepCall& call) {
  if (call.in.size() != 2) return NotHandled("its operands");
  const Operand &x = call.in[0], &w = call.in[1], &y = call.out[0];
  const int rank = y.sizes.size();
  if (x.dtype != DType::kF32 || w.dtype != DType::kF32 || rank < 2 || x.sizes.size() != rank || w.sizes.size() != rank) {
    return NotHandled("its dtypes or ranks");
  }
  if (Numel(x.sizes) == 0 || Numel(w.sizes) == 0 || Numel(y.sizes) == 0) return NotHandled("no elements");
  for (const Operand* o : {&x, &w}) {
    for (int d = 0; d < rank; d++) {
      if (o->strides[d] <= 0 && o->sizes[d] != 1) return NotHandled("repeated elements");
    }
    if (o->strides[rank - 1] != 1 && o->strides[rank - 2] != 1) return NotHandled("no dense dimension");
  }
  return kernels::MatMulProblem{x.sizes, x.strides, w.sizes, w.strides, y.sizes, y.strides};
}

Result<std::unique_ptr<Step>> MakeMatMul(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const kernels::MatMulProblem problem, ReadMatMul(call));
  FP_ASSIGN_OR_RETURN(auto kernel, kernels::MatMul::Create(problem));
  const double flops = 2.0 * static_cast<double>(Numel(problem.y)) * static_cast<double>(problem.x[problem.x.size() - 1]);
  return std::unique_ptr<Step>(new MatMulStep(std::move(kernel), flops));
}

}  // namespace fusepack
