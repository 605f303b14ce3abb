#define FP_PEAK_LOOP PeakLoopAvx512
#define FP_PEAK_BYTES 64
#include "kernels/peak/peak_loop.inc"
