// Convolutions and linears over narrow storage, with what follows them fused, on oneDNN's bf16 and integer kernels; matrix
// products of two bf16 values.
#include <cstring>

#include "engine/steps/coded_call.h"
#include "engine/steps/convolution_call.h"
#include "engine/steps/linear_call.h"
#include "engine/steps/step_list.h"
#include "kernels/onednn/narrow.h"

namespace fusepack {
namespace {

using kernels::NarrowCodings;
using kernels::NarrowProduct;
using kernels::NarrowWeights;

class NarrowProductStep : public Step {
 public:
  NarrowProductStep(std::unique_ptr<NarrowProduct> kernel, int x, int addend, int64_t y_bytes, double flops)
      : kernel_(std::move(kernel)), x_(x), addend_(addend), y_bytes_(y_bytes), flops_(flops) {}

  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    if (addend_ >= 0 && in[addend_] != out[0]) std::memcpy(out[0], in[addend_], y_bytes_);
    kernel_->Run(in[x_], out[0], scratch);
    return OkStatus();
  }
  std::string implementation() const override { return kernel_->implementation(); }
  int64_t scratch_bytes() const override { return kernel_->scratch_bytes(); }
  int64_t packed_bytes() const override { return kernel_->packed_bytes(); }
  double flops() const override { return flops_; }
  int in_place_input() const override { return addend_; }
  bool reads(int input) const override { return input == x_ || input == addend_; }

 private:
  std::unique_ptr<NarrowProduct> kernel_;
  const int x_, addend_;
  const int64_t y_bytes_;
  const double flops_;
};

class NarrowMatMulStep : public Step {
 public:
  NarrowMatMulStep(std::unique_ptr<kernels::NarrowMatMul> kernel, int x, int w, double flops)
      : kernel_(std::move(kernel)), x_(x), w_(w), flops_(flops) {}
  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    kernel_->Run(in[x_], in[w_], out[0], scratch);
    return OkStatus();
  }
  std::string implementation() const override { return kernel_->implementation(); }
  int64_t scratch_bytes() const override { return kernel_->scratch_bytes(); }
  double flops() const override { return flops_; }

 private:
  std::unique_ptr<kernels::NarrowMatMul> kernel_;
  const int x_, w_;
  const double flops_;
};

// What both kinds of layers have in common: their codings, and the weights as they are stored.
struct Layer {
  NarrowCodings codings;
  NarrowWeights weights;
  Tensor dense_codes;
};

Result<Layer> ReadLayer(const CodedCall& coded, const StepCall& call, int x, int w, int addend, const float* values) {
  if (coded.out().size() != 1 || x == addend) return NotHandled("its operands");
  Layer layer;
  layer.codings.x = coded.in()[x].coding;
  layer.codings.y = coded.out()[0].coding;
  layer.weights.values = values;
  if (layer.codings.x.integer()) {
    const CodedOperand& weight = coded.in()[w];
    if (weight.codes == nullptr || weight.scales == nullptr || weight.codes->dtype() != DType::kI8) return NotHandled("weights that are no codes");
    FP_ASSIGN_OR_RETURN(layer.dense_codes, weight.codes->Contiguous());
    layer.weights.codes = layer.dense_codes.view().as<int8_t>();
    layer.weights.scales = weight.scales->view().as<float>();
  }
  if (addend >= 0) {
    layer.codings.addend = coded.in()[addend].coding;
    const bool alike = layer.codings.y.integer() ? layer.codings.addend.integer() : layer.codings.addend.dtype == layer.codings.y.dtype;
    if (!alike || coded.outer(addend) == coded.outer(x)) return NotHandled("an addend stored otherwise than the result");
  }
  if (call.target.exact_special_values && layer.codings.x.integer()) return NotHandled("NaN in integers");
  return layer;
}

// The number of the weight among the inner call's inputs.
int WeightInput(const StepCall& inner) {
  const Graph& region = inner.node.region ? *inner.node.region : inner.graph;
  const Node& node = inner.node.region ? region.nodes[0] : inner.node;
  const ValueRef* weight = FindArg<ValueRef>(node, "weight");
  const std::vector<ValueId> inputs = inner.node.Inputs();
  for (size_t i = 0; weight && i < inputs.size(); i++) {
    if (inputs[i] == weight->id) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

Result<std::unique_ptr<Step>> MakeNarrowConvolution(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (coded->copies()) return NotHandled("no convolution");
  FP_ASSIGN_OR_RETURN(const ConvolutionCall read, ReadConvolution(coded->inner()));
  const int w = WeightInput(coded->inner());
  if (w < 0) return NotHandled("its operands");
  FP_ASSIGN_OR_RETURN(const Layer layer, ReadLayer(*coded, call, read.x, w, read.addend, read.w()));
  FP_ASSIGN_OR_RETURN(auto kernel, NarrowProduct::CreateConvolution(read.problem, layer.codings, layer.weights, read.b()));
  const int addend = read.addend < 0 ? -1 : coded->outer(read.addend);
  return std::unique_ptr<Step>(new NarrowProductStep(std::move(kernel), coded->outer(read.x), addend, call.out[0].bytes(), read.flops));
}

Result<std::unique_ptr<Step>> MakeNarrowLinear(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (coded->copies()) return NotHandled("not linear");
  FP_ASSIGN_OR_RETURN(const LinearCall read, ReadLinear(coded->inner()));
  const int w = WeightInput(coded->inner());
  if (w < 0 || !read.weight.contiguous()) return NotHandled("its operands");
  FP_ASSIGN_OR_RETURN(const Layer layer, ReadLayer(*coded, call, read.x, w, read.addend, read.w()));
  FP_ASSIGN_OR_RETURN(auto kernel, NarrowProduct::CreateLinear(read.problem, layer.codings, layer.weights, read.b()));
  const int addend = read.addend < 0 ? -1 : coded->outer(read.addend);
  return std::unique_ptr<Step>(new NarrowProductStep(std::move(kernel), coded->outer(read.x), addend, call.out[0].bytes(), read.flops));
}

Result<std::unique_ptr<Step>> MakeNarrowMatMul(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (coded->copies() || coded->inner().node.region) return NotHandled("no product");
  const StepCall& inner = coded->inner();
  const std::string_view op = inner.node.op->name;
  if ((op != "matmul" && op != "bmm" && op != "mm") || coded->in()[0].coding.dtype != DType::kBF16 ||
      coded->in()[1].coding.dtype != DType::kBF16 || coded->out()[0].coding.integer()) {
    return NotHandled("no product of bf16");
  }
  FP_ASSIGN_OR_RETURN(const kernels::MatMulProblem problem, ReadMatMul(inner));
  FP_ASSIGN_OR_RETURN(auto kernel, kernels::NarrowMatMul::Create(problem, DType::kBF16, DType::kBF16, coded->out()[0].coding.dtype));
  const double flops = 2.0 * static_cast<double>(Numel(problem.y)) * static_cast<double>(problem.x[problem.x.size() - 1]);
  return std::unique_ptr<Step>(new NarrowMatMulStep(std::move(kernel), coded->outer(0), coded->outer(1), flops));
}

}  // namespace fusepack
