#define FP_POOL_SUFFIX Avx512
#define FP_POOL_BYTES 64
#include "kernels/nhwc/pool_taps.inc"
