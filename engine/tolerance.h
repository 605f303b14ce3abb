// DeriveTolerance: how far a mode's outputs may be from the reference's, from the mode's own rounding and from what the
// model makes of it.
//
// One rule for every mode but fp32 (whose 2e-5 is the same thing for a mode without roundings of its own: some ten f32 sums of
// a relative error of 1e-6 to 3e-6 each). A step's result y, as the fp32 plan computes it, is disturbed by what the mode may
// do to it; xi and eta are drawn uniformly from [-1,1] for every element:
//
//   fp32-split   y + 2e-5 * max|y| * xi                 convolutions and products: the mode's stated bound
//   bf16         y * (1 + u * xi) + u * rms(y) * eta    u = 2^-8, the unit roundoff: y is rounded once; so was each weight,
//                                                       and independent relative errors u of the terms of a sum of many
//                                                       move it by at most u times the root of their squares' sum, which over
//                                                       a tensor is rms(y)
//   int8         y + q/2 * xi + 4/254 * rms(y) * eta    q = max|y| / 255 (/ 127 where y has negative numbers), the quantum;
//                                                       weights are rounded to 1/127 of their row's largest, half of which
//                                                       is an error of up to 1/254 of it, and a row's largest weight is about
//                                                       4 times their root mean square
//
// and what reaches the outputs, as a share of the largest, is the measured propagation. kRuns such runs are made from fixed
// seeds; the tolerance is kMargin times the largest deviation seen, since it is an extreme of few samples, and never below
// fp32's. Nothing here looks at the mode's own kernels, so a wrong kernel cannot widen its tolerance.
#pragma once

#include <span>

#include "engine/compare.h"
#include "engine/run.h"

namespace fusepack {

inline constexpr int kToleranceRuns = 4;
inline constexpr double kToleranceMargin = 2;

Result<Tolerance> DeriveTolerance(const Graph& graph, const Target& target, std::span<const Tensor> inputs);

}  // namespace fusepack
