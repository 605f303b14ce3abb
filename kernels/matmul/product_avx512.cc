#include "kernels/matmul/product_tile.h"

namespace fusepack::kernels {

const ProductTile kProductTileAvx512 = ProductLoop<8, 2, 12>::kTile;

}  // namespace fusepack::kernels
