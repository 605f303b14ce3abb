// What view operators share on real tensors.
#pragma once

#include "engine/ops/op.h"

namespace fusepack {

// Strides under which `x` shows `sizes` (of the same number of elements) without a copy; false where there are none.
bool ViewStrides(const Tensor& x, const Dims& sizes, Dims* strides);

// [start, end) with `step` of a dimension of `size`, as Python's slices clamp them. step > 0.
struct SliceRange {
  Dim start, length;
};
SliceRange ResolveSlice(const Dim& size, const Arg& start, const Arg& end, const Dim& step, Guards& guards);

// EvalFn of operators that give a dense copy of their first argument, `self`.
Status CopySelf(const EvalCall& call, std::span<Tensor> outputs);

}  // namespace fusepack
