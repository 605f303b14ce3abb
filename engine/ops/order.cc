// What follows from sorting, and searching in what is sorted. All are decompositions: a kernel of their own would save
// time that models do not spend here.
#include "engine/ops/calls.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

// Values and indices of self sorted along a dimension that it has: a scalar counts as one element.
struct Sorted {
  ValueRef values, indices;
  int dim = 0;
  Dim size;
  bool scalar = false;
};

Result<Sorted> Sort(GraphBuilder& builder, Calls& call, const Arg& self, const Arg& dim) {
  Sorted out;
  ValueRef x = std::get<ValueRef>(self);
  out.scalar = call.SizesOf(self).empty();
  FP_ASSIGN_OR_RETURN(out.dim, WrapDim(IntOf(dim), static_cast<int>(call.SizesOf(self).size())));
  if (out.scalar) x = call("reshape", {x, Sizes{1}});
  out.size = call.SizesOf(x)[out.dim];
  FP_ASSIGN_OR_RETURN(const std::vector<ValueId> both, builder.Add(*FindOp("sort"), {x, Dim(out.dim), false, true}));
  out.values = {both[0]};
  out.indices = {both[1]};
  return out;
}

// The element at `index` of x along the dimension, which stays (size 1) or goes.
ValueRef Pick(Calls& call, const Sorted& sorted, ValueRef x, const Dim& index, bool keepdim) {
  const ValueRef one = call("select", {x, Dim(sorted.dim), index});
  return keepdim && !sorted.scalar ? call("unsqueeze", {one, Dim(sorted.dim)}) : one;
}

Values Kthvalue(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const Sorted sorted, Sort(builder, call, args[0], args[2]));
  const Dim& k = DimOf(args[1]);
  if (k.hint() < 1 || !call.guards().Decide(k, Compare::kLe, sorted.size)) {
    return BadInput("argument 'k'", k.ToString(), "1 to " + sorted.size.ToString());
  }
  const bool keepdim = std::get<bool>(args[3]);
  const ValueRef value = Pick(call, sorted, sorted.values, k - 1, keepdim);
  return call.Return({value.id, Pick(call, sorted, sorted.indices, k - 1, keepdim).id});
}

// The lower of two middle elements; the NaN where there is one, which sorting puts last.
Values MedianOf(Calls& call, const Sorted& sorted, bool keepdim) {
  if (!call.guards().Decide(sorted.size, Compare::kGt, 0)) {
    return BadInput("", "a dimension of size 0", "one element at least");
  }
  const Dim last = sorted.size - 1, middle = FloorDiv(last, 2);
  const ValueRef greatest = Pick(call, sorted, sorted.values, last, keepdim);
  const ValueRef is_nan = call("isnan", {greatest});
  const ValueRef value = call("where", {is_nan, greatest, Pick(call, sorted, sorted.values, middle, keepdim)});
  const ValueRef index = call("where", {is_nan, Pick(call, sorted, sorted.indices, last, keepdim),
                                        Pick(call, sorted, sorted.indices, middle, keepdim)});
  return call.Return({value.id, index.id});
}

Values Median(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const ValueRef flat = call("flatten", {args[0]});
  FP_ASSIGN_OR_RETURN(const Sorted sorted, Sort(builder, call, flat, Dim(0)));
  FP_ASSIGN_OR_RETURN(const std::vector<ValueId> both, MedianOf(call, sorted, false));
  return std::vector<ValueId>{both[0]};
}

Values MedianDim(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const Sorted sorted, Sort(builder, call, args[0], args[1]));
  return MedianOf(call, sorted, std::get<bool>(args[2]));
}

// How many elements of each row of `sequence` come before each of `values`; as std::lower_bound, or upper_bound where
// `right`. Written with >= and >, so that NaN comes behind all.
Values CountBefore(Calls& call, const Arg& sequence, const Arg& values, bool right, bool out_int32) {
  const size_t rank = call.SizesOf(sequence).size();
  if (rank == 0) return BadInput("", "a scalar to search in", "one dimension at least");
  if (rank > 1 && rank != call.SizesOf(values).size()) {
    return BadInput("", "a sequence of rank " + std::to_string(rank), "rank 1 or that of the values");
  }
  const ValueRef rows = rank > 1 ? call("unsqueeze", {sequence, Dim(-2)}) : std::get<ValueRef>(sequence);
  const ValueRef behind = call(right ? "gt" : "ge", {rows, call("unsqueeze", {values, Dim(-1)})});
  const ValueRef count = call("sum", {call("logical_not", {behind}), Sizes{-1}});
  return call.Return(out_int32 ? call("cast_int", {count}) : count);
}

Values Searchsorted(GraphBuilder& builder, Args args) {
  Calls call(builder);
  bool right = std::get<bool>(args[3]);
  if (const auto* side = std::get_if<std::string>(&args[4])) {
    if (*side != "left" && *side != "right") return BadInput("argument 'side'", "'" + *side + "'", "'left' or 'right'");
    if (*side == "left" && right) return BadInput("argument 'side'", "'left' beside right=True", "the two to agree");
    right = *side == "right";
  }
  return CountBefore(call, args[0], args[1], right, std::get<bool>(args[2]));
}

Values Bucketize(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return CountBefore(call, args[1], args[0], std::get<bool>(args[3]), std::get<bool>(args[2]));
}

}  // namespace

const OpDef op_kthvalue = {
    .name = "kthvalue",
    .torch = {"torch.kthvalue", "Tensor.kthvalue"},
    .params = "Tensor self, int k, int dim=-1, bool keepdim=False",
    .returns = "(Tensor values, Tensor indices)",
    .decompose = Kthvalue,
    .inplace = false,
    .examples = {"f32[2,5], 2", "f32[5,2], 1, 0, True"},
    .doc = "the k-th smallest element along a dimension, and where it is",
};
const OpDef op_median = {
    .name = "median",
    .torch = {"torch.median", "Tensor.median"},
    .params = "Tensor self",
    .decompose = Median,
    .inplace = false,
    .examples = {"f32[2,5]", "f32[4]"},
    .doc = "the middle element, the lower of two",
};
const OpDef op_median_dim = {
    .name = "median_dim",
    .torch = {"torch.median", "Tensor.median"},
    .params = "Tensor self, int dim, bool keepdim=False",
    .returns = "(Tensor values, Tensor indices)",
    .decompose = MedianDim,
    .inplace = false,
    .examples = {"f32[2,5], 1", "f32[4,3], 0, True"},
    .doc = "the middle element along a dimension, the lower of two, and where it is",
};
const OpDef op_searchsorted = {
    .name = "searchsorted",
    .torch = {"torch.searchsorted"},
    .params = "Tensor sorted_sequence, Tensor input, *, bool out_int32=False, bool right=False, str? side=None",
    .decompose = Searchsorted,
    .inplace = false,
    .examples = {"f32[1], f32[2,3]", "f32[2,1], f32[2,3], right=True", "i64[1], i64[1], side='right'"},
    .doc = "where elements would go into a sorted sequence",
};
const OpDef op_bucketize = {
    .name = "bucketize",
    .torch = {"torch.bucketize", "Tensor.bucketize"},
    .params = "Tensor input, Tensor boundaries, *, bool out_int32=False, bool right=False",
    .decompose = Bucketize,
    .inplace = false,
    .examples = {"f32[2,3], f32[1]"},
    .doc = "the number of the bucket that each element falls into",
};

}  // namespace fusepack::ops
