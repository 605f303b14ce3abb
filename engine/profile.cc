#include "engine/profile.h"

#include <algorithm>
#include <chrono>

#include "engine/graph/print.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

class Timer : public StepObserver {
 public:
  explicit Timer(size_t steps) : times(steps) {}
  void Before(size_t) override { before_ = Clock::now(); }
  Status After(size_t step, std::span<const TensorView>, std::span<const MutableTensorView>) override {
    times[step].push_back(Seconds(Clock::now() - before_));
    return OkStatus();
  }
  std::vector<std::vector<double>> times;

 private:
  Clock::time_point before_;
};

}  // namespace

Result<PlanProfile> ProfilePlan(const Plan& plan, std::span<const Tensor> inputs, double seconds) {
  FP_RETURN_IF_ERROR(RunPlan(plan, inputs).status());  // warm-up
  Timer timer(plan.steps.size());
  RunOptions options;
  options.observer = &timer;
  PlanProfile out;
  const Clock::time_point start = Clock::now();
  while (out.runs < 3 || Seconds(Clock::now() - start) < seconds) {
    FP_RETURN_IF_ERROR(RunPlan(plan, inputs, options).status());
    out.runs++;
  }
  out.compile_seconds = plan.compile_seconds;
  out.arena_bytes = plan.arena_bytes;
  out.unshared_bytes = plan.unshared_bytes;
  out.packed_bytes = plan.packed_bytes;
  for (size_t s = 0; s < plan.steps.size(); s++) {
    const PlannedStep& step = plan.steps[s];
    const Node& node = plan.graph.nodes[step.node];
    StepProfile p;
    p.nodes = node.region ? node.region->name : std::string(node.op->name);
    p.scope = node.scope;
    p.where = node.where;
    p.kernel = step.kernel + " " + step.step->implementation();
    p.output = PrintValueType(plan.graph.values[step.out[0]]);
    std::vector<double>& times = timer.times[s];
    std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
    p.seconds = times[times.size() / 2];
    p.start_seconds = out.seconds;
    p.flops = step.step->flops();
    p.bytes = step.step->packed_bytes();
    for (size_t i = 0; i < step.in.size(); i++) {
      if (step.step->reads(static_cast<int>(i))) p.bytes += OperandOf(plan.graph, step.in[i]).bytes();
    }
    for (ValueId v : step.out) p.bytes += OperandOf(plan.graph, v).bytes();
    out.seconds += p.seconds;
    out.steps.push_back(std::move(p));
  }
  return out;
}

}  // namespace fusepack
