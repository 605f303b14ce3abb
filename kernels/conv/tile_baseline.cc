#include "kernels/conv/tile.h"

namespace fusepack::kernels {

const ConvTile kConvTileBaseline = TileLoop<2, 2, 4>::kTile;

}  // namespace fusepack::kernels
