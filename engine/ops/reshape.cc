// reshape and its kin: the same elements in row-major order under other sizes.
//
// One size may be -1: it is what remains of the number of elements. As a view, strides for the new sizes exist where
// every group of old dimensions that a new one is cut from lies as one run in memory; else the elements are copied.
#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"
#include "kernels/layout/copy.h"

namespace fusepack::ops {
namespace {

Result<Specs> ReshapeShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  Sizes sizes = call.dims("shape");
  int unknown = -1;
  Dim known = 1;
  for (size_t i = 0; i < sizes.size(); i++) {
    if (sizes[i].is(-1)) {
      if (unknown >= 0) return BadInput("", "two sizes of -1", "at most one");
      unknown = static_cast<int>(i);
      continue;
    }
    if (sizes[i].hint() < 0) return BadInput("", "size " + sizes[i].ToString(), "a size of at least 0, or -1");
    known = known * sizes[i];
  }
  const Dim total = NumelOf(x.sizes);
  const auto mismatch = [&] {
    return BadInput("", "sizes " + ToString(call.dims("shape")) + " for " + total.ToString() + " elements",
                    "sizes with that product");
  };
  if (unknown >= 0) {
    if (known.hint() == 0) return mismatch();
    if (!call.guards.Equal(Mod(total, known), 0)) return mismatch();
    sizes[unknown] = FloorDiv(total, known);
  } else if (!call.guards.Equal(total, known)) {
    return mismatch();
  }
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Dims> ResolvedSizes(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  Dims sizes(call.integers("shape"));
  int64_t known = 1;
  for (int64_t s : sizes) known *= s == -1 ? 1 : s;
  for (int64_t& s : sizes) {
    if (s == -1) s = x.numel() / known;
  }
  return sizes;
}

Result<Tensor> ReshapeView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(Dims sizes, ResolvedSizes(call));
  Dims strides;
  if (!ViewStrides(x, sizes, &strides)) return Tensor();
  return x.AsStrided(sizes, strides, x.offset());
}

Status ReshapeEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  const Tensor in_order = outputs[0].AsStrided(x.sizes(), ContiguousStrides(x.sizes()), 0);
  kernels::CopyElements(x.view(), Tensor(in_order).mutable_view());
  return OkStatus();
}

}  // namespace

const OpDef op_reshape = {
    .name = "reshape",
    .torch = {"torch.reshape", "Tensor.reshape"},
    .params = "Tensor self, int[] shape",
    .shape = ReshapeShape,
    .eval = ReshapeEval,
    .view = ReshapeView,
    .inplace = false,
    .examples = {"f32[2,6], [3,4]", "f32[2,6], [-1,3]"},
    .doc = "the same elements in row-major order under other sizes; one size may be -1",
};

namespace {

using Args = std::span<const Arg>;

Values View(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("reshape", {args[0], args[1]}));
}

Values LikeOther(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("reshape", {args[0], call.SizesOf(args[1])}));
}

Values Flatten(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  const int rank = static_cast<int>(sizes.size());
  FP_ASSIGN_OR_RETURN(const int first, WrapDim(IntOf(args[1]), rank));
  FP_ASSIGN_OR_RETURN(const int last, WrapDim(IntOf(args[2]), rank));
  if (first > last) return BadInput("", "start_dim " + std::to_string(first) + " after end_dim " + std::to_string(last));
  Sizes out(sizes.begin(), sizes.begin() + std::min(first, rank));
  Dim run = 1;
  for (int d = first; d <= last && d < rank; d++) run = run * sizes[d];
  out.push_back(run);
  for (int d = last + 1; d < rank; d++) out.push_back(sizes[d]);
  return call.Return(call("reshape", {args[0], out}));
}

Values Unflatten(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes sizes = call.SizesOf(args[0]);
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(sizes.size())));
  Sizes parts = std::get<Sizes>(args[2]);
  Dim known = 1;
  for (const Dim& d : parts) known = d.is(-1) ? known : known * d;
  for (Dim& d : parts) {
    if (d.is(-1)) {
      if (known.hint() == 0) return BadInput("", "sizes " + ToString(parts), "no size of 0 beside -1");
      d = FloorDiv(sizes[dim], known);
    }
  }
  sizes.erase(sizes.begin() + dim);
  sizes.insert(sizes.begin() + dim, parts.begin(), parts.end());
  return call.Return(call("reshape", {args[0], sizes}));
}

Values Unsqueeze(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes sizes = call.SizesOf(args[0]);
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(sizes.size()) + 1));
  sizes.insert(sizes.begin() + dim, Dim(1));
  return call.Return(call("reshape", {args[0], sizes}));
}

// Leaves out the dimensions of `dims` (all for none given) that have size 1.
Values Squeeze(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  const bool all = args.size() < 2;
  FP_ASSIGN_OR_RETURN(const std::vector<int> dims, WrapDims(all ? std::vector<int64_t>() : IntsOf(args[1]),
                                                            static_cast<int>(sizes.size()), all));
  Sizes out;
  for (int d = 0; d < static_cast<int>(sizes.size()); d++) {
    const bool named = std::find(dims.begin(), dims.end(), d) != dims.end();
    if (!named || !call.guards().Equal(sizes[d], 1)) out.push_back(sizes[d]);
  }
  return call.Return(call("reshape", {args[0], out}));
}

}  // namespace

const OpDef op_view = {
    .name = "view",
    .torch = {"Tensor.view", "Tensor.reshape"},
    .params = "Tensor self, int[] size",
    .decompose = View,
    .inplace = false,
    .examples = {"f32[2,6], [3,4]"},
    .doc = "reshape without a copy",
};
const OpDef op_view_as = {
    .name = "view_as",
    .torch = {"Tensor.view_as", "Tensor.reshape_as"},
    .params = "Tensor self, Tensor other",
    .decompose = LikeOther,
    .inplace = false,
    .examples = {"f32[2,6], f32[3,4]"},
    .doc = "reshaped to the other's sizes",
};
const OpDef op_flatten = {
    .name = "flatten",
    .torch = {"torch.flatten", "Tensor.flatten"},
    .params = "Tensor self, int start_dim=0, int end_dim=-1",
    .decompose = Flatten,
    .inplace = false,
    .examples = {"f32[2,3,4]", "f32[2,3,4], 1", "f32[]"},
    .doc = "a run of dimensions as one",
};
const OpDef op_unflatten = {
    .name = "unflatten",
    .torch = {"torch.unflatten", "Tensor.unflatten"},
    .params = "Tensor self, int dim, int[] sizes",
    .decompose = Unflatten,
    .inplace = false,
    .examples = {"f32[2,12], 1, [3,-1]"},
    .doc = "a dimension as several",
};
const OpDef op_unsqueeze = {
    .name = "unsqueeze",
    .torch = {"torch.unsqueeze", "Tensor.unsqueeze"},
    .params = "Tensor self, int dim",
    .decompose = Unsqueeze,
    .examples = {"f32[2,3], 1", "f32[2,3], -1"},
    .doc = "a dimension of size 1 put in",
};
const OpDef op_squeeze = {
    .name = "squeeze",
    .torch = {"torch.squeeze", "Tensor.squeeze"},
    .params = "Tensor self",
    .decompose = Squeeze,
    .examples = {"f32[1,3,1]"},
    .doc = "without the dimensions of size 1",
};
const OpDef op_squeeze_dim = {
    .name = "squeeze_dim",
    .torch = {"torch.squeeze", "Tensor.squeeze"},
    .params = "Tensor self, int[1] dim",
    .decompose = Squeeze,
    .examples = {"f32[1,3,1], 0", "f32[1,3,1], 1", "f32[1,3,1], [0,2]"},
    .doc = "without the named dimensions where they have size 1",
};

}  // namespace fusepack::ops
