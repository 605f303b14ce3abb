#include "engine/tolerance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/ops/op.h"
#include "kernels/base/elements.h"

namespace fusepack {
namespace {

constexpr double kSplitBound = 2e-5, kBf16Roundoff = 0x1p-8, kWeightNoise = 4.0 / 254;

// Uniform in [-1,1]: splitmix64 (Steele, Lea, Flood 2014).
class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(seed) {}
  float Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return static_cast<float>(static_cast<int32_t>(z >> 32)) * 0x1p-31f;
  }

 private:
  uint64_t state_;
};

class Disturber : public StepObserver {
 public:
  Disturber(const Plan& plan, Precision precision, uint64_t seed) : plan_(plan), precision_(precision), noise_(seed) {}

  Status After(size_t s, std::span<const TensorView>, std::span<const MutableTensorView> out) override {
    const PlannedStep& step = plan_.steps[s];
    const bool product = step.step->flops() > 0;
    // What moves elements or picks the largest rounds nothing.
    const std::string_view op = plan_.graph.nodes[step.node].op->name;
    if (step.kernel == "copy" || step.kernel == "cat" || op.starts_with("max_pool")) return OkStatus();
    if (precision_ == Precision::kFp32Split && !product) return OkStatus();
    for (const MutableTensorView& y : out) {
      if (y.dtype == DType::kF32) Disturb(y, product);
    }
    return OkStatus();
  }

 private:
  void Disturb(const MutableTensorView& view, bool product) {
    float* y = view.as<float>();
    double largest = 0, squares = 0;
    bool negative = false;
    ForEachOffset(view.sizes, view.strides, [&](int64_t at) {
      largest = std::max(largest, std::fabs(static_cast<double>(y[at])));
      squares += static_cast<double>(y[at]) * y[at];
      negative |= y[at] < 0;
    });
    const double rms = product ? std::sqrt(squares / static_cast<double>(std::max<int64_t>(1, view.numel()))) : 0;
    float relative = 0, absolute = 0, terms = 0;
    switch (precision_) {
      case Precision::kFp32: break;
      case Precision::kFp32Split: absolute = static_cast<float>(kSplitBound * largest); break;
      case Precision::kBf16:
        relative = static_cast<float>(kBf16Roundoff);
        terms = static_cast<float>(kBf16Roundoff * rms);
        break;
      case Precision::kInt8:
        absolute = static_cast<float>(largest / (negative ? 127 : 255) / 2);
        terms = static_cast<float>(kWeightNoise * rms);
        break;
    }
    ForEachOffset(view.sizes, view.strides, [&](int64_t at) {
      y[at] += (relative * y[at] + absolute) * noise_.Next() + (terms > 0 ? terms * noise_.Next() : 0);
    });
  }

  const Plan& plan_;
  const Precision precision_;
  Noise noise_;
};

}  // namespace

Result<Tolerance> DeriveTolerance(const Graph& graph, const Target& target, std::span<const Tensor> inputs) {
  Tolerance out = Fp32Tolerance();
  if (target.precision == Precision::kFp32) return out;
  Target exact = target;
  exact.precision = Precision::kFp32;
  FP_ASSIGN_OR_RETURN(const auto plan, Compile(graph, exact, SpecsOf(inputs)));
  FP_ASSIGN_OR_RETURN(const std::vector<Tensor> undisturbed, RunPlan(*plan, inputs));
  double worst = 0;
  for (int run = 0; run < kToleranceRuns; run++) {
    Disturber disturber(*plan, target.precision, static_cast<uint64_t>(run) + 1);
    RunOptions options;
    options.observer = &disturber;
    FP_ASSIGN_OR_RETURN(const std::vector<Tensor> disturbed, RunPlan(*plan, inputs, options));
    for (size_t i = 0; i < disturbed.size(); i++) {
      if (!IsFloating(disturbed[i].dtype())) continue;
      FP_ASSIGN_OR_RETURN(const Comparison comparison, CompareTensors(disturbed[i], undisturbed[i], out));
      if (std::isfinite(comparison.max_relative_error)) worst = std::max(worst, comparison.max_relative_error);
    }
  }
  out.relative = std::max(out.relative, kToleranceMargin * worst);
  char text[160];
  std::snprintf(text, sizeof text, "%g times the largest of %d disturbances of the outputs by %s's rounding of every step, %.2g of the largest output",
                kToleranceMargin, kToleranceRuns, std::string(NameOf(target.precision)).c_str(), worst);
  out.reason = text;
  return out;
}

}  // namespace fusepack
