#define FP_POOL_SUFFIX Avx2
#include "kernels/nhwc/pool_taps.inc"
