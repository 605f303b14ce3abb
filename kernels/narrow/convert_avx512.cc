#define FP_CONVERT_SUFFIX Avx512
#include "kernels/narrow/convert_loops.inc"
