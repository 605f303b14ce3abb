// Profile: where a plan's time goes, as data; the command prints it.
#pragma once

#include <string>
#include <vector>

#include "engine/run.h"

namespace fusepack {

struct StepProfile {
  std::string nodes;                 // "conv2d_add_relu"
  std::string scope, where;          // "layer1.0.conv2", "torchvision/models/resnet.py:92:15"
  std::string kernel;                // "convolution brgconv:avx512_core"
  std::string output;                // "f32[1,64,56,56]@nhwc"
  double seconds = 0;                // median over the runs
  double start_seconds = 0;          // in a run made of the medians
  double flops = 0;                  // of convolutions and products; 0 elsewhere
  int64_t bytes = 0;                 // read and written, packed weights included
};

struct PlanProfile {
  std::vector<StepProfile> steps;
  int runs = 0;
  double seconds = 0;                // the sum of the steps' medians
  double compile_seconds = 0;
  int64_t arena_bytes = 0, unshared_bytes = 0, packed_bytes = 0;
};

// Runs the plan for about `seconds`, at least three times.
Result<PlanProfile> ProfilePlan(const Plan& plan, std::span<const Tensor> inputs, double seconds = 1);

}  // namespace fusepack
