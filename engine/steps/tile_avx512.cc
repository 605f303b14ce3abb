#define FP_TILE_TABLE kTileTableAvx512
#define FP_TILE_NAMESPACE fusepack_tile_avx512
#include "engine/steps/tile_table.inc"
