// A linear step's call and a matrix product's understood, whatever kernel then computes them.
#pragma once

#include "engine/steps/region.h"
#include "kernels/onednn/linear.h"

namespace fusepack {

struct LinearCall {
  kernels::LinearProblem problem;  // with its epilogues
  int x = -1, addend = -1;         // numbers of the step's inputs; addend -1 where nothing is added
  Tensor weight, bias;             // f32; the bias dense, undefined where there is none
  double flops = 0;

  const float* w() const { return weight.view().as<float>(); }
  const float* b() const { return bias.defined() ? bias.view().as<float>() : nullptr; }
};

// linear, alone or first in a region: f32, constant weights, row-major activations.
Result<LinearCall> ReadLinear(const StepCall& call);

// A product of two computed f32 tensors of one rank.
Result<kernels::MatMulProblem> ReadMatMul(const StepCall& call);

}  // namespace fusepack
