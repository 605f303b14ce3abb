#define FP_POOL_SUFFIX Baseline
#include "kernels/nhwc/pool_taps.inc"
