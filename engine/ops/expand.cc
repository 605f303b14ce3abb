// Repetition: without a copy (stride 0) in `expand`, with one in the rest.
#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Result<Specs> ExpandShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  Sizes sizes = call.dims("size");
  if (sizes.size() < x.sizes.size()) {
    return BadInput("", ToString(sizes) + " for a tensor of sizes " + ToString(x.sizes), "at least as many dimensions");
  }
  const size_t lead = sizes.size() - x.sizes.size();
  for (size_t i = 0; i < sizes.size(); i++) {
    if (sizes[i].is(-1)) {
      if (i < lead) return BadInput("", "-1 for a new dimension", "a size");
      sizes[i] = x.sizes[i - lead];
      continue;
    }
    if (sizes[i].hint() < 0) return BadInput("", "size " + sizes[i].ToString(), "a size of at least 0, or -1");
    if (i < lead || x.sizes[i - lead].is(1)) continue;
    if (!call.guards.Equal(x.sizes[i - lead], sizes[i])) {
      if (x.sizes[i - lead].hint() != 1) {
        return BadInput("", "size " + x.sizes[i - lead].ToString() + " to " + sizes[i].ToString(), "a size of 1 or an equal one");
      }
      call.guards.Pin(x.sizes[i - lead]);
    }
  }
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Tensor> ExpandView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  Dims sizes(call.integers("size")), strides(sizes.size(), 0);
  const int lead = sizes.size() - x.rank();
  for (int d = 0; d < x.rank(); d++) {
    if (sizes[lead + d] == -1) sizes[lead + d] = x.sizes()[d];
    if (x.sizes()[d] == sizes[lead + d]) strides[lead + d] = x.strides()[d];
  }
  return x.AsStrided(sizes, strides, x.offset());
}

Values BroadcastTo(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("expand", {args[0], args[1]}));
}

Values ExpandAs(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("expand", {args[0], call.SizesOf(args[1])}));
}

// x[a,b] repeated (r,s): as [1,a,1,b], expanded to [r,a,s,b], reshaped to [r*a, s*b].
Values RepeatBy(Calls& call, const Arg& x, Sizes sizes, Sizes times) {
  while (sizes.size() < times.size()) sizes.insert(sizes.begin(), Dim(1));
  while (times.size() < sizes.size()) times.insert(times.begin(), Dim(1));
  Sizes apart, wide, out;
  for (size_t d = 0; d < sizes.size(); d++) {
    if (times[d].hint() < 0) return BadInput("", "repeated " + times[d].ToString() + " times", "at least 0");
    if (!times[d].is(1)) {
      apart.push_back(1);
      wide.push_back(times[d]);
    }
    apart.push_back(sizes[d]);
    wide.push_back(sizes[d]);
    out.push_back(times[d] * sizes[d]);
  }
  const ValueRef spread = call("reshape", {x, apart});
  const ValueRef expanded = call("expand", {spread, wide});
  return call.Return(call("contiguous", {call("reshape", {expanded, out})}));
}

Values Repeat(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]), times = std::get<Sizes>(args[1]);
  if (times.size() < sizes.size()) {
    return BadInput("", std::to_string(times.size()) + " repetitions for " + std::to_string(sizes.size()) + " dimensions",
                    "one for each dimension");
  }
  return RepeatBy(call, args[0], sizes, times);
}

Values Tile(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return RepeatBy(call, args[0], call.SizesOf(args[0]), std::get<Sizes>(args[1]));
}

Values RepeatInterleave(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes sizes = call.SizesOf(args[0]);
  Arg x = args[0];
  int dim = 0;
  if (IsNone(args[2])) {
    x = call("flatten", {x});
    sizes = {NumelOf(sizes)};
  } else {
    FP_ASSIGN_OR_RETURN(dim, WrapDim(IntOf(args[2]), static_cast<int>(sizes.size())));
  }
  const Dim times = DimOf(args[1]);
  if (times.hint() < 0) return BadInput("", "repeated " + times.ToString() + " times", "at least 0");
  Sizes apart = sizes, wide, out = sizes;
  apart.insert(apart.begin() + dim + 1, Dim(1));
  wide = apart;
  wide[dim + 1] = times;
  out[dim] = sizes[dim] * times;
  const ValueRef expanded = call("expand", {call("reshape", {x, apart}), wide});
  return call.Return(call("contiguous", {call("reshape", {expanded, out})}));
}

Values Meshgrid(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const ValueList& list = std::get<ValueList>(args[0]);
  const std::string indexing = IsNone(args[1]) ? "ij" : std::get<std::string>(args[1]);
  if (indexing != "ij" && indexing != "xy") return BadInput("argument 'indexing'", "'" + indexing + "'", "'ij' or 'xy'");
  const int rank = static_cast<int>(list.size());
  // 'xy' exchanges the first two dimensions.
  const auto place = [&](int i) { return indexing == "xy" && rank > 1 && i < 2 ? 1 - i : i; };
  Sizes full(rank);
  for (int i = 0; i < rank; i++) {
    const Sizes sizes = call.SizesOf(ValueRef{list[i]});
    if (sizes.size() > 1) return BadInput("", "a tensor of sizes " + ToString(sizes), "at most one dimension");
    full[place(i)] = NumelOf(sizes);
  }
  std::vector<ValueId> out;
  for (int i = 0; i < rank; i++) {
    Sizes own(rank, Dim(1));
    own[place(i)] = full[place(i)];
    out.push_back(call("expand", {call("reshape", {ValueRef{list[i]}, own}), full}).id);
  }
  return call.Return(std::move(out));
}

Values BroadcastTensors(GraphBuilder& builder, Args args) {
  Calls call(builder);
  Sizes sizes;
  for (ValueId id : std::get<ValueList>(args[0])) {
    FP_ASSIGN_OR_RETURN(sizes, BroadcastSizes(sizes, call.SizesOf(ValueRef{id}), call.guards()));
  }
  std::vector<ValueId> out;
  for (ValueId id : std::get<ValueList>(args[0])) out.push_back(call("expand", {ValueRef{id}, sizes}).id);
  return call.Return(std::move(out));
}

}  // namespace

const OpDef op_expand = {
    .name = "expand",
    .torch = {"Tensor.expand"},
    .params = "Tensor self, int[] size, *, bool implicit=False",
    .shape = ExpandShape,
    .view = ExpandView,
    .inplace = false,
    .examples = {"f32[2,1,3], [2,4,3]", "f32[3], [2,-1]"},
    .doc = "dimensions of size 1 repeated, and new ones in front, without a copy",
};
const OpDef op_broadcast_to = {
    .name = "broadcast_to",
    .torch = {"torch.broadcast_to", "Tensor.broadcast_to"},
    .params = "Tensor self, int[] size",
    .decompose = BroadcastTo,
    .inplace = false,
    .examples = {"f32[3], [2,3]"},
    .doc = "expand",
};
const OpDef op_expand_as = {
    .name = "expand_as",
    .torch = {"Tensor.expand_as"},
    .params = "Tensor self, Tensor other",
    .decompose = ExpandAs,
    .inplace = false,
    .examples = {"f32[3], f32[2,3]"},
    .doc = "expanded to the other's sizes",
};
const OpDef op_broadcast_tensors = {
    .name = "broadcast_tensors",
    .torch = {"torch.broadcast_tensors"},
    .params = "Tensor[] tensors",
    .returns = "Tensor[]",
    .decompose = BroadcastTensors,
    .inplace = false,
    .doc = "all expanded to one size",
};
const OpDef op_repeat = {
    .name = "repeat",
    .torch = {"Tensor.repeat"},
    .params = "Tensor self, int[] repeats",
    .decompose = Repeat,
    .inplace = false,
    .examples = {"f32[2,3], [2,1,2]", "f32[3], [4]"},
    .doc = "copies side by side",
};
const OpDef op_tile = {
    .name = "tile",
    .torch = {"torch.tile", "Tensor.tile"},
    .params = "Tensor self, int[] dims",
    .decompose = Tile,
    .inplace = false,
    .examples = {"f32[2,3], [2]", "f32[2,3], [2,1,2]"},
    .doc = "copies side by side, dimensions aligned at the right",
};
const OpDef op_repeat_interleave = {
    .name = "repeat_interleave",
    .torch = {"torch.repeat_interleave", "Tensor.repeat_interleave"},
    .params = "Tensor self, int repeats, int? dim=None, *, int? output_size=None",
    .decompose = RepeatInterleave,
    .inplace = false,
    .examples = {"f32[2,3], 2", "f32[2,3], 3, 1"},
    .doc = "every element so many times in a row",
};
const OpDef op_meshgrid = {
    .name = "meshgrid",
    .torch = {"torch.meshgrid"},
    .params = "Tensor[] tensors, *, str? indexing=None",
    .returns = "Tensor[]",
    .decompose = Meshgrid,
    .inplace = false,
    .examples = {"[f32[3], f32[2]], indexing='ij'", "[f32[3], f32[2]], indexing='xy'"},
    .doc = "coordinates on a grid",
};

}  // namespace fusepack::ops
