// softmax and log_softmax along one dimension; `dtype` converts the input first.
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/softmax/softmax.h"

namespace fusepack::ops {
namespace {

Result<Specs> SoftmaxShape(const ShapeCall& call) {
  TensorSpec out = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(out.dtype));
  FP_RETURN_IF_ERROR(WrapDim(call.guards.Pin(call.dim("dim")), static_cast<int>(out.sizes.size())).status());
  if (call.has("dtype")) out.dtype = call.dtype("dtype");
  FP_RETURN_IF_ERROR(ExpectFloating("self", out));
  return Specs{out};
}

template <bool kLogarithm>
Status SoftmaxEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor input, call.tensor("self").To(outputs[0].dtype()));
  const Dims& sizes = input.sizes();
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), sizes.size()));
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < sizes.size(); i++) (i < dim ? outer : inner) *= i == dim ? 1 : sizes[i];
  const DenseF64 x(input.view());
  DenseF64Output y(outputs[0].mutable_view());
  kernels::Softmax(outer, sizes.empty() ? 1 : sizes[dim], inner, kLogarithm, x.data(), y.data());
  return OkStatus();
}

}  // namespace

const OpDef op_softmax = {
    .name = "softmax",
    .torch = {"torch.softmax", "Tensor.softmax", "torch.special.softmax"},
    .params = "Tensor self, int dim, ScalarType? dtype=None",
    .shape = SoftmaxShape,
    .eval = SoftmaxEval<false>,
    .inplace = false,
    .examples = {"f32[2,5,7], 1", "f32[3,9], -1", "f32[4], 0", "f32[], 0", "f32[2,0,3], 1", "f32[5,11]~, 1"},
    .doc = "exp(x) / sum exp(x) along dim.",
};

const OpDef op_log_softmax = {
    .name = "log_softmax",
    .torch = {"torch.log_softmax", "Tensor.log_softmax", "torch.special.log_softmax"},
    .params = "Tensor self, int dim, ScalarType? dtype=None",
    .shape = SoftmaxShape,
    .eval = SoftmaxEval<true>,
    .inplace = false,
    .examples = {"f32[2,5,7], 1", "f32[3,9], -1", "i64[3,4]<9, 1, dtype=torch.float64"},
    .doc = "x - log sum exp(x) along dim.",
};

}  // namespace fusepack::ops
