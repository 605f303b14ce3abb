// Bench: how fast a plan runs. Whether its outputs are right is verified apart, and before.
#pragma once

#include <span>

#include "engine/run.h"

namespace fusepack {

struct BenchResult {
  int64_t batch = 0;
  int runs = 0;
  double min_ms = 0, median_ms = 0, p99_ms = 0;
  double images_per_second = 0;  // batch over the median
  double gflops = 0;             // of convolutions and products, over the median
  double peak_gflops = 0;        // measured just before (kernels/peak)
  double peak_fraction = 0;
};

// Warms up, then runs for `seconds` and at least five times. batch is the first input's first size.
Result<BenchResult> Bench(const Plan& plan, std::span<const Tensor> inputs, double seconds);

}  // namespace fusepack
