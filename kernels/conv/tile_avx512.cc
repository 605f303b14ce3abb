#include "kernels/conv/tile.h"

namespace fusepack::kernels {

const ConvTile kConvTileAvx512 = TileLoop<8, 2, 8>::kTile;
// For groups of up to 8 output channels, where half of the wide tile would be padding.
const ConvTile kConvTileAvx512Narrow = TileLoop<8, 1, 8>::kTile;

}  // namespace fusepack::kernels
