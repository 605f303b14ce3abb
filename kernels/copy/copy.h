// Copy: y[i] = x[i] between any two strided views of one dtype and one list of sizes, on all threads.
#pragma once

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

// y must not overlap x.
void Copy(const TensorView& x, const MutableTensorView& y);

}  // namespace fusepack::kernels
