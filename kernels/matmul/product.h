// Product: the reference matrix product, computed in double (integers in int64) and rounded once.
//
//   c[b,m,n] = bias[n] + sum_k a[b,m,k] * w[b,k,n]
//
// a: [B,M,K], w: [B,K,N], any real dtype and strides (a batch stride of 0 repeats); bias: [N] or nullptr;
// c: [B,M,N], dense. Runs on all threads of ParallelFor; scratch memory is its own.
#pragma once

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

void Product(const TensorView& a, const TensorView& w, const TensorView* bias, MutableTensorView c);

}  // namespace fusepack::kernels
