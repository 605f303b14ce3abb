// reshape and its kin: the same elements in row-major order under other sizes.
//
// One size may be -1: it is what remains of the number of elements. As a view, strides for the new sizes exist where
// every group of old dimensions that a new one is cut from lies as one run in memory; else the elements are copied.
#include "engine/ops/shapes.h"
#include "engine/ops/table.h"

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

}  // namespace

// Strides under which `x` shows `sizes` without a copy; false where there are none.
bool ViewStrides(const Tensor& x, const Dims& sizes, Dims* strides) {
  *strides = ContiguousStrides(sizes);
  if (x.numel() == 0 || x.contiguous()) return true;
  int to = sizes.size() - 1;
  int64_t filled = 1, run = 1;
  // Walk old dimensions from the right in runs of memory; each run must be covered exactly by new dimensions.
  int64_t base = x.rank() ? x.strides()[x.rank() - 1] : 1;
  for (int from = x.rank() - 1; from >= 0; from--) {
    run *= x.sizes()[from];
    if (from > 0 && (x.sizes()[from - 1] == 1 || x.strides()[from - 1] == run * base)) continue;
    while (to >= 0 && (filled < run || sizes[to] == 1)) {
      (*strides)[to] = filled * base;
      filled *= sizes[to];
      to--;
    }
    if (filled != run) return false;
    if (from > 0) {
      base = x.strides()[from - 1];
      run = filled = 1;
    }
  }
  return to < 0;
}

namespace {

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

Status CopyEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(Tensor copy, call.tensor("self").Clone());
  outputs[0] = copy.AsStrided(outputs[0].sizes(), outputs[0].strides(), 0);
  return OkStatus();
}

}  // namespace

const OpDef op_reshape = {
    .name = "reshape",
    .torch = {"torch.reshape", "Tensor.reshape"},
    .params = "Tensor self, int[] shape",
    .shape = ReshapeShape,
    .eval = CopyEval,
    .view = ReshapeView,
    .inplace = false,
    .examples = {"f32[2,6], [3,4]", "f32[2,6], [-1,3]"},
    .doc = "the same elements in row-major order under other sizes; one size may be -1",
};

}  // namespace fusepack::ops
