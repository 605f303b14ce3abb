#define FP_TILE_TABLE kTileTableAvx2
#define FP_TILE_NAMESPACE fusepack_tile_avx2
#include "engine/steps/tile_table.inc"
