#define FP_WINOGRAD_NAME kWinogradAvx512
#define FP_WINOGRAD_BYTES 64
#include "kernels/winograd/tiles.inc"
