// Operations along one dimension that keep it: running sums and products, sorting. Rows are independent.
#pragma once

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

// y[i] = x[0] + ... + x[i] (or the product) along `dim`. x, y: equal sizes; y dense. Computed in double or int64.
void Scan(bool product, const TensorView& x, int dim, MutableTensorView y);

// The first `count` of the stable order along `dim`: values (x's dtype) and indices (i64), both dense, x's sizes but
// for `count` at `dim`. NaN counts as larger than every number.
void SortAlong(const TensorView& x, int dim, bool descending, int64_t count, MutableTensorView values,
               MutableTensorView indices);

}  // namespace fusepack::kernels
