// Three features a tensor: log of its root mean square (times the square root of the fan-in, which is what initialisers
// and training keep about equal between layers), mean over root mean square, and log of the largest element over root
// mean square. Deviations are from the group's median, in units of 1.4826 times the median absolute deviation (the
// standard deviation of normal data) but at least a floor, since small groups of like tensors have none.
#include "engine/suspects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "engine/ops/op.h"

namespace fusepack {
namespace {

constexpr int kFeatures = 3;
constexpr const char* kFeatureNames[kFeatures] = {"scale", "mean", "largest element"};
constexpr double kFloors[kFeatures] = {0.25, 0.05, 0.25};
constexpr double kLogOfZero = -50;  // of tensors that are all zero

struct Candidate {
  Suspect suspect;
  std::array<double, kFeatures> features;
};

Result<std::array<double, kFeatures>> FeaturesOf(const Tensor& tensor) {
  FP_ASSIGN_OR_RETURN(Tensor dense, tensor.To(DType::kF64));
  FP_ASSIGN_OR_RETURN(dense, dense.Contiguous());
  const double* x = dense.view().as<double>();
  const int64_t n = dense.numel();
  double sum = 0, squares = 0, largest = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!std::isfinite(x[i])) return std::array<double, kFeatures>{kLogOfZero * -2, 0, 0};  // stands out by itself
    sum += x[i];
    squares += x[i] * x[i];
    largest = std::max(largest, std::fabs(x[i]));
  }
  const double rms = std::sqrt(squares / static_cast<double>(n));
  if (rms == 0) return std::array<double, kFeatures>{kLogOfZero, 0, 0};
  const double fan_in = tensor.rank() >= 2 ? static_cast<double>(n / tensor.sizes()[0]) : 1;
  return std::array<double, kFeatures>{std::log(rms * std::sqrt(fan_in)), sum / static_cast<double>(n) / rms, std::log(largest / rms)};
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Gives each candidate of a group the feature by which it deviates most.
void Judge(std::vector<Candidate>& group) {
  for (int f = 0; f < kFeatures; f++) {
    std::vector<double> values, distances;
    for (const Candidate& c : group) values.push_back(c.features[f]);
    const double median = Median(values);
    for (double v : values) distances.push_back(std::fabs(v - median));
    const double unit = std::max(1.4826 * Median(distances), kFloors[f]);
    for (size_t i = 0; i < group.size(); i++) {
      if (distances[i] / unit <= group[i].suspect.deviation) continue;
      group[i].suspect.deviation = distances[i] / unit;
      group[i].suspect.feature = kFeatureNames[f];
    }
  }
}

}  // namespace

std::string Suspect::ToString() const {
  char number[32];
  std::snprintf(number, sizeof number, "%.1f", deviation);
  return op + (scope.empty() ? "" : " of " + scope) + (where.empty() ? "" : " at " + where) + " uses " + constant + ", whose " +
         feature + " is " + number + " deviations from its peers'";
}

Result<std::vector<Suspect>> RankSuspects(const Graph& graph, size_t count) {
  std::map<std::string, std::vector<Candidate>> groups;
  for (const Node& node : graph.nodes) {
    if (node.op == nullptr) continue;
    const auto& params = node.op->schema().params();
    for (size_t i = 0; i < node.args.size() && i < params.size(); i++) {
      const auto* ref = std::get_if<ValueRef>(&node.args[i]);
      const auto constant = ref == nullptr ? graph.constants.end() : graph.constants.find(ref->id);
      if (constant == graph.constants.end() || !IsFloating(constant->second.dtype()) || constant->second.numel() < 2) continue;
      const bool weight = constant->second.rank() >= 2;
      FP_ASSIGN_OR_RETURN(auto features, FeaturesOf(constant->second));
      const std::string group = weight ? "weights" : std::string(node.op->name) + "." + params[i].name;
      groups[group].push_back({{graph.value(ref->id).name, std::string(node.op->name), node.scope, node.where, "", 0}, features});
    }
  }
  std::vector<Suspect> suspects;
  for (auto& [name, group] : groups) {
    if (group.size() <= kMinPeers) continue;
    Judge(group);
    for (Candidate& c : group) {
      if (c.suspect.deviation > 0) suspects.push_back(std::move(c.suspect));
    }
  }
  std::stable_sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) { return a.deviation > b.deviation; });
  if (suspects.size() > count) suspects.resize(count);
  return suspects;
}

}  // namespace fusepack
