#define FP_TILE_TABLE kTileTableBaseline
#define FP_TILE_NAMESPACE fusepack_tile_baseline
#include "engine/steps/tile_table.inc"
