// Moving elements by one index table a dimension: padding in every mode, cropping, nearest-neighbour resampling.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

//   y[i0,i1,...] = x[t0[i0], t1[i1], ...], or *fill where any t is negative.
//
// x: any dtype (its bytes are moved), any strides; y: the same dtype, dense, y.sizes[d] = tables[d].size(). `fill`
// points at one element. Table entries are < x.sizes[d]. Uses ParallelFor.
void Pick(const TensorView& x, const std::vector<std::vector<int64_t>>& tables, const void* fill,
          const MutableTensorView& y);

}  // namespace fusepack::kernels
