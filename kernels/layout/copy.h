// CopyElements: to[i] = from[i], the one strided copy. Sizes are equal, strides any (also zero or negative in `from`),
// elements converted as Tensor.to does where dtypes differ (complex: dtypes must be equal).
#pragma once

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

void CopyElements(const TensorView& from, const MutableTensorView& to);

// The part [start, start + length) of one dimension.
MutableTensorView Narrow(MutableTensorView view, int dim, int64_t start, int64_t length);
TensorView Narrow(TensorView view, int dim, int64_t start, int64_t length);

}  // namespace fusepack::kernels
