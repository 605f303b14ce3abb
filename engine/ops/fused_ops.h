// The operators that only the engine's passes make; no model can name them.
//
//   fused(Tensor[] inputs)    runs the node's region: a Graph whose inputs are `inputs` and whose outputs are its own
//   reorder(Tensor input)     the same elements under the output value's strides
//   encode(Tensor input, ScalarType dtype, float scale=1.0)
//                             f32 numbers as they are stored: bf16, rounded to nearest even; u8 or i8, the nearest
//                             integer (ties to even) to input / scale, clamped to [0,255] or [-127,127], NaN as 0
//   decode(Tensor input, float scale=1.0, Tensor? scales=None)
//                             back to f32: input * scale * scales, scales broadcast as usual
#pragma once

#include <string_view>

#include "engine/ops/op.h"

namespace fusepack {

const OpDef& FusedOp();
const OpDef& ReorderOp();
const OpDef& EncodeOp();
const OpDef& DecodeOp();

// FindOp, and those above.
const OpDef* FindGraphOp(std::string_view name);

}  // namespace fusepack
