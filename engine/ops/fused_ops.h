// The two operators that only the engine's passes make; no model can name them.
//
//   fused(Tensor[] inputs)    runs the node's region: a Graph whose inputs are `inputs` and whose outputs are its own
//   reorder(Tensor input)     the same elements under the output value's strides
#pragma once

#include <string_view>

#include "engine/ops/op.h"

namespace fusepack {

const OpDef& FusedOp();
const OpDef& ReorderOp();

// FindOp, and the two above.
const OpDef* FindGraphOp(std::string_view name);

}  // namespace fusepack
