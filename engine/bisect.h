// Bisect: which part of a compiled model is wrong.
//
// BisectPlan answers for kernels: the plan runs once, and at every step's border its result is compared with the float64
// reference of the same nodes on the same inputs, so that errors do not travel. BisectCase answers for the package too:
// where the stored trace of the case departs from the reference on the package's constants, a constant was changed.
#pragma once

#include <string>
#include <vector>

#include "engine/case_trace.h"
#include "engine/compare.h"
#include "engine/run.h"

namespace fusepack {

struct StepReport {
  std::string nodes, scope, where;  // "conv2d_add_relu", "layer1.0.conv2", "torchvision/models/resnet.py:92:15"
  std::string kernel;               // "convolution brgconv:avx512_core"
  Comparison comparison;            // of the output with the largest relative error
};

// Each step's own error bound in every mode: kStepTolerance of the step's largest output, the bound of fp32-split's
// operators, for what it computes; then its result is rounded to the form in which it is stored, bf16 by up to 2^-8 of it, a
// code to the nearest integer or, where the exact number lies between two, the other one.
inline constexpr double kStepTolerance = 2e-5;
Tolerance StepTolerance(DType stored);

Result<std::vector<StepReport>> BisectPlan(const Plan& plan, std::span<const Tensor> inputs);

struct Culprit {
  enum class Kind { kNone, kKernel, kConstant };
  Kind kind = Kind::kNone;
  std::string op, scope, where;
  std::vector<std::string> constants;  // names of the constants that the operator reads
  std::string detail;
  // "first difference: conv2d of layer2.0.conv1 at torchvision/models/resnet.py:92:15: ..."
  std::string ToString() const;
};

// `trace` may be null: then only kernels are compared.
Result<Culprit> BisectCase(const Graph& graph, const Target& target, std::span<const Tensor> inputs, const CaseTrace* trace);

// FUSEPACK_DEBUG=6: a line a step.
Status DebugCompareSteps(const Plan& plan, std::span<const Tensor> inputs);

}  // namespace fusepack
