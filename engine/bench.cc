#include "engine/bench.h"

#include <algorithm>
#include <chrono>

#include "kernels/base/parallel.h"
#include "kernels/peak/peak.h"

namespace fusepack {

Result<BenchResult> Bench(const Plan& plan, std::span<const Tensor> inputs, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); };
  SetThreadCount(plan.target.threads);
  BenchResult out;
  out.batch = inputs.empty() || inputs[0].rank() == 0 ? 1 : inputs[0].sizes()[0];
  out.peak_gflops = kernels::PeakGflops(plan.target.cpu, ThreadCount());
  const Clock::time_point warm_up = Clock::now();
  for (int i = 0; i < 2 || (i < 100 && since(warm_up) < 0.1 * seconds); i++) FP_RETURN_IF_ERROR(RunPlan(plan, inputs).status());
  std::vector<double> times;
  for (const Clock::time_point start = Clock::now(); times.size() < 5 || since(start) < seconds;) {
    const Clock::time_point before = Clock::now();
    FP_RETURN_IF_ERROR(RunPlan(plan, inputs).status());
    times.push_back(since(before));
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  out.runs = static_cast<int>(times.size());
  out.min_ms = times.front() * 1e3;
  out.median_ms = median * 1e3;
  out.p99_ms = times[std::min(times.size() - 1, times.size() * 99 / 100)] * 1e3;
  out.images_per_second = static_cast<double>(out.batch) / median;
  out.gflops = plan.flops / median * 1e-9;
  out.peak_fraction = out.peak_gflops > 0 ? out.gflops / out.peak_gflops : 0;
  return out;
}

}  // namespace fusepack
