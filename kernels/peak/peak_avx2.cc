#define FP_PEAK_LOOP PeakLoopAvx2
#define FP_PEAK_BYTES 32
#include "kernels/peak/peak_loop.inc"
