// Dimensions in another order. All of them are `permute` in the graph.
#include <algorithm>
#include <numeric>

#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Result<Specs> PermuteShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> order, WrapDims(call.integers("dims"), static_cast<int>(x.sizes.size()), false));
  if (order.size() != x.sizes.size()) {
    return BadInput("", std::to_string(order.size()) + " dimensions for a tensor of " + std::to_string(x.sizes.size()),
                    "each dimension once");
  }
  Sizes sizes;
  for (int d : order) sizes.push_back(x.sizes[d]);
  return Specs{{x.dtype, std::move(sizes)}};
}

Result<Tensor> PermuteView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const std::vector<int> order, WrapDims(call.integers("dims"), x.rank(), false));
  Dims sizes, strides;
  for (int d : order) {
    sizes.push_back(x.sizes()[d]);
    strides.push_back(x.strides()[d]);
  }
  return x.AsStrided(sizes, strides, x.offset());
}

int RankOf(Calls& call, const Arg& x) { return static_cast<int>(call.SizesOf(x).size()); }

Values Permute(Calls& call, const Arg& x, const std::vector<int>& order) {
  Sizes dims(order.begin(), order.end());
  return call.Return(call("permute", {x, dims}));
}

std::vector<int> InOrder(int rank) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Values Transpose(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const int rank = RankOf(call, args[0]);
  FP_ASSIGN_OR_RETURN(const int a, WrapDim(IntOf(args[1]), rank));
  FP_ASSIGN_OR_RETURN(const int b, WrapDim(IntOf(args[2]), rank));
  std::vector<int> order = InOrder(rank);
  if (rank > 0) std::swap(order[a], order[b]);
  return Permute(call, args[0], order);
}

Values Reversed(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const int rank = RankOf(call, args[0]);
  if (rank > 2) return BadInput("", "a tensor of " + std::to_string(rank) + " dimensions", "at most 2");
  std::vector<int> order = InOrder(rank);
  std::reverse(order.begin(), order.end());
  return Permute(call, args[0], order);
}

Values LastTwo(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const int rank = RankOf(call, args[0]);
  if (rank < 2) return BadInput("", "a tensor of " + std::to_string(rank) + " dimensions", "at least 2");
  std::vector<int> order = InOrder(rank);
  std::swap(order[rank - 1], order[rank - 2]);
  return Permute(call, args[0], order);
}

Values Movedim(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const int rank = RankOf(call, args[0]);
  FP_ASSIGN_OR_RETURN(const std::vector<int> from, WrapDims(IntsOf(args[1]), rank, false));
  FP_ASSIGN_OR_RETURN(const std::vector<int> to, WrapDims(IntsOf(args[2]), rank, false));
  if (from.size() != to.size()) return BadInput("", "source and destination of different lengths", "equal lengths");
  std::vector<int> order(rank, -1);
  std::vector<bool> moved(rank, false);
  for (size_t i = 0; i < from.size(); i++) {
    order[to[i]] = from[i];
    moved[from[i]] = true;
  }
  int next = 0;
  for (int d = 0; d < rank; d++) {
    if (moved[d]) continue;
    while (order[next] >= 0) next++;
    order[next] = d;
  }
  return Permute(call, args[0], order);
}

}  // namespace

const OpDef op_permute = {
    .name = "permute",
    .torch = {"torch.permute", "Tensor.permute"},
    .params = "Tensor self, int[] dims",
    .shape = PermuteShape,
    .view = PermuteView,
    .inplace = false,
    .examples = {"f32[2,3,4], [2,0,1]", "f32[2,3], [-1,0]"},
    .doc = "the dimensions in another order",
};
const OpDef op_transpose = {
    .name = "transpose",
    .torch = {"torch.transpose", "Tensor.transpose", "torch.swapdims", "Tensor.swapdims"},
    .params = "Tensor self, int dim0, int dim1",
    .decompose = Transpose,
    .examples = {"f32[2,3,4], 0, 2", "f32[2,3,4], -1, -2"},
    .doc = "two dimensions exchanged",
};
const OpDef op_swapaxes = {
    .name = "swapaxes",
    .torch = {"torch.swapaxes", "Tensor.swapaxes"},
    .params = "Tensor self, int axis0, int axis1",
    .decompose = Transpose,
    .examples = {"f32[2,3,4], 0, 2"},
    .doc = "two dimensions exchanged",
};
const OpDef op_t = {
    .name = "t",
    .torch = {"torch.t", "Tensor.t", "Tensor.T"},
    .params = "Tensor self",
    .decompose = Reversed,
    .examples = {"f32[2,3]", "f32[3]"},
    .doc = "the transposed matrix",
};
const OpDef op_mT = {
    .name = "mT",
    .torch = {"Tensor.mT"},
    .params = "Tensor self",
    .decompose = LastTwo,
    .inplace = false,
    .doc = "the last two dimensions exchanged",
};
const OpDef op_movedim = {
    .name = "movedim",
    .torch = {"torch.movedim", "Tensor.movedim", "torch.moveaxis", "Tensor.moveaxis"},
    .params = "Tensor self, int[1] source, int[1] destination",
    .decompose = Movedim,
    .inplace = false,
    .examples = {"f32[2,3,4], 0, 2", "f32[2,3,4], [0,1], [-1,0]"},
    .doc = "dimensions moved to other places, the rest kept in order",
};

}  // namespace fusepack::ops
