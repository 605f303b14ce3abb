// Reduce: y[o] = f(x[o, 0], x[o, 1], ...), the last dimensions of a (permuted) tensor reduced to one number.
//
// Floating elements are reduced in double and rounded once, integers and bool in int64. NaN wins maxima and minima, the
// first of equals gives the index.
#pragma once

#include <cstdint>

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

enum class Reduction : uint8_t {
  kSum, kMean, kProd,
  kMax, kMin,        // CHECKs that there is an element
  kArgMax, kArgMin,  // the row-major number among the reduced
  kAny, kAll, kCountNonzero,
  kVariance,         // sum (x - mean)^2 / (n - parameter)
  kDeviation,        // its square root
  kNorm,             // (sum |x|^parameter)^(1/parameter); 0 counts, +-infinity are the extremes
  kLogSumExp,
};

// x: the first `kept` dimensions stay, the others are reduced; y: dense, x's first `kept` sizes.
void Reduce(Reduction reduction, double parameter, const TensorView& x, int kept, MutableTensorView y);

}  // namespace fusepack::kernels
