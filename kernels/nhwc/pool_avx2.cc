#define FP_POOL_SUFFIX Avx2
#define FP_POOL_BYTES 32
#include "kernels/nhwc/pool_taps.inc"
