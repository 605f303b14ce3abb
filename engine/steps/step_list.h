// The kernels of every operator, fastest first, the reference last. A line here and a maker in one of this folder's
// files is all that a new kernel needs.
#pragma once

#include <span>
#include <string_view>

#include "engine/step.h"
#include "kernels/narrow/coding.h"

namespace fusepack {

struct StepMaker {
  std::string_view name;
  MakeStep make;
};

// By operator name; "fused" for groups. Never empty.
std::span<const StepMaker> StepMakers(const OpDef& op);

Result<std::unique_ptr<Step>> MakeWinograd(const StepCall& call);     // conv2d 3x3, alone or first in a region
Result<std::unique_ptr<Step>> MakeConvolution(const StepCall& call);  // conv1d-3d, alone or first in a region
Result<std::unique_ptr<Step>> MakeLinear(const StepCall& call);       // linear, alone or first in a region
Result<std::unique_ptr<Step>> MakeMatMul(const StepCall& call);
Result<std::unique_ptr<Step>> MakePool(const StepCall& call);         // max, average, adaptive average; channels-last
Result<std::unique_ptr<Step>> MakePointwise(const StepCall& call);    // one pointwise operator or a region of them
Result<std::unique_ptr<Step>> MakeCopy(const StepCall& call);         // reorder and what only moves elements
Result<std::unique_ptr<Step>> MakeCat(const StepCall& call);
// Regions over narrow storage (passes/narrow_storage.cc).
Result<std::unique_ptr<Step>> MakeTranscode(const StepCall& call);          // only a change of storage
Result<std::unique_ptr<Step>> MakeNarrowConvolution(const StepCall& call);
Result<std::unique_ptr<Step>> MakeNarrowLinear(const StepCall& call);
Result<std::unique_ptr<Step>> MakeNarrowMatMul(const StepCall& call);
Result<std::unique_ptr<Step>> MakeNarrowMaxPool(const StepCall& call);
Result<std::unique_ptr<Step>> MakeNarrowPointwise(const StepCall& call);
Result<std::unique_ptr<Step>> MakeWidened(const StepCall& call);            // the f32 step between conversions
// MakePointwise of f32 operands that are stored as `codings`, each the step's input of number outer[i].
Result<std::unique_ptr<Step>> MakeCodedPointwise(const StepCall& call, const std::vector<kernels::Coding>& codings,
                                                 const std::vector<int>& outer, const kernels::Coding& output);

Result<std::unique_ptr<Step>> MakeReference(const StepCall& call);    // EvalOp; any operator and any region

}  // namespace fusepack
