// Plan: a compiled graph. Steps in order, and for every value the place where its elements lie.
//
// Immutable, so any number of threads may run one at a time; each run has an arena of its own, taken from a pool that
// the plan keeps. Constants that kernels read directly stay alive through `graph`.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/step.h"

namespace fusepack {

// Where the first element of a value lies.
struct Place {
  enum class Kind : uint8_t { kNone, kInput, kConstant, kArena, kOutput };
  Kind kind = Kind::kNone;
  int index = 0;            // input or output number; the constant's value id
  int64_t offset_bytes = 0;
};

struct PlannedStep {
  int node = 0;  // graph.nodes
  std::unique_ptr<Step> step;
  std::vector<ValueId> in, out;
  int64_t scratch_offset_bytes = 0;
  std::string kernel;  // the name of its maker: "convolution"
};

// Memory for one run: arena_bytes of the plan.
class Arena {
 public:
  explicit Arena(int64_t bytes);  // null data() where memory is short
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  char* data() const { return data_; }

 private:
  char* data_ = nullptr;
};

struct Plan {
  Graph graph;
  Target target;
  std::vector<InputSpec> inputs;
  std::vector<PlannedStep> steps;
  std::vector<Place> places;      // a value
  std::vector<int> last_step;     // a value: the last step that reads it; steps.size() for outputs
  int64_t arena_bytes = 0;        // the peak of activations and scratch
  int64_t unshared_bytes = 0;     // what they would take without reuse
  int64_t packed_bytes = 0;       // weights in the kernels' own layouts
  double flops = 0;
  double compile_seconds = 0;

  // Arenas of finished runs, for the next ones.
  mutable std::mutex pool_mutex;
  mutable std::vector<std::unique_ptr<Arena>> pool;
};

}  // namespace fusepack
