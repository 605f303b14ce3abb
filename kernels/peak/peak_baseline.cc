#define FP_PEAK_LOOP PeakLoopBaseline
#define FP_PEAK_BYTES 16
#include "kernels/peak/peak_loop.inc"
