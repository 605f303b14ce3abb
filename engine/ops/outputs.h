// What every call obeys, whatever its shape function lets through.
#pragma once

#include <span>

#include "engine/ops/op.h"

namespace fusepack {

// At most kMaxRank dimensions (kLimit), no size below 0 (kBadInput).
Status CheckOutputs(std::span<const TensorSpec> outputs);

// Complex elements are carried, never computed on: only views and copies take them (kBadInput).
Status CheckOperands(const OpDef& op, std::span<const TensorSpec> operands);

}  // namespace fusepack
