// Calibrate: the range of every value that int8 may store, from what the fp32 plan computes for given inputs; and what
// int8 storage does to each layer.
//
// Both run plans and may be called from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run.h"

namespace fusepack {

// How much of a value's tails to clamp, judged by a histogram of magnitudes over all inputs:
//   minmax      nothing
//   percentile  what is above 99.99 % of the magnitudes
//   mse         so much that the mean square of clamping and rounding error is least
//   entropy     so much that the quantised histogram has the least relative entropy (Kullback-Leibler) to the true one
enum class CalibrationMethod { kMinMax, kPercentile, kMse, kEntropy };

inline constexpr std::string_view kCalibrationMethods[] = {"minmax", "percentile", "mse", "entropy"};
std::optional<CalibrationMethod> CalibrationMethodFromName(std::string_view name);

// samples: the graph's inputs, once for each sample. kBadInput where a value is not finite.
Result<Ranges> Calibrate(const Graph& graph, std::span<const std::vector<Tensor>> samples, CalibrationMethod method);

struct LayerError {
  std::string nodes, scope, stored;  // "conv2d_add_relu", "layer1.0.conv2", "u8 * 0.0123"
  double cosine = 1;                 // between int8's result and fp32's
  double max_error = 0;              // of the largest fp32 number
};

// The steps that both plans have in common, in order. target.ranges must be there; its precision is what is compared.
Result<std::vector<LayerError>> CompareLayers(const Graph& graph, const Target& target, std::span<const Tensor> inputs);

}  // namespace fusepack
