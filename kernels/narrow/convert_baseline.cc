#define FP_CONVERT_SUFFIX Baseline
#include "kernels/narrow/convert_loops.inc"
