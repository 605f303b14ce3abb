// Tensors joined along a dimension.
#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/layout/copy.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

// PyTorch lets a 1-d tensor of size 0 stand among tensors of any rank; it adds nothing.
template <typename SizesType>
bool IsNothing(const SizesType& sizes) {
  return sizes.size() == 1 && Dim(sizes[0]).is(0);
}

Result<Specs> CatShape(const ShapeCall& call) {
  const std::vector<const TensorSpec*> list = call.tensor_list("tensors");
  if (list.empty()) return BadInput("", "an empty list", "at least one tensor");
  Promotion promotion;
  const TensorSpec* first = nullptr;
  for (const TensorSpec* t : list) {
    promotion.AddTensor(t->dtype, static_cast<int>(t->sizes.size()));
    if (t->sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
    if (first == nullptr && !IsNothing(t->sizes)) first = t;
  }
  if (first == nullptr) return Specs{{promotion.Result(), {Dim(0)}}};
  const int rank = static_cast<int>(first->sizes.size());
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), rank));
  Sizes sizes = first->sizes;
  sizes[dim] = 0;
  for (const TensorSpec* t : list) {
    if (IsNothing(t->sizes)) continue;
    bool fits = static_cast<int>(t->sizes.size()) == rank;
    for (int d = 0; fits && d < rank; d++) {
      if (d == dim) continue;
      fits = call.guards.Equal(sizes[d], t->sizes[d]);
      if (t->sizes[d].is_constant()) sizes[d] = t->sizes[d];
    }
    if (!fits) {
      return BadInput("", "sizes " + ToString(first->sizes) + " and " + ToString(t->sizes),
                      "equal sizes except in dimension " + std::to_string(dim));
    }
    sizes[dim] = sizes[dim] + t->sizes[dim];
  }
  return Specs{{promotion.Result(), std::move(sizes)}};
}

Status CatEval(const EvalCall& call, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), out.rank()));
  int64_t start = 0;
  for (const Tensor* t : call.tensor_list("tensors")) {
    if (IsNothing(t->sizes())) continue;
    const int64_t length = t->sizes()[dim];
    kernels::CopyElements(t->view(), kernels::Narrow(out.mutable_view(), dim, start, length));
    start += length;
  }
  return OkStatus();
}

Values Stack(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const ValueList& list = std::get<ValueList>(args[0]);
  if (list.empty()) return BadInput("", "an empty list", "at least one tensor");
  const Sizes first = call.SizesOf(ValueRef{list[0]});
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[1]), static_cast<int>(first.size()) + 1));
  ValueList raised;
  for (ValueId id : list) {
    if (call.SizesOf(ValueRef{id}).size() != first.size()) {
      return BadInput("", "sizes " + ToString(first) + " and " + ToString(call.SizesOf(ValueRef{id})), "equal sizes");
    }
    raised.push_back(call("unsqueeze", {ValueRef{id}, Dim(dim)}).id);
  }
  return call.Return(call("cat", {raised, Dim(dim)}));
}

// hstack and vstack: dimensions are added until there are 1 (or 2), then joined along 0 for 1-d tensors, else 1 (or 0).
Values HStack(GraphBuilder& builder, Args args) {
  Calls call(builder);
  ValueList list = std::get<ValueList>(args[0]);
  int64_t dim = 1;
  for (ValueId& id : list) {
    const size_t rank = call.SizesOf(ValueRef{id}).size();
    if (rank <= 1) dim = 0;
    if (rank == 0) id = call("reshape", {ValueRef{id}, Sizes{1}}).id;
  }
  return call.Return(call("cat", {list, Dim(dim)}));
}

Values VStack(GraphBuilder& builder, Args args) {
  Calls call(builder);
  ValueList list = std::get<ValueList>(args[0]);
  for (ValueId& id : list) {
    const Sizes sizes = call.SizesOf(ValueRef{id});
    if (sizes.size() < 2) id = call("reshape", {ValueRef{id}, Sizes{1, NumelOf(sizes)}}).id;
  }
  return call.Return(call("cat", {list, Dim(0)}));
}

}  // namespace

const OpDef op_cat = {
    .name = "cat",
    .torch = {"torch.cat", "torch.concat", "torch.concatenate"},
    .params = "Tensor[] tensors, int dim=0",
    .shape = CatShape,
    .eval = CatEval,
    .inplace = false,
    .examples = {"[f32[2,3], f32[1,3]]", "[f32[2,3], f32[2,1], f32[2,2]], 1", "[f32[2], i64[3]], -1"},
    .doc = "tensors joined along an existing dimension",
};
const OpDef op_stack = {
    .name = "stack",
    .torch = {"torch.stack"},
    .params = "Tensor[] tensors, int dim=0",
    .decompose = Stack,
    .inplace = false,
    .examples = {"[f32[2,3], f32[2,3]]", "[f32[2,3], f32[2,3]], -1"},
    .doc = "tensors joined along a new dimension",
};
const OpDef op_hstack = {
    .name = "hstack",
    .torch = {"torch.hstack"},
    .params = "Tensor[] tensors",
    .decompose = HStack,
    .inplace = false,
    .examples = {"[f32[2,3], f32[2,1]]", "[f32[2], f32[3]]"},
    .doc = "tensors joined side by side",
};
const OpDef op_vstack = {
    .name = "vstack",
    .torch = {"torch.vstack"},
    .params = "Tensor[] tensors",
    .decompose = VStack,
    .inplace = false,
    .examples = {"[f32[2,3], f32[1,3]]", "[f32[3], f32[3]]"},
    .doc = "tensors joined one below the other",
};

}  // namespace fusepack::ops
