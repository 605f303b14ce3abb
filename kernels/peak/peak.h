// PeakGflops: what this machine's f32 multiply-add units do at best, measured: the denominator of every peak fraction.
#pragma once

#include "kernels/base/cpu_features.h"

namespace fusepack::kernels {

// Runs independent multiply-adds in registers on `threads` threads (0: all) for about `seconds`; the sum of
// each thread's best stretch. GFLOP/s, a multiply-add counting as two.
double PeakGflops(CpuLevel level, int threads, double seconds = 0.05);

// One stretch: `rounds` * kPeakUnroll * 12 vector multiply-adds; the result keeps the compiler honest.
inline constexpr long kPeakUnroll = 8;
float PeakLoopBaseline(long rounds);
float PeakLoopAvx2(long rounds);
float PeakLoopAvx512(long rounds);

}  // namespace fusepack::kernels
