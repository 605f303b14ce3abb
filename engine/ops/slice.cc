// Parts of a tensor along one dimension. In the graph all of them are `slice` (and `reshape` where a dimension goes).
#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

constexpr int64_t kMaxPieces = 1 << 16;  // outputs of one split; a model has a few

Status CheckPieces(int64_t count) {
  if (count <= kMaxPieces) return OkStatus();
  return LimitExceeded("", std::to_string(count) + " pieces", "at most " + std::to_string(kMaxPieces));
}

struct Part {
  int dim;
  SliceRange range;
};

Result<Part> ResolvePart(const Sizes& sizes, const Arg& dim_arg, const Arg& start, const Arg& end, const Dim& step, Guards& guards) {
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(dim_arg), static_cast<int>(sizes.size())));
  if (!step.is_constant() || step.hint() < 1) return BadInput("", "step " + step.ToString(), "a number of at least 1");
  return Part{dim, ResolveSlice(sizes[dim], start, end, step, guards)};
}

Result<Specs> SliceShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const Part part,
                      ResolvePart(x.sizes, call.arg("dim"), call.arg("start"), call.arg("end"), call.dim("step"), call.guards));
  Sizes sizes = x.sizes;
  sizes[part.dim] = part.range.length;
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Tensor> SliceView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  Guards guards;
  FP_ASSIGN_OR_RETURN(const Part part, ResolvePart(ToDimVector(x.sizes()), call.arg("dim"), call.arg("start"),
                                                   call.arg("end"), call.dim("step"), guards));
  Dims sizes = x.sizes(), strides = x.strides();
  sizes[part.dim] = part.range.length.hint();
  const int64_t offset = x.offset() + (sizes[part.dim] > 0 ? part.range.start.hint() * strides[part.dim] : 0);
  strides[part.dim] *= call.integer("step");
  return x.AsStrided(sizes, strides, offset);
}

ValueRef SliceOf(Calls& call, const Arg& x, int dim, const Dim& start, const Dim& end) {
  return call("slice", {x, Dim(dim), start, end});
}

Values Narrow(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(sizes.size())));
  Dim start = DimOf(args[2]);
  const Dim& length = DimOf(args[3]);
  if (start.hint() < 0) start = start + sizes[dim];
  if (start.hint() < 0 || length.hint() < 0 || !call.guards().Decide(start + length, Compare::kLe, sizes[dim])) {
    return BadInput("", "start " + start.ToString() + ", length " + length.ToString(),
                    "a part of the size " + sizes[dim].ToString());
  }
  return call.Return(SliceOf(call, args[0], dim, start, start + length));
}

Values SelectOne(Calls& call, const Arg& x, int dim, Dim index) {
  Sizes sizes = call.SizesOf(x);
  if (index.hint() < 0) index = index + sizes[dim];
  if (index.hint() < 0 || !call.guards().Decide(index, Compare::kLt, sizes[dim])) {
    return BadInput("", "index " + index.ToString(), "an index into size " + sizes[dim].ToString());
  }
  const ValueRef part = SliceOf(call, x, dim, index, index + 1);
  sizes.erase(sizes.begin() + dim);
  return call.Return(call("reshape", {part, sizes}));
}

Values Select(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(sizes.size())));
  return SelectOne(call, args[0], dim, DimOf(args[2]));
}

Values Unbind(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(sizes.size())));
  std::vector<ValueId> out;
  const int64_t count = call.guards().Pin(sizes[dim]);
  FP_RETURN_IF_ERROR(CheckPieces(count));
  for (int64_t i = 0; i < count; i++) {
    FP_ASSIGN_OR_RETURN(const std::vector<ValueId> one, SelectOne(call, args[0], dim, i));
    out.push_back(one[0]);
  }
  return out;
}

// Pieces that end at `ends`, the last of them at the dimension's size.
Values Pieces(Calls& call, const Arg& x, int dim, const std::vector<Dim>& ends) {
  std::vector<ValueId> out;
  Dim start = 0;
  for (const Dim& end : ends) {
    out.push_back(SliceOf(call, x, dim, start, end).id);
    start = end;
  }
  return call.Return(std::move(out));
}

Result<int> SplitDim(Calls& call, const Arg& x, const Arg& dim) {
  const int rank = static_cast<int>(call.SizesOf(x).size());
  if (rank == 0) return BadInput("", "a tensor without dimensions", "at least one dimension");
  return WrapDim(IntOf(dim), rank);
}

Values SplitEvery(Calls& call, const Arg& x, int dim, const Dim& size) {
  const Dim total = call.SizesOf(x)[dim];
  if (size.hint() <= 0 && !(size.is(0) && total.is(0))) return BadInput("", "split size " + size.ToString(), "at least 1");
  const int64_t count = total.is(0) ? 1 : std::max<int64_t>(call.guards().Pin(CeilDiv(total, size)), 1);
  FP_RETURN_IF_ERROR(CheckPieces(count));
  std::vector<Dim> ends;
  for (int64_t i = 1; i < count; i++) ends.push_back(size * i);
  ends.push_back(total);
  return Pieces(call, x, dim, ends);
}

Values Split(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const int dim, SplitDim(call, args[0], args[2]));
  return SplitEvery(call, args[0], dim, DimOf(args[1]));
}

Values SplitWithSizes(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const int dim, SplitDim(call, args[0], args[2]));
  std::vector<Dim> ends;
  Dim end = 0;
  for (const Dim& size : std::get<Sizes>(args[1])) {
    if (size.hint() < 0) return BadInput("", "split size " + size.ToString(), "at least 0");
    end = end + size;
    ends.push_back(end);
  }
  const Dim total = call.SizesOf(args[0])[dim];
  if (!call.guards().Equal(end, total)) {
    return BadInput("", "split sizes that add up to " + end.ToString(), total.ToString());
  }
  return Pieces(call, args[0], dim, ends);
}

Values Chunk(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const int dim, SplitDim(call, args[0], args[2]));
  const int64_t chunks = IntOf(args[1]);
  if (chunks < 1) return BadInput("", std::to_string(chunks) + " chunks", "at least 1");
  return SplitEvery(call, args[0], dim, CeilDiv(call.SizesOf(args[0])[dim], chunks));
}

Values TensorSplit(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const int dim, SplitDim(call, args[0], args[2]));
  const Dim total = call.SizesOf(args[0])[dim];
  const int64_t sections = IntOf(args[1]);
  if (sections < 1) return BadInput("", std::to_string(sections) + " sections", "at least 1");
  FP_RETURN_IF_ERROR(CheckPieces(sections));
  const Dim base = FloorDiv(total, sections);
  const int64_t longer = call.guards().Pin(Mod(total, sections));  // so many pieces have one element more
  std::vector<Dim> ends;
  for (int64_t i = 1; i <= sections; i++) ends.push_back(i == sections ? total : base * i + std::min(i, longer));
  return Pieces(call, args[0], dim, ends);
}

Values TensorSplitAt(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_ASSIGN_OR_RETURN(const int dim, SplitDim(call, args[0], args[2]));
  std::vector<ValueId> out;
  Arg start = Dim(0);
  for (const Dim& at : std::get<Sizes>(args[1])) {
    out.push_back(call("slice", {args[0], Dim(dim), start, at}).id);
    start = at;
  }
  out.push_back(call("slice", {args[0], Dim(dim), start}).id);
  return call.Return(std::move(out));
}

// x[1:] - x[:-1], n times over (x[1:] != x[:-1] of bool).
Values Diff(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[2]), static_cast<int>(sizes.size())));
  const int64_t times = IntOf(args[1]);
  constexpr int64_t kMaxTimes = 64;
  if (times < 0 || times > kMaxTimes) return BadInput("argument 'n'", std::to_string(times), "a number in [0, 64]");
  const bool logical = call.Spec(args[0]).dtype == DType::kBool;
  ValueRef x = std::get<ValueRef>(args[0]);
  for (int64_t i = 0; i < times && call.ok(); i++) {
    const Dim size = call.SizesOf(x)[dim];
    if (!call.guards().Decide(size, Compare::kGe, 1)) break;
    const ValueRef later = SliceOf(call, x, dim, 1, size), earlier = SliceOf(call, x, dim, 0, size - 1);
    x = call(logical ? "ne" : "sub", {later, earlier});
  }
  return call.Return(x);
}

}  // namespace

const OpDef op_slice = {
    .name = "slice",
    .torch = {"torch.ops.aten.slice"},
    .params = "Tensor self, int dim=0, int? start=None, int? end=None, int step=1",
    .shape = SliceShape,
    .view = SliceView,
    .inplace = false,
    .examples = {"f32[5,3], 0, 1, 4", "f32[5,3], 1, -2", "f32[5,3], 0, 0, 5, 2", "f32[5,3], 0, 4, 2", "f32[5,3], 0, -100, 100"},
    .doc = "self[start:end:step] along one dimension",
};
const OpDef op_narrow = {
    .name = "narrow",
    .torch = {"torch.narrow", "Tensor.narrow"},
    .params = "Tensor self, int dim, int start, int length",
    .decompose = Narrow,
    .inplace = false,
    .examples = {"f32[5,3], 0, 1, 3", "f32[5,3], 1, -2, 2"},
    .doc = "`length` elements along one dimension",
};
const OpDef op_select = {
    .name = "select",
    .torch = {"torch.select", "Tensor.select"},
    .params = "Tensor self, int dim, int index",
    .decompose = Select,
    .inplace = false,
    .examples = {"f32[5,3], 0, 1", "f32[5,3], 1, -1"},
    .doc = "one index of one dimension, which goes",
};
const OpDef op_unbind = {
    .name = "unbind",
    .torch = {"torch.unbind", "Tensor.unbind"},
    .params = "Tensor self, int dim=0",
    .returns = "Tensor[]",
    .decompose = Unbind,
    .inplace = false,
    .examples = {"f32[3,2]", "f32[3,2], 1"},
    .doc = "every index of one dimension as a tensor",
};
const OpDef op_split = {
    .name = "split",
    .torch = {"torch.split", "Tensor.split"},
    .params = "Tensor self, int split_size, int dim=0",
    .returns = "Tensor[]",
    .decompose = Split,
    .inplace = false,
    .examples = {"f32[5,3], 2", "f32[5,4], 2, 1"},
    .doc = "pieces of one size, the last one may be shorter",
};
const OpDef op_split_with_sizes = {
    .name = "split_with_sizes",
    .torch = {"torch.split", "Tensor.split", "torch.split_with_sizes", "Tensor.split_with_sizes"},
    .params = "Tensor self, int[] split_sizes, int dim=0",
    .returns = "Tensor[]",
    .decompose = SplitWithSizes,
    .inplace = false,
    .examples = {"f32[5,3], [1,4]", "f32[5,3], [1,0,2], 1"},
    .doc = "pieces of the given sizes",
};
const OpDef op_chunk = {
    .name = "chunk",
    .torch = {"torch.chunk", "Tensor.chunk"},
    .params = "Tensor self, int chunks, int dim=0",
    .returns = "Tensor[]",
    .decompose = Chunk,
    .inplace = false,
    .examples = {"f32[6,3], 3", "f32[5,3], 4", "f32[5,4], 2, 1"},
    .doc = "at most so many pieces of one size",
};
const OpDef op_tensor_split = {
    .name = "tensor_split",
    .torch = {"torch.tensor_split", "Tensor.tensor_split"},
    .params = "Tensor self, int sections, int dim=0",
    .returns = "Tensor[]",
    .decompose = TensorSplit,
    .inplace = false,
    .examples = {"f32[7,3], 3"},
    .doc = "so many pieces that differ by at most one element",
};
const OpDef op_tensor_split_at = {
    .name = "tensor_split_at",
    .torch = {"torch.tensor_split", "Tensor.tensor_split"},
    .params = "Tensor self, int[] indices, int dim=0",
    .returns = "Tensor[]",
    .decompose = TensorSplitAt,
    .inplace = false,
    .examples = {"f32[7,3], [2,5]"},
    .doc = "pieces that end at the given indices",
};
const OpDef op_diff = {
    .name = "diff",
    .torch = {"torch.diff", "Tensor.diff"},
    .params = "Tensor self, int n=1, int dim=-1",
    .decompose = Diff,
    .inplace = false,
    .examples = {"f32[2,5]", "i64[5,2], 2, 0", "bool[6]"},
    .doc = "differences of neighbours along a dimension",
};

}  // namespace fusepack::ops
