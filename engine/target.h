// Target: what a plan is compiled for; InputSpec: the dtype and sizes of one input of a run.
#pragma once

#include <compare>
#include <vector>

#include "kernels/base/cpu_features.h"
#include "kernels/base/dims.h"
#include "kernels/base/dtype.h"

namespace fusepack {

enum class Precision { kFp32 };

inline constexpr int64_t kDefaultMemoryBudget = int64_t{64} << 30;  // bytes of activations that a plan may ask for

struct Target {
  int threads = 0;                        // 0: all cores that the process may run on
  CpuLevel cpu = DetectCpuLevel();
  Precision precision = Precision::kFp32;
  int64_t memory_budget_bytes = kDefaultMemoryBudget;
  // True: only kernels that carry NaN and infinities as PyTorch does. The library's fused relu and clip lose NaN; Session
  // sets this for runs whose numbers could reach infinity.
  bool exact_special_values = false;
  bool fuse = true;  // false: a node a step, each value inspectable (bisect, comparisons)
};

struct InputSpec {
  DType dtype = DType::kF32;
  Dims sizes;
  friend bool operator==(const InputSpec&, const InputSpec&) = default;
  friend bool operator<(const InputSpec& a, const InputSpec& b) {
    return a.dtype != b.dtype ? a.dtype < b.dtype : a.sizes < b.sizes;
  }
};

}  // namespace fusepack
