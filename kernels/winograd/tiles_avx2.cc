#define FP_WINOGRAD_NAME kWinogradAvx2
#define FP_WINOGRAD_BYTES 32
#include "kernels/winograd/tiles.inc"
