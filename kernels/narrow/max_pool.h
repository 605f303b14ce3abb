// Maximum pooling of codes, channels-last, as nhwc/pool.h has it for f32; problem.average is not looked at.
#pragma once

#include "kernels/narrow/convert.h"
#include "kernels/nhwc/pool.h"

namespace fusepack::kernels {

void MaxPoolCodes(const PoolProblem& problem, CpuLevel level, DType dtype, const void* x, void* y);

}  // namespace fusepack::kernels
