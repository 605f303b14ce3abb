// Layouts are strides. The two that passes choose between: row-major, and channels-last (dimension 1 innermost and
// dense, PyTorch's channels_last: N,H,W,C in memory for sizes N,C,H,W), for ranks 3 to 5.
#pragma once

#include <optional>

#include "engine/graph/graph.h"

namespace fusepack {

// Strides of `sizes` with dimension 1 innermost; REQUIRES rank >= 2.
Dims ChannelsLastStrides(const Dims& sizes);
// True if the elements lie as ChannelsLastStrides has them (sizes of 1 may have any stride).
bool IsChannelsLast(const Dims& sizes, const Dims& strides);

// The strides of a value of constant sizes: its own, or row-major.
Dims StridesOf(const Value& value);
// False where sizes are not constant. A value that is row-major too (all but one size is 1) says true.
bool IsChannelsLast(const Value& value);
bool IsRowMajor(const Value& value);
void SetStrides(Value& value, const Dims& strides);  // empty where that is row-major

// What a view operator makes of its first argument's storage under that argument's strides: sizes, strides and the
// offset in elements from the argument's first one (the storage itself is a stand-in). Nothing where the result needs a
// copy, or where the operator is no view. REQUIRES constant sizes.
std::optional<Tensor> ViewOf(const Graph& graph, const Node& node);

}  // namespace fusepack
