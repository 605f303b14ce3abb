// The definitions that table.inc lists, for table.cc and for the files that define them.
#pragma once

#include "engine/ops/op.h"

namespace fusepack::ops {

#define OP(name) extern const OpDef op_##name;
#include "engine/ops/table.inc"
#undef OP

}  // namespace fusepack::ops
