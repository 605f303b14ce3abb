// A convolution step's call understood: what every implementation needs to know before it says whether it can do it.
#pragma once

#include "engine/steps/region.h"
#include "kernels/onednn/convolution.h"

namespace fusepack {

struct ConvolutionCall {
  kernels::ConvolutionProblem problem;  // with its epilogues
  int x = -1, addend = -1;              // numbers of the step's inputs; addend -1 where nothing is added
  Tensor weight, bias;                  // dense f32; bias undefined where there is none
  double flops = 0;                     // the formula's, whatever the implementation does
  int64_t y_bytes = 0;

  const float* w() const { return weight.view().as<float>(); }
  const float* b() const { return bias.defined() ? bias.view().as<float>() : nullptr; }
};

// conv1d to conv3d, alone or first in a region: f32, constant weights, channels-last activations. Unsupported for others.
Result<ConvolutionCall> ReadConvolution(const StepCall& call);

}  // namespace fusepack
