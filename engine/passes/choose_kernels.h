// ChooseKernels: a step for every node that is not a view, the first of its operator's list (engine/steps/step_list.h)
// that takes the node's sizes, dtypes and strides. Packs weights.
#pragma once

#include "engine/plan.h"

namespace fusepack {

Status ChooseKernels(Plan& plan);

// "conv2d_relu x:f32[1,3,224,224]@nhwc ... -> f32[...] convolution brgconv:avx512_core 236.0 MFLOP": a line a step.
std::string KernelLine(const Plan& plan, const PlannedStep& step);

}  // namespace fusepack
