// Target: what a plan is compiled for; InputSpec: the dtype and sizes of one input of a run.
#pragma once

#include <unistd.h>

#include <compare>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "kernels/base/cpu_features.h"
#include "kernels/base/dims.h"
#include "kernels/base/dtype.h"

namespace fusepack {

// kFp32: never less accurate than plain f32 sums. kFp32Split: faster forms with errors up to 2e-5 of an operator's largest
// output are allowed. kBf16: activations and weights of products are stored as bf16, sums are f32. kInt8: as u8 or i8 with
// calibrated scales where the graph has ranges, as bf16 elsewhere (passes/narrow_storage.cc has the policy).
enum class Precision { kFp32, kFp32Split, kBf16, kInt8 };

struct PrecisionName {
  std::string_view name;
  Precision precision;
};
inline constexpr PrecisionName kPrecisionNames[] = {
    {"fp32", Precision::kFp32}, {"fp32-split", Precision::kFp32Split}, {"bf16", Precision::kBf16}, {"int8", Precision::kInt8}};

inline std::string_view NameOf(Precision precision) { return kPrecisionNames[static_cast<size_t>(precision)].name; }

// The smallest and the largest number that a value is expected to hold; what lies outside is clamped. By value id of the
// method's graph as the package has it (passes keep ids).
struct Range {
  float low = 0, high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
using Ranges = std::map<int, Range>;

// Bytes of activations and outputs that a plan may ask for: what the machine has. More would be handed out all the same,
// and the process ended when it is touched.
inline int64_t DefaultMemoryBudget() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGESIZE));
}

struct Target {
  int threads = 0;                        // 0: all cores that the process may run on
  CpuLevel cpu = DetectCpuLevel();
  Precision precision = Precision::kFp32;
  std::shared_ptr<const Ranges> ranges;  // kInt8 needs them
  int64_t memory_budget_bytes = DefaultMemoryBudget();
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
