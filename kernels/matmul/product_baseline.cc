#include "kernels/matmul/product_tile.h"

namespace fusepack::kernels {

const ProductTile kProductTileBaseline = ProductLoop<2, 2, 4>::kTile;

}  // namespace fusepack::kernels
