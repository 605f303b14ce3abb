// RunPlan resolves every step's addresses from the places that PlanMemory chose, and calls the steps in order.
//
// Session's two plans: the library's fused relu, relu6 and clip turn NaN into a number, PyTorch's do not. While all inputs
// and constants are below kOrdinary and the outputs are finite, no NaN can have been lost (it would take a product of
// hundreds of layers without any bound to overflow in between and come back); else the run is done, or done again,
// with the plan whose every kernel carries NaN.
#include "engine/run.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "engine/bisect.h"
#include "engine/debug.h"
#include "engine/ops/op.h"
#include "kernels/base/parallel.h"

namespace fusepack {
namespace {

constexpr float kOrdinary = 0x1p40f;  // products of two and sums of millions of them stay far from overflow

constexpr int64_t kHugePage = int64_t{2} << 20;

char* AddressOf(const Place& place, char* arena, std::span<const Tensor> inputs, std::span<Tensor> outputs, const Graph& graph) {
  char* base = nullptr;
  switch (place.kind) {
    case Place::Kind::kNone: return nullptr;
    case Place::Kind::kInput: base = static_cast<char*>(const_cast<void*>(inputs[place.index].view().data)); break;
    case Place::Kind::kConstant: base = static_cast<char*>(const_cast<void*>(graph.constants.at(place.index).view().data)); break;
    case Place::Kind::kArena: base = arena; break;
    case Place::Kind::kOutput: base = static_cast<char*>(outputs[place.index].mutable_view().data); break;
  }
  return base + place.offset_bytes;
}

// Fills the memory of values that are dead behind step `s`, except where a live one lies (in-place results).
void PoisonDead(const Plan& plan, int s, char* arena, const std::vector<int>& made_at) {
  const auto range = [&](ValueId v) {
    const int64_t begin = plan.places[v].offset_bytes;
    return std::pair<int64_t, int64_t>(begin, begin + OperandOf(plan.graph, v).bytes());
  };
  for (ValueId v = 0; v < static_cast<int>(plan.places.size()); v++) {
    if (plan.places[v].kind != Place::Kind::kArena || made_at[v] < 0 || plan.last_step[v] != s) continue;
    const auto [begin, end] = range(v);
    bool shared = false;
    for (ValueId w = 0; w < static_cast<int>(plan.places.size()) && !shared; w++) {
      if (plan.places[w].kind != Place::Kind::kArena || made_at[w] < 0 || made_at[w] > s || plan.last_step[w] <= s) continue;
      const auto [b, e] = range(w);
      shared = b < end && begin < e;
    }
    if (!shared) std::memset(arena + begin, 0xff, end - begin);
  }
}

// True if all elements of an f32 tensor are numbers below kOrdinary. Other dtypes are always ordinary.
bool IsOrdinary(const Tensor& tensor) {
  if (tensor.dtype() != DType::kF32) return true;
  const Result<Tensor> dense = tensor.Contiguous();
  if (!dense.ok()) return false;
  const char* data = static_cast<const char*>(dense->view().data);
  uint32_t limit;
  std::memcpy(&limit, &kOrdinary, sizeof limit);
  std::atomic<bool> ordinary = true;
  // Magnitudes of floats are ordered as their bits are, and NaN and infinity are above all.
  ParallelFor(dense->numel(), 1 << 16, [&](int64_t begin, int64_t end) {
    uint32_t largest = 0;
    for (int64_t i = begin; i < end; i++) {
      uint32_t bits;
      std::memcpy(&bits, data + i * 4, 4);
      largest = std::max(largest, bits & 0x7fffffffu);
    }
    if (largest >= limit) ordinary = false;
  });
  return ordinary;
}

bool AllOrdinary(std::span<const Tensor> outputs) {
  for (const Tensor& t : outputs) {
    if (!IsOrdinary(t)) return false;
  }
  return true;
}

}  // namespace

Arena::Arena(int64_t bytes) {
  // Huge pages where there is much: first use of a page costs more than writing it.
  const int64_t alignment = bytes >= kHugePage ? kHugePage : 64;
  const int64_t rounded = (std::max<int64_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  data_ = static_cast<char*>(std::aligned_alloc(alignment, rounded));
  if (data_ != nullptr && alignment == kHugePage) madvise(data_, rounded, MADV_HUGEPAGE);
}

Arena::~Arena() { std::free(data_); }

std::vector<InputSpec> SpecsOf(std::span<const Tensor> tensors) {
  std::vector<InputSpec> specs;
  for (const Tensor& t : tensors) specs.push_back({t.dtype(), t.sizes()});
  return specs;
}

Result<std::vector<Tensor>> RunPlan(const Plan& plan, std::span<const Tensor> given, const RunOptions& options) {
  if (SpecsOf(given) != plan.inputs) return InternalError("a plan run with other inputs than it was compiled for");
  SetThreadCount(plan.target.threads);
  std::vector<Tensor> inputs, outputs;
  for (const Tensor& t : given) {
    FP_ASSIGN_OR_RETURN(Tensor dense, t.Contiguous());
    inputs.push_back(std::move(dense));
  }
  for (const GraphOutput& output : plan.graph.outputs) {
    const Value& value = plan.graph.values[output.id];
    FP_ASSIGN_OR_RETURN(Tensor fresh, Tensor::Zeros(value.dtype, ToDims(value.sizes)));
    outputs.push_back(std::move(fresh));
  }
  std::unique_ptr<Arena> arena;
  {
    const std::lock_guard<std::mutex> lock(plan.pool_mutex);
    if (!plan.pool.empty()) {
      arena = std::move(plan.pool.back());
      plan.pool.pop_back();
    }
  }
  if (!arena) arena = std::make_unique<Arena>(plan.arena_bytes);
  if (arena->data() == nullptr) {
    return LimitExceeded("run", "no memory for " + std::to_string(plan.arena_bytes) + " bytes of activations");
  }
  std::vector<int> made_at;
  if (options.poison) {
    made_at.assign(plan.places.size(), -1);
    for (size_t s = 0; s < plan.steps.size(); s++) {
      for (ValueId v : plan.steps[s].out) made_at[v] = static_cast<int>(s);
    }
    std::memset(arena->data(), 0xff, plan.arena_bytes);
  }
  std::vector<char*> address(plan.places.size());
  for (size_t v = 0; v < address.size(); v++) address[v] = AddressOf(plan.places[v], arena->data(), inputs, outputs, plan.graph);

  Status status;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (size_t s = 0; s < plan.steps.size() && status.ok(); s++) {
    const PlannedStep& step = plan.steps[s];
    in.clear();
    out.clear();
    for (ValueId v : step.in) in.push_back(address[v]);
    for (ValueId v : step.out) out.push_back(address[v]);
    if (options.observer == nullptr) {
      status = step.step->Run(in.data(), out.data(), arena->data() + step.scratch_offset_bytes);
    } else {
      // An input that the step overwrites is shown as it was before.
      std::vector<TensorView> in_views;
      std::vector<MutableTensorView> out_views;
      std::vector<Tensor> kept;
      for (size_t i = 0; i < step.in.size(); i++) {
        const Operand o = OperandOf(plan.graph, step.in[i]);
        TensorView view{in[i], o.dtype, o.sizes, o.strides};
        if (!out.empty() && in[i] == out[0]) {
          const Tensor wrapped(Storage::Wrap(in[i], o.bytes(), nullptr, false), o.dtype, o.sizes, o.strides, 0);
          FP_ASSIGN_OR_RETURN(Tensor copy, wrapped.Clone());
          kept.push_back(copy);
          view = copy.view();
        }
        in_views.push_back(view);
      }
      for (size_t i = 0; i < step.out.size(); i++) {
        const Operand o = OperandOf(plan.graph, step.out[i]);
        out_views.push_back({out[i], o.dtype, o.sizes, o.strides});
      }
      options.observer->Before(s);
      status = step.step->Run(in.data(), out.data(), arena->data() + step.scratch_offset_bytes);
      if (status.ok()) status = options.observer->After(s, in_views, out_views);
    }
    if (!status.ok()) {
      const Node& node = plan.graph.nodes[step.node];
      status = WithPlace(status, node.scope.empty() ? std::string(node.op->name) : node.scope);
    } else if (options.poison) {
      PoisonDead(plan, static_cast<int>(s), arena->data(), made_at);
    }
  }
  {
    const std::lock_guard<std::mutex> lock(plan.pool_mutex);
    plan.pool.push_back(std::move(arena));
  }
  if (!status.ok()) return status;
  return outputs;
}

Session::Session(Graph graph, const Target& target) : graph_(std::move(graph)), target_(target) {
  for (const auto& [id, tensor] : graph_.constants) constants_ordinary_ = constants_ordinary_ && IsOrdinary(tensor);
}

Result<std::unique_ptr<Session>> Session::Create(const Graph& graph, const Target& target) {
  SetThreadCount(target.threads);
  FP_ASSIGN_OR_RETURN(Graph simplified, Simplify(graph));
  return std::unique_ptr<Session>(new Session(std::move(simplified), target));
}

size_t Session::cached_plans() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return plans_.size();
}

Result<std::shared_ptr<const Plan>> Session::Find(std::vector<InputSpec> inputs, bool exact) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto it = plans_.begin(); it != plans_.end(); ++it) {
    if (it->exact != exact || it->inputs != inputs) continue;
    plans_.splice(plans_.begin(), plans_, it);
    return plans_.front().plan;
  }
  Target target = target_;
  target.exact_special_values = exact;
  FP_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, CompileSimplified(graph_, target, inputs));
  plans_.push_front({std::move(inputs), exact, plan});
  if (plans_.size() > kMaxPlans) plans_.pop_back();
  return plan;
}

Result<std::shared_ptr<const Plan>> Session::PlanFor(std::span<const InputSpec> inputs) {
  return Find({inputs.begin(), inputs.end()}, !constants_ordinary_ || target_.exact_special_values);
}

Result<std::vector<Tensor>> Session::Run(std::span<const Tensor> inputs) {
  for (const Tensor& t : inputs) FP_CHECK(t.defined());
  bool exact = target_.exact_special_values || !constants_ordinary_;
  if (!exact) {
    SetThreadCount(target_.threads);
    for (const Tensor& t : inputs) exact = exact || !IsOrdinary(t);
  }
  FP_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, Find(SpecsOf(inputs), exact));
  if (DebugLevel() >= 6) FP_RETURN_IF_ERROR(DebugCompareSteps(*plan, inputs));
  FP_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, RunPlan(*plan, inputs));
  if (exact || AllOrdinary(outputs)) return outputs;
  FP_ASSIGN_OR_RETURN(plan, Find(SpecsOf(inputs), true));
  return RunPlan(*plan, inputs);
}

}  // namespace fusepack
