// The f32 loop of every operator of pointwise.inc, compiled for each instruction set.
#pragma once

#include <string_view>

#include "kernels/base/cpu_features.h"
#include "kernels/tile/tile_program.h"

namespace fusepack {

// Null where the operator is never computed in f32. What the level has no compilation of its own for comes from the
// next lower one.
kernels::TileFunction FindTileFunction(std::string_view op, CpuLevel level);

// One compilation's table, ended by a null name. Plain data: nothing compiled for an instruction set that the machine
// may lack must be shared with (and then linked into) the rest of the program.
struct TileTableRow {
  const char* name;
  kernels::TileFunction function;
};
extern const TileTableRow kTileTableBaseline[], kTileTableAvx2[], kTileTableAvx512[];

}  // namespace fusepack
