// Reductions over one, several or all dimensions.
#include <algorithm>
#include <cmath>

#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/reduce/reduce.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;
using kernels::Reduction;

// What a reduction makes of its operand's dtype.
enum class ResultRule : uint8_t {
  kSame,      // max
  kSum,       // integers and bool give int64; a `dtype` argument converts first
  kFloating,  // integers are refused (mean, var), unless `dtype` says otherwise
  kToFloat,   // integers give float32 (logsumexp)
  kTruth,     // bool; uint8 stays uint8, as PyTorch has it
  kIndex,     // int64
};

// The reduced dimensions: `dim` may be None or [] (all), an int or a list.
template <typename Call>
Result<std::vector<int>> ReducedDims(const Call& call, int rank) {
  const Arg& dim = call.arg("dim");
  if (auto* one = std::get_if<Dim>(&dim)) return WrapDims({one->hint()}, rank, false);
  if (std::holds_alternative<std::monostate>(dim)) return WrapDims({}, rank, true);
  return WrapDims(call.integers("dim"), rank, true);
}

template <typename Call>
bool KeepDim(const Call& call) {
  return call.schema().Find("keepdim") >= 0 && call.boolean("keepdim");
}

Sizes ReducedSizes(const Sizes& sizes, const std::vector<int>& dims, bool keep) {
  Sizes out;
  for (int d = 0; d < static_cast<int>(sizes.size()); d++) {
    const bool reduced = std::find(dims.begin(), dims.end(), d) != dims.end();
    if (!reduced) out.push_back(sizes[d]);
    else if (keep) out.push_back(1);
  }
  return out;
}

// The dtype elements have when they are reduced (after a `dtype` argument), and that of the result.
Result<DType> ResultDType(ResultRule rule, const ShapeCall& call) {
  DType dtype = call.tensor("self").dtype;
  FP_RETURN_IF_ERROR(CheckReal(dtype));
  const bool given = call.schema().Find("dtype") >= 0 && call.has("dtype");
  if (given) dtype = call.dtype("dtype");
  FP_RETURN_IF_ERROR(CheckReal(dtype));
  switch (rule) {
    case ResultRule::kSame: return dtype;
    case ResultRule::kSum: return IsIntegral(dtype) && !given ? DType::kI64 : dtype;
    case ResultRule::kFloating:
      if (IsIntegral(dtype)) return BadInput("", "elements of type " + std::string(TorchName(dtype)), "a floating type");
      return dtype;
    case ResultRule::kToFloat: return FloatingOf(dtype);
    case ResultRule::kTruth: return dtype == DType::kU8 ? dtype : DType::kBool;
    case ResultRule::kIndex: return DType::kI64;
  }
  return dtype;
}

bool NeedsElements(Reduction r) {
  return r == Reduction::kMax || r == Reduction::kMin || r == Reduction::kArgMax || r == Reduction::kArgMin;
}

template <Reduction kReduction, ResultRule kRule>
Result<Specs> Shape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const DType dtype, ResultDType(kRule, call));
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, ReducedDims(call, static_cast<int>(x.sizes.size())));
  if (NeedsElements(kReduction)) {
    for (int d : dims) {
      if (x.sizes[d].hint() == 0) return BadInput("", "a reduced dimension of size 0", "at least one element");
    }
  }
  return Specs{{dtype, ReducedSizes(x.sizes, dims, KeepDim(call))}};
}

// x with the reduced dimensions last.
Tensor ReducedLast(const Tensor& x, const std::vector<int>& dims, int* kept) {
  Dims sizes, strides;
  for (const bool reduced : {false, true}) {
    for (int d = 0; d < x.rank(); d++) {
      if ((std::find(dims.begin(), dims.end(), d) != dims.end()) != reduced) continue;
      sizes.push_back(x.sizes()[d]);
      strides.push_back(x.strides()[d]);
    }
  }
  *kept = x.rank() - static_cast<int>(dims.size());
  return x.AsStrided(sizes, strides, x.offset());
}

void Run(Reduction reduction, double parameter, const Tensor& x, const std::vector<int>& dims, Tensor& out) {
  int kept = 0;
  const Tensor turned = ReducedLast(x, dims, &kept);
  kernels::Reduce(reduction, parameter, turned.view(), kept, out.mutable_view());
}

template <Reduction kReduction>
Status Eval(const EvalCall& call, std::span<Tensor> outputs) {
  Tensor x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, ReducedDims(call, x.rank()));
  if (call.schema().Find("dtype") >= 0 && call.has("dtype")) {
    FP_ASSIGN_OR_RETURN(x, x.To(call.dtype("dtype")));
  }
  double parameter = 0;
  if (kReduction == Reduction::kNorm) parameter = call.number("ord");
  if (kReduction == Reduction::kVariance || kReduction == Reduction::kDeviation) {
    parameter = call.has("correction") ? call.number("correction") : 1;
  }
  Run(kReduction, parameter, x, dims, outputs[0]);
  return OkStatus();
}

// (values, indices) along one dimension.
template <Reduction kReduction>
Result<Specs> ExtremeShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Specs specs, (Shape<kReduction, ResultRule::kSame>(call)));
  specs.push_back({DType::kI64, specs[0].sizes});
  return specs;
}

template <Reduction kReduction, Reduction kArg>
Status ExtremeEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, ReducedDims(call, x.rank()));
  Run(kReduction, 0, x, dims, outputs[0]);
  Run(kArg, 0, x, dims, outputs[1]);
  return OkStatus();
}

Result<Specs> VarMeanShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Specs specs, (Shape<Reduction::kVariance, ResultRule::kFloating>(call)));
  specs.push_back(specs[0]);
  return specs;
}

Status VarMeanEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, ReducedDims(call, x.rank()));
  Run(Reduction::kVariance, call.has("correction") ? call.number("correction") : 1, x, dims, outputs[0]);
  Run(Reduction::kMean, 0, x, dims, outputs[1]);
  return OkStatus();
}

// ---- other forms of the same ----

Values MaxAll(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("amax", {args[0]}));
}
Values MinAll(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("amin", {args[0]}));
}

// (self, unbiased) and (self, dim, unbiased, keepdim) of var and std.
template <int kWhich>
Values Unbiased(GraphBuilder& builder, Args args) {
  static constexpr const char* kNames[] = {"var", "std"};
  Calls call(builder);
  const auto correction = [](const Arg& unbiased) { return Arg(Dim(std::get<bool>(unbiased) ? 1 : 0)); };
  if (args.size() == 2) return call.Return(call(kNames[kWhich], {args[0], std::monostate(), correction(args[1])}));
  return call.Return(call(kNames[kWhich], {args[0], args[1], correction(args[2]), args[3]}));
}

Values VarMeanUnbiased(GraphBuilder& builder, Args args) {
  const bool with_dim = args.size() > 2;
  const Arg unbiased = with_dim ? args[2] : args[1];
  return builder.Add(*FindOp("var_mean"), {args[0], with_dim ? args[1] : Arg(), Dim(std::get<bool>(unbiased) ? 1 : 0),
                                           with_dim ? args[3] : Arg(false)});
}

Values NormOf(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Arg order = args[1];
  if (IsNone(order)) order = Dim(2);
  if (auto* name = std::get_if<std::string>(&order)) {
    if (*name != "fro") return BadInput("argument 'p'", "'" + *name + "'", "a number or 'fro'");
    order = Dim(2);
  }
  return call.Return(call("linalg_vector_norm", {args[0], order, args[2], args[3], args[4]}));
}

}  // namespace

#define FP_REDUCTION(id, reduction, rule, params_, torch_, examples_, doc_) \
  const OpDef op_##id = { \
      .name = #id, \
      .torch = {FP_ITEMS torch_}, \
      .params = params_, \
      .shape = Shape<Reduction::reduction, ResultRule::rule>, \
      .eval = Eval<Reduction::reduction>, \
      .inplace = false, \
      .examples = {FP_ITEMS examples_}, \
      .doc = doc_, \
  };
#define FP_ITEMS(...) __VA_ARGS__
#define FP_NAMES(n) "torch." #n, "Tensor." #n

constexpr char kOneOrMore[] = "Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None";

FP_REDUCTION(sum, kSum, kSum, kOneOrMore, (FP_NAMES(sum)),
             ("f32[2,3,4]", "f32[2,3,4], 1", "f32[2,3,4], [0,-1], True", "i64[2,3], 0", "bool[5]", "f32[3], dtype=torch.float64"),
             "the sum")
FP_REDUCTION(mean, kMean, kFloating, kOneOrMore, (FP_NAMES(mean)),
             ("f32[2,3,4]", "f32[2,3,4], 1", "f32[2,3,4,5], [2,3], True", "i64[2,3], dtype=torch.float64", "f16[2,3], 1"), "the mean")
FP_REDUCTION(prod, kProd, kSum, "Tensor self, int? dim=None, bool keepdim=False, *, ScalarType? dtype=None", (FP_NAMES(prod)),
             ("f32[2,3]", "f32[2,3], 1", "i64[2,3], 0, True"), "the product")
FP_REDUCTION(amax, kMax, kSame, "Tensor self, int[1] dim=[], bool keepdim=False", (FP_NAMES(amax)),
             ("f32[2,3,4]", "f32[2,3,4], [0,2]", "i64[2,3], 1, True"), "the largest element")
FP_REDUCTION(amin, kMin, kSame, "Tensor self, int[1] dim=[], bool keepdim=False", (FP_NAMES(amin)),
             ("f32[2,3,4]", "f32[2,3,4], [0,2]", "i64[2,3], 1, True"), "the smallest element")
FP_REDUCTION(argmax, kArgMax, kIndex, "Tensor self, int? dim=None, bool keepdim=False", (FP_NAMES(argmax)),
             ("f32[2,3,4]", "f32[2,3,4], 1", "i64[2,3], -1, True"), "the index of the largest element")
FP_REDUCTION(argmin, kArgMin, kIndex, "Tensor self, int? dim=None, bool keepdim=False", (FP_NAMES(argmin)),
             ("f32[2,3,4]", "f32[2,3,4], 1", "i64[2,3], -1, True"), "the index of the smallest element")
FP_REDUCTION(any, kAny, kTruth, "Tensor self, int[1]? dim=None, bool keepdim=False", (FP_NAMES(any)),
             ("bool[2,3]", "bool[2,3], 1", "f32[2,3], 0, True"), "true if an element is not 0")
FP_REDUCTION(all, kAll, kTruth, "Tensor self, int[1]? dim=None, bool keepdim=False", (FP_NAMES(all)),
             ("bool[2,3]", "bool[2,3], 1", "f32[2,3], 0, True"), "true if no element is 0")
FP_REDUCTION(count_nonzero, kCountNonzero, kIndex, "Tensor self, int[1]? dim=None", (FP_NAMES(count_nonzero)),
             ("f32[2,3]", "bool[2,3], 1"), "how many elements are not 0")
FP_REDUCTION(logsumexp, kLogSumExp, kToFloat, "Tensor self, int[1] dim, bool keepdim=False", (FP_NAMES(logsumexp)),
             ("f32[2,3,4], 1", "f32[2,3,4], [0,2], True"), "log(sum(e^x))")
FP_REDUCTION(var, kVariance, kFloating, "Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False",
             (FP_NAMES(var)), ("f32[2,3,4]", "f32[2,3,4], 1", "f32[2,3,4], [0,2], correction=0, keepdim=True"),
             "sum((x - mean)^2) / (n - correction), correction 1 by default")
FP_REDUCTION(std, kDeviation, kFloating, "Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False",
             (FP_NAMES(std)), ("f32[2,3,4]", "f32[2,3,4], 1", "f32[2,3,4], [0,2], correction=0, keepdim=True"),
             "the square root of var")
FP_REDUCTION(linalg_vector_norm, kNorm, kFloating,
             "Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None",
             ("torch.linalg.vector_norm", "torch._C._linalg.linalg_vector_norm"),
             ("f32[2,3,4]", "f32[2,3,4], 1, -1, True", "f32[2,3], 3, 0", "f32[2,3], 0", "f32[2,3], inf, 1"),
             "(sum |x|^ord)^(1/ord)")

const OpDef op_max = {
    .name = "max",
    .torch = {"torch.max", "Tensor.max"},
    .params = "Tensor self",
    .decompose = MaxAll,
    .inplace = false,
    .examples = {"f32[2,3]"},
    .doc = "the largest element",
};
const OpDef op_min = {
    .name = "min",
    .torch = {"torch.min", "Tensor.min"},
    .params = "Tensor self",
    .decompose = MinAll,
    .inplace = false,
    .examples = {"f32[2,3]"},
    .doc = "the smallest element",
};
const OpDef op_max_dim = {
    .name = "max_dim",
    .torch = {"torch.max", "Tensor.max"},
    .params = "Tensor self, int dim, bool keepdim=False",
    .returns = "(Tensor values, Tensor indices)",
    .shape = ExtremeShape<Reduction::kMax>,
    .eval = ExtremeEval<Reduction::kMax, Reduction::kArgMax>,
    .inplace = false,
    .examples = {"f32[2,3,4], 1", "i64[2,3], 0, True"},
    .doc = "the largest elements along a dimension, and where they are",
};
const OpDef op_min_dim = {
    .name = "min_dim",
    .torch = {"torch.min", "Tensor.min"},
    .params = "Tensor self, int dim, bool keepdim=False",
    .returns = "(Tensor values, Tensor indices)",
    .shape = ExtremeShape<Reduction::kMin>,
    .eval = ExtremeEval<Reduction::kMin, Reduction::kArgMin>,
    .inplace = false,
    .examples = {"f32[2,3,4], 1", "i64[2,3], 0, True"},
    .doc = "the smallest elements along a dimension, and where they are",
};
const OpDef op_var_mean = {
    .name = "var_mean",
    .torch = {"torch.var_mean"},
    .params = "Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False",
    .returns = "(Tensor, Tensor)",
    .shape = VarMeanShape,
    .eval = VarMeanEval,
    .inplace = false,
    .examples = {"f32[2,3,4], 1", "f32[2,3,4], [0,2], correction=0, keepdim=True"},
    .doc = "variance and mean",
};

#define FP_UNBIASED(id, which, decompose_) \
  const OpDef op_##id##_unbiased = { \
      .name = #id "_unbiased", \
      .torch = {FP_NAMES(id)}, \
      .params = "Tensor self, bool unbiased=True", \
      .decompose = decompose_, \
      .inplace = false, \
      .examples = {"f32[2,3], False"}, \
      .doc = #id " with correction 1 (unbiased) or 0", \
  }; \
  const OpDef op_##id##_dim = { \
      .name = #id "_dim", \
      .torch = {FP_NAMES(id)}, \
      .params = "Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False", \
      .decompose = decompose_, \
      .inplace = false, \
      .examples = {"f32[2,3], 1, False", "f32[2,3], [0], True, True"}, \
      .doc = #id " with correction 1 (unbiased) or 0", \
  };
FP_UNBIASED(var, 0, Unbiased<0>)
FP_UNBIASED(std, 1, Unbiased<1>)

const OpDef op_var_mean_dim = {
    .name = "var_mean_dim",
    .torch = {"torch.var_mean"},
    .params = "Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False",
    .returns = "(Tensor, Tensor)",
    .decompose = VarMeanUnbiased,
    .inplace = false,
    .examples = {"f32[2,3], 1, False"},
    .doc = "variance and mean with correction 1 (unbiased) or 0",
};
const OpDef op_norm = {
    .name = "norm",
    .torch = {"torch.norm", "Tensor.norm", "torch.functional.norm"},
    .params = "Tensor self, Scalar? p=2, int[1]? dim=None, bool keepdim=False, ScalarType? dtype=None",
    .decompose = NormOf,
    .inplace = false,
    .examples = {"f32[2,3]", "f32[2,3], 1, 1", "f32[2,3], 2, [1], True"},
    .doc = "(sum |x|^p)^(1/p)",
};
const OpDef op_norm_named = {
    .name = "norm_named",
    .torch = {"torch.norm", "Tensor.norm", "torch.functional.norm"},
    .params = "Tensor self, str p, int[1]? dim=None, bool keepdim=False, ScalarType? dtype=None",
    .decompose = NormOf,
    .inplace = false,
    .examples = {"f32[2,3], 'fro'"},
    .doc = "the Frobenius norm",
};

}  // namespace fusepack::ops
