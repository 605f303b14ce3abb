#include "kernels/conv/tile.h"

namespace fusepack::kernels {

const ConvTile kConvTileAvx2 = TileLoop<4, 2, 6>::kTile;

}  // namespace fusepack::kernels
