// What the benchmarks share: one line a layer and batch size, and what is reported beside its time: GFLOP/s with the share
// of the machine's measured f32 peak, or GB/s.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fusepack::bench {

// Counters "GFLOP/s" and "peak" (1 = the peak that kernels/peak measures, once a process). Call it after the loop.
void ReportFlops(benchmark::State& state, double flops_per_iteration);

// Counter "GB/s".
void ReportBytes(benchmark::State& state, double bytes_per_iteration);

// `count` floats in [-1, 1), the same on every run, aligned to 64 bytes.
struct FreeAligned {
  void operator()(float* p) const;
};
using Floats = std::unique_ptr<float[], FreeAligned>;
Floats Values(int64_t count);

// A line for each layer at batch 1 and 8. A Layer has a `name`; `layers` outlive the run.
template <typename Layer>
void RegisterLayers(std::span<const Layer> layers, void (*run)(benchmark::State&, const Layer&, int64_t batch)) {
  for (const Layer& layer : layers) {
    for (int64_t batch : {1, 8}) {
      benchmark::RegisterBenchmark((std::string(layer.name) + "/batch:" + std::to_string(batch)).c_str(),
                                   [&layer, batch, run](benchmark::State& state) { run(state, layer, batch); })
          ->UseRealTime();
    }
  }
}

// The rest of main.
int RunRegistered(int argc, char** argv);

// main of a benchmark over one table of layers.
template <typename Layer, size_t N>
int RunLayers(const Layer (&layers)[N], void (*run)(benchmark::State&, const Layer&, int64_t batch), int argc, char** argv) {
  RegisterLayers(std::span<const Layer>(layers), run);
  return RunRegistered(argc, argv);
}

}  // namespace fusepack::bench
