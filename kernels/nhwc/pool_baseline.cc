#define FP_POOL_SUFFIX Baseline
#define FP_POOL_BYTES 16
#include "kernels/nhwc/pool_taps.inc"
