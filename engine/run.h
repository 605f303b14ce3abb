// Running plans. RunPlan runs one plan once; Session holds a graph and compiles a plan for each list of input sizes
// that it meets.
//
// Both may be called from any number of threads at a time; every run has an arena and outputs of its own, and uses
// the target's number of threads.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/compile.h"

namespace fusepack {

// Sees a run step by step. Views are valid during the call only.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void Before(size_t /*step*/) {}
  // An error ends the run and is its result.
  virtual Status After(size_t step, std::span<const TensorView> in, std::span<const MutableTensorView> out) = 0;
};

struct RunOptions {
  StepObserver* observer = nullptr;
  // Fills memory with NaN before its first use and after its last: what reads it nevertheless shows.
  bool poison = false;
};

// Inputs: any strides; dtypes and sizes must be the plan's. Outputs: fresh, dense, row-major.
Result<std::vector<Tensor>> RunPlan(const Plan& plan, std::span<const Tensor> inputs, const RunOptions& options = {});

class Session {
 public:
  static constexpr size_t kMaxPlans = 8;  // the least recently used is dropped

  // Checks and simplifies the graph; errors name what is wrong with it.
  static Result<std::unique_ptr<Session>> Create(const Graph& graph, const Target& target);

  // Errors name the input and what it should be; see InferShapes. NaN, infinities and very large numbers among inputs or
  // weights are computed by kernels that carry them as PyTorch does.
  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs);

  // The plan that Run uses for ordinary numbers of these sizes.
  Result<std::shared_ptr<const Plan>> PlanFor(std::span<const InputSpec> inputs);

  const Graph& graph() const { return graph_; }  // simplified
  const Target& target() const { return target_; }
  size_t cached_plans() const;

 private:
  struct Entry {
    std::vector<InputSpec> inputs;
    bool exact = false;
    std::shared_ptr<const Plan> plan;
  };
  Session(Graph graph, const Target& target);
  Result<std::shared_ptr<const Plan>> Find(std::vector<InputSpec> inputs, bool exact);

  const Graph graph_;
  const Target target_;
  bool constants_ordinary_ = true;
  mutable std::mutex mutex_;
  std::list<Entry> plans_;  // most recently used first
};

std::vector<InputSpec> SpecsOf(std::span<const Tensor> tensors);

}  // namespace fusepack
