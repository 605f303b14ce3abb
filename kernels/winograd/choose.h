// Which form of a 3x3 convolution at stride 1 is fastest among those that are accurate enough.
#pragma once

#include "kernels/base/cpu_features.h"
#include "kernels/winograd/winograd.h"

namespace fusepack::kernels {

// The largest m whose rounding error, measured against double, is not above that of the direct form (choose.cc has the
// figures); 0 where none is. split: up to 2e-5 of the largest output is allowed, which every m keeps.
int AccurateWinograd(int64_t channels, bool split);

// m of Winograd::Create, or 0 where the direct form is faster. A model of compute and weight traffic, no measurement.
int ChooseWinograd(const WinogradProblem& problem, CpuLevel level, int threads, bool split);

}  // namespace fusepack::kernels
