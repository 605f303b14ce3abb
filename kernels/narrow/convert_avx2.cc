#define FP_CONVERT_SUFFIX Avx2
#include "kernels/narrow/convert_loops.inc"
