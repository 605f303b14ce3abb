#include "kernels/matmul/product_tile.h"

namespace fusepack::kernels {

const ProductTile kProductTileAvx2 = ProductLoop<4, 2, 6>::kTile;

}  // namespace fusepack::kernels
