#define FP_POOL_SUFFIX Avx512
#include "kernels/nhwc/pool_taps.inc"
