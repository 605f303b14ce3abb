#include "engine/ops/strided.h"

#include "kernels/layout/copy.h"

namespace fusepack {

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

constexpr int64_t kEndless = int64_t{1} << 40;  // an `end` that stands for "to the end" (sys.maxsize and its like)

// A slice bound brought into [0, size], as Python does; the answer holds for other sizes under the guards it leaves.
Dim ClampBound(const Dim& bound, const Dim& size, Guards& guards) {
  Dim at = bound;
  if (bound.hint() < 0) {
    if (!bound.is_constant()) guards.Decide(bound, Compare::kLt, 0);
    at = size + bound;
    return guards.Decide(at, Compare::kGe, 0) ? at : Dim(0);
  }
  if (!bound.is_constant()) guards.Decide(bound, Compare::kGe, 0);
  if (at.is(0)) return at;
  return guards.Decide(at, Compare::kLe, size) ? at : size;
}

}  // namespace

SliceRange ResolveSlice(const Dim& size, const Arg& start, const Arg& end, const Dim& step, Guards& guards) {
  Dim from = 0, to = size;
  if (auto* d = std::get_if<Dim>(&start)) from = ClampBound(*d, size, guards);
  if (auto* d = std::get_if<Dim>(&end); d && !(d->is_constant() && d->hint() >= kEndless)) to = ClampBound(*d, size, guards);
  if (!from.is(0) && !guards.Decide(from, Compare::kLe, to)) return {from, 0};
  return {from, CeilDiv(to - from, step)};
}

Status CopySelf(const EvalCall& call, std::span<Tensor> outputs) {
  kernels::CopyElements(call.tensor("self").view(), outputs[0].mutable_view());
  return OkStatus();
}

}  // namespace fusepack
