// Two runs of the fp32 plan a sample: the first finds smallest and largest numbers, the second fills a histogram of
// magnitudes (kBins equal bins up to the largest), from which the clamping point is chosen among bin borders. Steps' results
// are seen where they leave fused groups, which are the places where int8 would store them.
//
// Entropy: Migacz, "8-bit Inference with TensorRT" (GTC 2017): for each clamping point the histogram below it, with the
// tail added to its last bin, against the same merged to 128 levels and spread out again over its non-empty bins.
#include "engine/calibrate.h"

#include <algorithm>
#include <cmath>

#include "engine/evaluate.h"
#include "engine/ops/fused_ops.h"
#include "kernels/base/elements.h"

namespace fusepack {
namespace {

constexpr int kBins = 2048, kLevels = 128;
constexpr double kPercentile = 0.9999;

struct Statistics {
  double low = 0, high = 0;
  bool seen = false;
  std::vector<double> histogram;

  double bound() const { return std::max(std::fabs(low), std::fabs(high)); }
};

template <typename F>
void ForEachNumber(const TensorView& view, F f) {
  const float* x = view.as<float>();
  ForEachOffset(view.sizes, view.strides, [&](int64_t at) { f(x[at]); });
}

class Collector : public StepObserver {
 public:
  Collector(const Plan& plan, size_t values, bool histograms, std::map<int, Statistics>* out)
      : plan_(plan), values_(values), histograms_(histograms), statistics_(*out) {}

  Status After(size_t s, std::span<const TensorView>, std::span<const MutableTensorView> out) override {
    for (size_t i = 0; i < out.size(); i++) {
      const int id = plan_.steps[s].out[i];
      FP_RETURN_IF_ERROR(See(id, TensorView{out[i].data, out[i].dtype, out[i].sizes, out[i].strides}));
    }
    return OkStatus();
  }

  Status See(int id, const TensorView& view) {
    if (view.dtype != DType::kF32 || id >= static_cast<int>(values_)) return OkStatus();
    Statistics& s = statistics_[id];
    if (!histograms_) {
      float low = static_cast<float>(s.low), high = static_cast<float>(s.high);
      bool finite = true;
      ForEachNumber(view, [&](float x) {
        finite &= std::isfinite(x);
        low = std::min(low, x);
        high = std::max(high, x);
      });
      if (!finite) return BadInput("calibration", "a value that is not finite in '" + plan_.graph.values[id].name + "'", "finite numbers");
      s.low = low;
      s.high = high;
      s.seen = true;
      return OkStatus();
    }
    s.histogram.resize(kBins);
    const double scale = s.bound() > 0 ? kBins / s.bound() : 0;
    ForEachNumber(view, [&](float x) { s.histogram[std::min(kBins - 1, static_cast<int>(std::fabs(x) * scale))]++; });
    return OkStatus();
  }

 private:
  const Plan& plan_;
  const size_t values_;
  const bool histograms_;
  std::map<int, Statistics>& statistics_;
};

// The clamping point, in bins.
int ChooseBins(const std::vector<double>& histogram, CalibrationMethod method, bool negative) {
  double total = 0;
  for (double count : histogram) total += count;
  if (method == CalibrationMethod::kPercentile) {
    double sum = 0;
    for (int bins = 0; bins < kBins; bins++) {
      if ((sum += histogram[bins]) >= kPercentile * total) return bins + 1;
    }
    return kBins;
  }
  int best = kBins;
  double least = std::numeric_limits<double>::infinity();
  for (int bins = kLevels; bins <= kBins; bins += 16) {
    double cost = 0;
    if (method == CalibrationMethod::kMse) {
      const double step = static_cast<double>(bins) / (negative ? 127 : 255);
      for (int b = 0; b < kBins; b++) {
        const double over = b + 0.5 - bins;
        cost += histogram[b] * (over > 0 ? over * over : step * step / 12);
      }
    } else {
      std::vector<double> truth(histogram.begin(), histogram.begin() + bins);
      for (int b = bins; b < kBins; b++) truth[bins - 1] += histogram[b];
      for (int level = 0; level < kLevels; level++) {
        const int begin = level * bins / kLevels, end = (level + 1) * bins / kLevels;
        double sum = 0, filled = 0;
        for (int b = begin; b < end; b++) {
          sum += histogram[b];
          filled += histogram[b] > 0;
        }
        for (int b = begin; b < end; b++) {
          if (truth[b] <= 0) continue;
          const double spread = histogram[b] > 0 ? sum / filled : 0;
          // A bin that the quantised histogram has nothing in costs as if it held a ten-thousandth of a count.
          cost += truth[b] / total * std::log(truth[b] / std::max(spread, 1e-4));
        }
      }
    }
    if (cost < least) {
      least = cost;
      best = bins;
    }
  }
  return best;
}

Tensor WrapView(const MutableTensorView& view) {
  const int64_t bytes = view.numel() == 0 ? 0 : Numel(view.sizes) * static_cast<int64_t>(ItemSize(view.dtype));
  return Tensor(Storage::Wrap(view.data, bytes, nullptr, false), view.dtype, view.sizes, view.strides, 0);
}

// Copies of what steps make, as f32, by value.
class Keeper : public StepObserver {
 public:
  explicit Keeper(const Plan& plan) : plan_(plan) {}
  Status After(size_t s, std::span<const TensorView>, std::span<const MutableTensorView> out) override {
    const PlannedStep& step = plan_.steps[s];
    const Node& node = plan_.graph.nodes[step.node];
    if (out.size() != 1) return OkStatus();
    Kept kept;
    kept.step = s;
    FP_ASSIGN_OR_RETURN(Tensor copy, WrapView(out[0]).Clone());
    const Node& last = node.region ? node.region->nodes.back() : node;
    kept.stored = std::string(ShortName(out[0].dtype));
    if (last.op == &EncodeOp()) {
      const double* scale = std::get_if<double>(&last.args[2]);
      if (out[0].dtype != DType::kBF16) kept.stored += " * " + std::to_string(*scale);
      const std::vector<Arg> args = {ValueRef{0}, *scale};
      FP_ASSIGN_OR_RETURN(std::vector<Tensor> decoded, EvalOp(DecodeOp(), args, {&copy, 1}));
      copy = decoded[0];
    } else if (out[0].dtype != DType::kF32) {
      return OkStatus();
    }
    kept.tensor = copy;
    values[step.out[0]] = std::move(kept);
    order.push_back(step.out[0]);
    return OkStatus();
  }

  struct Kept {
    Tensor tensor;
    std::string stored;
    size_t step = 0;
  };
  std::map<ValueId, Kept> values;
  std::vector<ValueId> order;

 private:
  const Plan& plan_;
};

}  // namespace

std::optional<CalibrationMethod> CalibrationMethodFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kCalibrationMethods); i++) {
    if (kCalibrationMethods[i] == name) return static_cast<CalibrationMethod>(i);
  }
  return std::nullopt;
}

Result<Ranges> Calibrate(const Graph& graph, std::span<const std::vector<Tensor>> samples, CalibrationMethod method) {
  FP_ASSIGN_OR_RETURN(const Graph simplified, Simplify(graph));
  std::map<int, Statistics> statistics;
  for (const bool histograms : {false, true}) {
    if (histograms && method == CalibrationMethod::kMinMax) continue;
    for (const std::vector<Tensor>& inputs : samples) {
      FP_ASSIGN_OR_RETURN(const auto plan, CompileSimplified(simplified, Target(), SpecsOf(inputs)));
      Collector collector(*plan, graph.values.size(), histograms, &statistics);
      for (size_t i = 0; i < inputs.size(); i++) FP_RETURN_IF_ERROR(collector.See(graph.inputs[i], inputs[i].view()));
      RunOptions options;
      options.observer = &collector;
      FP_RETURN_IF_ERROR(RunPlan(*plan, inputs, options).status());
    }
  }
  Ranges ranges;
  for (const auto& [id, s] : statistics) {
    double bound = s.bound();
    if (method != CalibrationMethod::kMinMax && bound > 0) bound *= static_cast<double>(ChooseBins(s.histogram, method, s.low < 0)) / kBins;
    ranges[id] = {static_cast<float>(std::max(s.low, -bound)), static_cast<float>(std::min(s.high, bound))};
  }
  return ranges;
}

Result<std::vector<LayerError>> CompareLayers(const Graph& graph, const Target& target, std::span<const Tensor> inputs) {
  FP_ASSIGN_OR_RETURN(const Graph simplified, Simplify(graph));
  Target exact = target;
  exact.precision = Precision::kFp32;
  FP_ASSIGN_OR_RETURN(const auto plan, CompileSimplified(simplified, target, SpecsOf(inputs)));
  FP_ASSIGN_OR_RETURN(const auto fp32, CompileSimplified(simplified, exact, SpecsOf(inputs)));
  Keeper narrow(*plan), wide(*fp32);
  for (auto [p, keeper] : {std::pair{plan, &narrow}, std::pair{fp32, &wide}}) {
    RunOptions options;
    options.observer = keeper;
    FP_RETURN_IF_ERROR(RunPlan(*p, inputs, options).status());
  }
  std::vector<LayerError> out;
  for (ValueId id : narrow.order) {
    const auto expected = wide.values.find(id);
    const Keeper::Kept& found = narrow.values.at(id);
    if (expected == wide.values.end() || expected->second.tensor.sizes() != found.tensor.sizes()) continue;
    const Node& node = plan->graph.nodes[plan->steps[found.step].node];
    LayerError error{node.region ? node.region->name : std::string(node.op->name), node.scope, found.stored, 1, 0};
    const float *x = found.tensor.view().as<float>(), *y = expected->second.tensor.view().as<float>();
    double xx = 0, yy = 0, xy = 0, worst = 0, largest = 0;
    for (int64_t i = 0; i < found.tensor.numel(); i++) {
      xx += double(x[i]) * x[i];
      yy += double(y[i]) * y[i];
      xy += double(x[i]) * y[i];
      worst = std::max(worst, std::fabs(double(x[i]) - y[i]));
      largest = std::max(largest, std::fabs(double(y[i])));
    }
    if (xx > 0 && yy > 0) error.cosine = xy / std::sqrt(xx * yy);
    if (largest > 0) error.max_error = worst / largest;
    out.push_back(std::move(error));
  }
  return out;
}

}  // namespace fusepack
