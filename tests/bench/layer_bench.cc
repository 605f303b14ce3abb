#include "tests/bench/layer_bench.h"

#include <cstdlib>

#include "kernels/base/cpu_features.h"
#include "kernels/base/parallel.h"
#include "kernels/peak/peak.h"

namespace fusepack::bench {
namespace {

double MeasuredPeak() {
  static const double gflops = kernels::PeakGflops(DetectCpuLevel(), ThreadCount(), 0.2);
  return gflops;
}

}  // namespace

void ReportFlops(benchmark::State& state, double flops_per_iteration) {
  using benchmark::Counter;
  const double total = flops_per_iteration * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = Counter(total * 1e-9, Counter::kIsRate);
  state.counters["peak"] = Counter(total * 1e-9 / MeasuredPeak(), Counter::kIsRate);
}

void ReportBytes(benchmark::State& state, double bytes_per_iteration) {
  using benchmark::Counter;
  state.counters["GB/s"] = Counter(bytes_per_iteration * 1e-9 * static_cast<double>(state.iterations()), Counter::kIsRate);
}

void FreeAligned::operator()(float* p) const { std::free(p); }

Floats Values(int64_t count) {
  const size_t bytes = (static_cast<size_t>(count) * sizeof(float) + 63) / 64 * 64;
  Floats values(static_cast<float*>(std::aligned_alloc(64, bytes == 0 ? 64 : bytes)));
  uint32_t state = 1;  // a linear congruential generator (Numerical Recipes' constants)
  for (int64_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = static_cast<float>(state >> 8) * (2.0f / (1 << 24)) - 1.0f;
  }
  return values;
}

int RunRegistered(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace fusepack::bench
