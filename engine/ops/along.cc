// Operators along one dimension that keep it: running sums, sorting.
#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/reduce/along.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Result<Specs> ScanShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  FP_RETURN_IF_ERROR(WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())).status());
  const DType dtype = call.has("dtype") ? call.dtype("dtype") : IsIntegral(x.dtype) ? DType::kI64 : x.dtype;
  FP_RETURN_IF_ERROR(CheckReal(dtype));
  return Specs{{dtype, x.sizes}};
}

template <bool kProduct>
Status ScanEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), x.rank()));
  kernels::Scan(kProduct, x.view(), dim, outputs[0].mutable_view());
  return OkStatus();
}

Result<Specs> SortShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  FP_RETURN_IF_ERROR(WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())).status());
  return Specs{x, {DType::kI64, x.sizes}};
}

Status SortEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), x.rank()));
  kernels::SortAlong(x.view(), dim, call.boolean("descending"), x.rank() == 0 ? 1 : x.sizes()[dim],
                     outputs[0].mutable_view(), outputs[1].mutable_view());
  return OkStatus();
}

Result<Specs> TopkShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())));
  const Dim &k = call.dim("k"), size = x.sizes.empty() ? Dim(1) : x.sizes[dim];
  if (k.hint() < 0 || !call.guards.Decide(k, Compare::kLe, size)) {
    return BadInput("argument 'k'", k.ToString(), "at most " + size.ToString());
  }
  Sizes sizes = x.sizes;
  if (!sizes.empty()) sizes[dim] = k;
  return Specs{{x.dtype, sizes}, {DType::kI64, sizes}};
}

Status TopkEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), x.rank()));
  if (outputs[0].numel() == 0) return OkStatus();
  kernels::SortAlong(x.view(), dim, call.boolean("largest"), x.rank() == 0 ? 1 : call.integer("k"),
                     outputs[0].mutable_view(), outputs[1].mutable_view());
  return OkStatus();
}

Values Argsort(GraphBuilder& builder, Args args) {
  FP_ASSIGN_OR_RETURN(const std::vector<ValueId> both, builder.Add(*FindOp("sort"), {args[0], args[1], args[2], args[3]}));
  return std::vector<ValueId>{both[1]};
}

}  // namespace

const OpDef op_cumsum = {
    .name = "cumsum",
    .torch = {"torch.cumsum", "Tensor.cumsum"},
    .params = "Tensor self, int dim, *, ScalarType? dtype=None",
    .shape = ScanShape,
    .eval = ScanEval<false>,
    .examples = {"f32[2,3,4], 1", "i64[5], 0", "bool[4], 0, dtype=torch.float32"},
    .doc = "running sums along a dimension",
};
const OpDef op_cumprod = {
    .name = "cumprod",
    .torch = {"torch.cumprod", "Tensor.cumprod"},
    .params = "Tensor self, int dim, *, ScalarType? dtype=None",
    .shape = ScanShape,
    .eval = ScanEval<true>,
    .examples = {"f32[2,3,4], -1", "i64[5], 0"},
    .doc = "running products along a dimension",
};
const OpDef op_sort = {
    .name = "sort",
    .torch = {"torch.sort", "Tensor.sort"},
    .params = "Tensor self, int dim=-1, bool descending=False, bool stable=False",
    .returns = "(Tensor values, Tensor indices)",
    .shape = SortShape,
    .eval = SortEval,
    .inplace = false,
    .examples = {"f32[2,5]", "f32[5,2], 0, True", "i64[7], stable=True"},
    .doc = "sorted along a dimension (always stably), and where the elements were",
};
const OpDef op_argsort = {
    .name = "argsort",
    .torch = {"torch.argsort", "Tensor.argsort"},
    .params = "Tensor self, int dim=-1, bool descending=False, bool stable=False",
    .decompose = Argsort,
    .inplace = false,
    .examples = {"f32[2,5]", "f32[5,2], 0, True"},
    .doc = "where the elements of the sorted tensor were",
};
const OpDef op_topk = {
    .name = "topk",
    .torch = {"torch.topk", "Tensor.topk"},
    .params = "Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True",
    .returns = "(Tensor values, Tensor indices)",
    .shape = TopkShape,
    .eval = TopkEval,
    .inplace = false,
    .examples = {"f32[2,5], 3", "f32[5,2], 2, 0, False"},
    .doc = "the k largest (or smallest) elements along a dimension, in order, and where they are",
};

}  // namespace fusepack::ops
