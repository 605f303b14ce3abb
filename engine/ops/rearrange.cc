// Elements moved to other places by a fixed rule: flip, roll, shuffles, windows, diagonals, triangles.
#include <algorithm>

#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"
#include "kernels/layout/copy.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Result<Specs> FlipShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_RETURN_IF_ERROR(WrapDims(call.integers("dims"), static_cast<int>(x.sizes.size()), false).status());
  return Specs{x};
}

// A copy of the tensor seen with negative strides.
Status FlipEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, WrapDims(call.integers("dims"), x.rank(), false));
  if (x.numel() == 0) return OkStatus();
  Dims strides = x.strides();
  int64_t offset = x.offset();
  for (int d : dims) {
    offset += (x.sizes()[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  kernels::CopyElements(x.AsStrided(x.sizes(), strides, offset).view(), outputs[0].mutable_view());
  return OkStatus();
}

Values Roll(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]), shifts = std::get<Sizes>(args[1]);
  std::vector<int64_t> dims = IntsOf(args[2]);
  ValueRef x = std::get<ValueRef>(args[0]);
  Sizes rolled = sizes;
  if (dims.empty()) {  // over the flattened tensor
    if (shifts.size() != 1) return BadInput("", std::to_string(shifts.size()) + " shifts without dims", "one");
    x = call("flatten", {x});
    rolled = {NumelOf(sizes)};
    dims = {0};
  }
  if (dims.size() != shifts.size()) {
    return BadInput("", std::to_string(shifts.size()) + " shifts, " + std::to_string(dims.size()) + " dims", "equal numbers");
  }
  for (size_t i = 0; i < dims.size(); i++) {
    FP_ASSIGN_OR_RETURN(const int dim, WrapDim(dims[i], static_cast<int>(rolled.size())));
    if (rolled.empty() || rolled[dim].hint() == 0) continue;
    const Dim shift = rolled[dim].is_constant() ? Mod(shifts[i], rolled[dim]) : shifts[i];
    if (shift.is(0)) continue;
    // The last `shift` elements come first.
    const Dim size = rolled[dim];
    Dim cut = shift.hint() >= 0 ? size - shift : -shift;
    if (!call.guards().Decide(cut, Compare::kGe, 0) || !call.guards().Decide(cut, Compare::kLe, size)) {
      cut = Mod(-shift, size);
    }
    const ValueRef head = call("slice", {x, Dim(dim), cut, size});
    const ValueRef tail = call("slice", {x, Dim(dim), Dim(0), cut});
    x = call("cat", {ValueList{head.id, tail.id}, Dim(dim)});
  }
  if (rolled.size() != sizes.size()) x = call("reshape", {x, sizes});
  return call.Return(x);
}

// The leading dimensions, then [c, h, w]: what the shuffles of channels work on.
Status SplitImage(const Sizes& sizes, Sizes* lead, Dim* c, Dim* h, Dim* w) {
  const size_t rank = sizes.size();
  if (rank < 3) return BadInput("", "a tensor of sizes " + ToString(sizes), "at least 3 dimensions");
  lead->assign(sizes.begin(), sizes.end() - 3);
  *c = sizes[rank - 3];
  *h = sizes[rank - 2];
  *w = sizes[rank - 1];
  return OkStatus();
}

Sizes Join(Sizes lead, const Sizes& rest) {
  lead.insert(lead.end(), rest.begin(), rest.end());
  return lead;
}

// x[..., c*r*r, h, w] to y[..., c, h*r, w*r]: y[c, h*r+i, w*r+j] = x[(c*r + i)*r + j, h, w].
// Counter-clockwise for k > 0, from the first dimension towards the second.
Values Rot90(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const int64_t turns = ((IntOf(args[1]) % 4) + 4) % 4;
  const std::vector<int64_t> dims = IntsOf(args[2]);
  if (dims.size() != 2) return BadInput("argument 'dims'", std::to_string(dims.size()) + " dimensions", "two");
  ValueRef x = std::get<ValueRef>(args[0]);
  if (turns == 2) return call.Return(call("flip", {x, std::get<Sizes>(args[2])}));
  if (turns != 0) x = call("flip", {x, Sizes{Dim(dims[turns == 1 ? 1 : 0])}});
  return call.Return(turns == 0 ? call("clone", {x}) : call("transpose", {x, Dim(dims[0]), Dim(dims[1])}));
}

Values PixelShuffle(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes lead;
  Dim c, h, w;
  FP_RETURN_IF_ERROR(SplitImage(call.SizesOf(args[0]), &lead, &c, &h, &w));
  const Dim r = DimOf(args[1]);
  if (r.hint() < 1 || !call.guards().Equal(Mod(c, r * r), 0)) {
    return BadInput("", c.ToString() + " channels", "a multiple of " + (r * r).ToString());
  }
  const Dim out = FloorDiv(c, r * r);
  const int64_t n = static_cast<int64_t>(lead.size());
  Sizes order;
  for (int64_t d = 0; d < n; d++) order.push_back(d);
  for (int64_t d : {n, n + 3, n + 1, n + 4, n + 2}) order.push_back(d);
  const ValueRef split = call("reshape", {args[0], Join(lead, {out, r, r, h, w})});
  return call.Return(call("reshape", {call("permute", {split, order}), Join(lead, {out, h * r, w * r})}));
}

Values PixelUnshuffle(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes lead;
  Dim c, h, w;
  FP_RETURN_IF_ERROR(SplitImage(call.SizesOf(args[0]), &lead, &c, &h, &w));
  const Dim r = DimOf(args[1]);
  if (r.hint() < 1 || !call.guards().Equal(Mod(h, r), 0) || !call.guards().Equal(Mod(w, r), 0)) {
    return BadInput("", "sizes " + h.ToString() + " and " + w.ToString(), "multiples of " + r.ToString());
  }
  const Dim oh = FloorDiv(h, r), ow = FloorDiv(w, r);
  const int64_t n = static_cast<int64_t>(lead.size());
  Sizes order;
  for (int64_t d = 0; d < n; d++) order.push_back(d);
  for (int64_t d : {n, n + 2, n + 4, n + 1, n + 3}) order.push_back(d);
  const ValueRef split = call("reshape", {args[0], Join(lead, {c, oh, r, ow, r})});
  return call.Return(call("reshape", {call("permute", {split, order}), Join(lead, {c * r * r, oh, ow})}));
}

Values ChannelShuffle(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  const Dim groups = DimOf(args[1]);
  if (sizes.size() < 3) return BadInput("", "a tensor of sizes " + ToString(sizes), "at least 3 dimensions");
  if (groups.hint() < 1 || !call.guards().Equal(Mod(sizes[1], groups), 0)) {
    return BadInput("", sizes[1].ToString() + " channels", "a multiple of " + groups.ToString());
  }
  Sizes split = sizes;
  split[1] = groups;
  split.insert(split.begin() + 2, FloorDiv(sizes[1], groups));
  const ValueRef turned = call("transpose", {call("reshape", {args[0], split}), Dim(1), Dim(2)});
  return call.Return(call("reshape", {turned, sizes}));
}

// unfold: y[..., i, ..., j] = x[..., i*step + j, ...]
Result<Specs> UnfoldShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  const int rank = static_cast<int>(x.sizes.size());
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dimension"), rank));
  const Dim &size = call.dim("size"), &step = call.dim("step");
  const Dim have = rank == 0 ? Dim(1) : x.sizes[dim];
  if (step.hint() < 1 || size.hint() < 0 || !call.guards.Decide(size, Compare::kLe, have)) {
    return BadInput("", "windows of " + size.ToString() + " every " + step.ToString(), "windows within size " + have.ToString());
  }
  Sizes sizes = x.sizes;
  if (rank > 0) sizes[dim] = FloorDiv(have - size, step) + 1;
  sizes.push_back(size);
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Tensor> UnfoldView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dimension"), x.rank()));
  Dims sizes = x.sizes(), strides = x.strides();
  const int64_t size = call.integer("size"), step = call.integer("step");
  const int64_t stride = x.rank() == 0 ? 1 : strides[dim];
  if (x.rank() > 0) {
    sizes[dim] = (sizes[dim] - size) / step + 1;
    strides[dim] *= step;
  }
  sizes.push_back(size);
  strides.push_back(stride);
  return x.AsStrided(sizes, strides, x.offset());
}

// The diagonal of dim1 and dim2, as a last dimension: y[..., i] = x[.., i + max(-offset, 0), .., i + max(offset, 0)].
Result<Specs> DiagonalShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  const int rank = static_cast<int>(x.sizes.size());
  FP_ASSIGN_OR_RETURN(const int a, WrapDim(call.integer("dim1"), rank));
  FP_ASSIGN_OR_RETURN(const int b, WrapDim(call.integer("dim2"), rank));
  if (a == b || rank < 2) return BadInput("", "dimensions " + std::to_string(a) + " and " + std::to_string(b), "two dimensions");
  const int64_t offset = call.integer("offset");
  const Dim length = Max(Min(x.sizes[a] + std::min<int64_t>(offset, 0), x.sizes[b] - std::max<int64_t>(offset, 0)), 0);
  Sizes sizes;
  for (int d = 0; d < rank; d++) {
    if (d != a && d != b) sizes.push_back(x.sizes[d]);
  }
  sizes.push_back(length);
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Tensor> DiagonalView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const int a, WrapDim(call.integer("dim1"), x.rank()));
  FP_ASSIGN_OR_RETURN(const int b, WrapDim(call.integer("dim2"), x.rank()));
  const int64_t offset = call.integer("offset");
  const int64_t length = std::max<int64_t>(std::min(x.sizes()[a] + std::min<int64_t>(offset, 0), x.sizes()[b] - std::max<int64_t>(offset, 0)), 0);
  int64_t start = x.offset();
  if (length > 0) start += offset >= 0 ? offset * x.strides()[b] : -offset * x.strides()[a];
  Dims sizes, strides;
  for (int d = 0; d < x.rank(); d++) {
    if (d == a || d == b) continue;
    sizes.push_back(x.sizes()[d]);
    strides.push_back(x.strides()[d]);
  }
  sizes.push_back(length);
  strides.push_back(x.strides()[a] + x.strides()[b]);
  return x.AsStrided(sizes, strides, start);
}

// On real tensors only inside the storage; never with negative strides.
Result<Specs> AsStridedShape(const ShapeCall& call) {
  const Sizes &size = call.dims("size"), &stride = call.dims("stride");
  if (size.size() != stride.size() || size.size() > size_t{kMaxRank}) return BadInput("", "size and stride of different lengths", "equal lengths");
  for (size_t i = 0; i < size.size(); i++) {
    if (size[i].hint() < 0 || stride[i].hint() < 0) return BadInput("", "a negative size or stride", "at least 0");
  }
  return Specs{{call.tensor("self").dtype, size}};
}

Result<Tensor> AsStridedView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  const Dims sizes(call.integers("size")), strides(call.integers("stride"));
  const int64_t offset = call.has("storage_offset") ? call.integer("storage_offset") : x.offset();
  CheckedI64 last(offset);
  bool empty = false;
  for (int d = 0; d < sizes.size(); d++) {
    empty |= sizes[d] == 0;
    last += CheckedI64(sizes[d] - 1) * strides[d];
  }
  const int64_t elements = x.storage()->bytes() / static_cast<int64_t>(ItemSize(x.dtype()));
  if (offset < 0 || (!empty && !last.Within(elements - 1))) {
    return BadInput("", "sizes " + sizes.ToString() + ", strides " + strides.ToString() + ", offset " + std::to_string(offset),
                    "a view within the storage of " + std::to_string(elements) + " elements");
  }
  return x.AsStrided(sizes, strides, offset);
}

Result<Specs> TriangleShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  if (x.sizes.size() < 2) return BadInput("", "a tensor of sizes " + ToString(x.sizes), "at least 2 dimensions");
  return Specs{x};
}

// Column j of row i is kept where j - i <= diagonal (lower) or >= diagonal (upper); the rest stays 0.
template <bool kLower>
Status TriangleEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  const int64_t diagonal = call.integer("diagonal");
  const int rank = x.rank();
  const int64_t rows = x.sizes()[rank - 2], columns = x.sizes()[rank - 1];
  for (int64_t i = 0; i < rows; i++) {
    const int64_t edge = kLower ? std::clamp<int64_t>(std::max(diagonal, -kDimLimit) + i + 1, 0, columns)
                                : std::clamp<int64_t>(std::min(diagonal, kDimLimit) + i, 0, columns);
    const int64_t start = kLower ? 0 : edge, length = kLower ? edge : columns - edge;
    if (length == 0) continue;
    kernels::CopyElements(kernels::Narrow(kernels::Narrow(x.view(), rank - 2, i, 1), rank - 1, start, length),
                          kernels::Narrow(kernels::Narrow(outputs[0].mutable_view(), rank - 2, i, 1), rank - 1, start, length));
  }
  return OkStatus();
}

}  // namespace

const OpDef op_flip = {
    .name = "flip",
    .torch = {"torch.flip", "Tensor.flip"},
    .params = "Tensor self, int[] dims",
    .shape = FlipShape,
    .eval = FlipEval,
    .inplace = false,
    .examples = {"f32[2,3], [0]", "f32[2,3], [0,-1]"},
    .doc = "dimensions in reverse",
};
const OpDef op_roll = {
    .name = "roll",
    .torch = {"torch.roll", "Tensor.roll"},
    .params = "Tensor self, int[1] shifts, int[1] dims=[]",
    .decompose = Roll,
    .inplace = false,
    .examples = {"f32[4,3], 1, 0", "f32[4,5], [-1,2], [0,1]", "f32[4,3], 5", "f32[4,3], -9, 1"},
    .doc = "elements moved along dimensions, those pushed out come back at the other end",
};
const OpDef op_rot90 = {
    .name = "rot90",
    .torch = {"torch.rot90", "Tensor.rot90"},
    .params = "Tensor self, int k=1, int[] dims=[0,1]",
    .decompose = Rot90,
    .inplace = false,
    .examples = {"f32[2,3]", "f32[2,3,4], 2, [1,2]", "f32[2,3,4], -1, [0,2]"},
    .doc = "turned by 90 degrees k times in the plane of two dimensions",
};
const OpDef op_pixel_shuffle = {
    .name = "pixel_shuffle",
    .torch = {"torch.pixel_shuffle", "torch.nn.functional.pixel_shuffle"},
    .params = "Tensor self, int upscale_factor",
    .decompose = PixelShuffle,
    .inplace = false,
    .examples = {"f32[1,8,2,3], 2"},
    .doc = "channels laid out as pixels",
};
const OpDef op_pixel_unshuffle = {
    .name = "pixel_unshuffle",
    .torch = {"torch.pixel_unshuffle", "torch.nn.functional.pixel_unshuffle"},
    .params = "Tensor self, int downscale_factor",
    .decompose = PixelUnshuffle,
    .inplace = false,
    .examples = {"f32[1,2,4,6], 2"},
    .doc = "pixels laid out as channels",
};
const OpDef op_channel_shuffle = {
    .name = "channel_shuffle",
    .torch = {"torch.channel_shuffle", "torch.nn.functional.channel_shuffle"},
    .params = "Tensor self, int groups",
    .decompose = ChannelShuffle,
    .inplace = false,
    .examples = {"f32[1,6,2,2], 3"},
    .doc = "channels of the groups interleaved",
};
const OpDef op_unfold = {
    .name = "unfold",
    .torch = {"Tensor.unfold"},
    .params = "Tensor self, int dimension, int size, int step",
    .shape = UnfoldShape,
    .view = UnfoldView,
    .inplace = false,
    .examples = {"f32[7,2], 0, 3, 2", "f32[2,7], -1, 3, 1"},
    .doc = "windows along a dimension, as a new last one",
};
const OpDef op_diagonal = {
    .name = "diagonal",
    .torch = {"torch.diagonal", "Tensor.diagonal"},
    .params = "Tensor self, int offset=0, int dim1=0, int dim2=1",
    .shape = DiagonalShape,
    .view = DiagonalView,
    .inplace = false,
    .examples = {"f32[3,4]", "f32[2,3,4], 1, 1, 2", "f32[4,3], -2"},
    .doc = "a diagonal of two dimensions, as a last one",
};
const OpDef op_as_strided = {
    .name = "as_strided",
    .torch = {"torch.as_strided", "Tensor.as_strided"},
    .params = "Tensor self, int[] size, int[] stride, int? storage_offset=None",
    .shape = AsStridedShape,
    .view = AsStridedView,
    .inplace = false,
    .examples = {"f32[12], [3,2], [2,4], 1"},
    .doc = "the storage seen with any sizes and strides",
};
const OpDef op_tril = {
    .name = "tril",
    .torch = {"torch.tril", "Tensor.tril"},
    .params = "Tensor self, int diagonal=0",
    .shape = TriangleShape,
    .eval = TriangleEval<true>,
    .examples = {"f32[3,4]", "f32[2,3,3], 1", "f32[3,3], -1"},
    .doc = "the lower triangle, 0 elsewhere",
};
const OpDef op_triu = {
    .name = "triu",
    .torch = {"torch.triu", "Tensor.triu"},
    .params = "Tensor self, int diagonal=0",
    .shape = TriangleShape,
    .eval = TriangleEval<false>,
    .examples = {"f32[3,4]", "f32[2,3,3], 1", "f32[3,3], -1"},
    .doc = "the upper triangle, 0 elsewhere",
};

}  // namespace fusepack::ops
