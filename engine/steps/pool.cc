// max_pool2d, avg_pool2d, adaptive_avg_pool2d and mean over the image, on channels-last activations.
#include <algorithm>

#include "engine/graph/layout.h"
#include "engine/steps/pool_call.h"
#include "engine/steps/step_list.h"

namespace fusepack {
namespace {

using kernels::PoolProblem;
using kernels::PoolRange;

class PoolStep : public Step {
 public:
  PoolStep(PoolProblem problem, CpuLevel level) : problem_(std::move(problem)), level_(level) {}
  Status Run(const void* const* in, void* const* out, void*) const override {
    kernels::Pool(problem_, level_, static_cast<const float*>(in[0]), static_cast<float*>(out[0]));
    return OkStatus();
  }
  std::string implementation() const override { return "nhwc:" + CpuLevelName(std::min(level_, CpuLevel::kAvx512)); }

 private:
  const PoolProblem problem_;
  const CpuLevel level_;
};

// Windows of kernel elements, step `dilation`, every `stride`, cut to [0, size). The full window (with padding, up to
// the padded end) counts for the average's divisor.
struct Windows {
  std::vector<PoolRange> ranges;
  std::vector<int64_t> padded_counts;
};

Windows SlidingWindows(int64_t size, int64_t outputs, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
  Windows out;
  for (int64_t i = 0; i < outputs; i++) {
    const int64_t first = i * stride - padding, end = first + (kernel - 1) * dilation + 1;
    PoolRange range;
    range.begin = first < 0 ? first + (-first + dilation - 1) / dilation * dilation : first;
    range.end = std::min(end, size);
    out.ranges.push_back(range);
    out.padded_counts.push_back(std::min(end, size + padding) - first);
  }
  return out;
}

Windows AdaptiveWindows(int64_t size, int64_t outputs) {
  Windows out;
  for (int64_t i = 0; i < outputs; i++) out.ranges.push_back({i * size / outputs, ((i + 1) * size + outputs - 1) / outputs});
  return out;
}

constexpr int64_t kMaxPositions = 1 << 22;  // output pixels: 2048 by 2048; the tables of a step stay below 100 MB

int64_t Count(const PoolRange& r) { return std::max<int64_t>(0, r.end - r.begin); }

}  // namespace

Result<PoolProblem> ReadPool(const StepCall& call) {
  const Node& node = call.node;
  if (node.region || call.in.size() != 1 || call.out.size() != 1) return NotHandled("its operands");
  const Operand &in = call.in[0], &out = call.out[0];
  if (in.dtype != DType::kF32 || out.dtype != DType::kF32 || in.sizes.size() != 4 ||
      !IsChannelsLast(in.sizes, in.strides) || Numel(in.sizes) == 0 || Numel(out.sizes) == 0) {
    return NotHandled("another dtype, rank or layout");
  }
  const std::string_view op = node.op->name;
  if (out.sizes.size() == 4 && out.sizes[2] * out.sizes[3] > kMaxPositions) return NotHandled("over 2^22 positions");
  PoolProblem problem;
  problem.n = in.sizes[0];
  problem.c = in.sizes[1];
  problem.h = in.sizes[2];
  problem.w = in.sizes[3];
  Windows rows, columns;
  bool padded_divisor = false;
  double divisor_override = 0;
  if (op == "mean") {
    std::vector<int64_t> dims = IntegersOf(node, "dim");
    for (int64_t& d : dims) d = d < 0 ? d + 4 : d;
    std::sort(dims.begin(), dims.end());
    if (dims != std::vector<int64_t>{2, 3} || Numel(out.sizes) != problem.n * problem.c || !out.row_major()) {
      return NotHandled("a mean over other dimensions than the image's");
    }
    rows = AdaptiveWindows(problem.h, 1);
    columns = AdaptiveWindows(problem.w, 1);
    problem.average = true;
  } else {
    if (out.sizes.size() != 4 || !IsChannelsLast(out.sizes, out.strides)) return NotHandled("another layout");
    if (op == "adaptive_avg_pool2d") {
      rows = AdaptiveWindows(problem.h, out.sizes[2]);
      columns = AdaptiveWindows(problem.w, out.sizes[3]);
      problem.average = true;
    } else {
      const std::vector<int64_t> kernel = IntegersOf(node, "kernel_size"), padding = IntegersOf(node, "padding");
      std::vector<int64_t> stride = IntegersOf(node, "stride"), dilation = IntegersOf(node, "dilation");
      if (stride.empty()) stride = kernel;
      if (dilation.empty()) dilation = {1, 1};
      if (kernel.size() != 2 || stride.size() != 2 || padding.size() != 2 || dilation.size() != 2) return NotHandled("its window");
      problem.average = op == "avg_pool2d";
      if (problem.average) {
        if (const bool* include = FindArg<bool>(node, "count_include_pad")) padded_divisor = *include;
        if (const Dim* divisor = FindArg<Dim>(node, "divisor_override")) divisor_override = static_cast<double>(divisor->hint());
      }
      rows = SlidingWindows(problem.h, out.sizes[2], kernel[0], stride[0], padding[0], dilation[0]);
      columns = SlidingWindows(problem.w, out.sizes[3], kernel[1], stride[1], padding[1], dilation[1]);
      problem.row_step = dilation[0];
      problem.column_step = dilation[1];
    }
  }
  for (const Windows* w : {&rows, &columns}) {
    for (const PoolRange& r : w->ranges) {
      if (Count(r) == 0) return NotHandled("an empty window");
    }
  }
  if (problem.average) {
    for (size_t i = 0; i < rows.ranges.size(); i++) {
      for (size_t j = 0; j < columns.ranges.size(); j++) {
        const int64_t inside = Count(rows.ranges[i]) * Count(columns.ranges[j]);
        const int64_t count = padded_divisor ? rows.padded_counts[i] * columns.padded_counts[j] : inside;
        problem.divisors.push_back(static_cast<float>(divisor_override != 0 ? divisor_override : static_cast<double>(count)));
      }
    }
  }
  problem.rows = std::move(rows.ranges);
  problem.columns = std::move(columns.ranges);
  return problem;
}

Result<std::unique_ptr<Step>> MakePool(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(PoolProblem problem, ReadPool(call));
  return std::unique_ptr<Step>(new PoolStep(std::move(problem), call.target.cpu));
}

}  // namespace fusepack
