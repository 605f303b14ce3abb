// Reading and writing at computed places. Element types are only moved (accumulation: real types), indices are int64,
// dense, and have been checked to lie in range.
//
//   CopyIndexed: to[o, j, i] = from[outer[o] + places[j] + inner[i]]   (element offsets)
//   ScatterIndexed is its inverse: to[outer[o] + places[j] + inner[i]] = or += from[o, j, i]
//   GatherAlong: out[.., i, ..] = x[.., index[.., i, ..], ..]
//   ScatterAlong: out[.., index[.., i, ..], ..] = or += src[.., i, ..], in row-major order of index
#pragma once

#include <span>

#include "kernels/base/tensor_view.h"

namespace fusepack::kernels {

void CopyIndexed(const TensorView& from, std::span<const int64_t> outer, std::span<const int64_t> places,
                 std::span<const int64_t> inner, MutableTensorView to);
void ScatterIndexed(const TensorView& from, std::span<const int64_t> outer, std::span<const int64_t> places,
                    std::span<const int64_t> inner, bool accumulate, MutableTensorView to);

void GatherAlong(const TensorView& x, int dim, const TensorView& index, MutableTensorView out);
// src: at least index's sizes, of out's dtype.
void ScatterAlong(const TensorView& index, const TensorView& src, int dim, bool accumulate, MutableTensorView out);

}  // namespace fusepack::kernels
