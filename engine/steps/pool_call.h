// A pooling step's call understood: max_pool2d, avg_pool2d, adaptive_avg_pool2d, mean over the image; channels-last f32.
#pragma once

#include "engine/steps/region.h"
#include "kernels/nhwc/pool.h"

namespace fusepack {

Result<kernels::PoolProblem> ReadPool(const StepCall& call);

}  // namespace fusepack
