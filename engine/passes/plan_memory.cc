// Lifetimes first: a value lives from the step that makes it to the last that reads it; a view lends its argument's
// memory, whose life it prolongs. Then the steps are walked in order over a list of free runs of memory: results and
// scratch take the smallest run that fits (or the end of the arena grows), and what was read for the last time is
// returned afterwards, merged with its neighbours. A step that names an input it may overwrite gets that input's
// memory for its result where nobody needs the input afterwards. Outputs have memory of their own: it goes to the caller.
#include "engine/passes/plan_memory.h"

#include <algorithm>
#include <map>

#include "engine/graph/layout.h"

namespace fusepack {
namespace {

int64_t Align(int64_t bytes) { return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment; }

class FreeRuns {
 public:
  int64_t Take(int64_t bytes) {
    auto best = runs_.end();
    for (auto it = runs_.begin(); it != runs_.end(); ++it) {
      if (it->second >= bytes && (best == runs_.end() || it->second < best->second)) best = it;
    }
    if (best == runs_.end()) {
      // The arena grows; a free run at its end is part of the new place.
      int64_t at = end_;
      if (!runs_.empty() && runs_.rbegin()->first + runs_.rbegin()->second == end_) {
        at = runs_.rbegin()->first;
        runs_.erase(at);
      }
      end_ = at + bytes;
      return at;
    }
    const auto [at, size] = *best;
    runs_.erase(best);
    if (size > bytes) runs_[at + bytes] = size - bytes;
    return at;
  }

  void Return(int64_t at, int64_t bytes) {
    auto next = runs_.upper_bound(at);
    if (next != runs_.end() && at + bytes == next->first) {
      bytes += next->second;
      next = runs_.erase(next);
    }
    if (next != runs_.begin()) {
      auto before = std::prev(next);
      if (before->first + before->second == at) {
        before->second += bytes;
        return;
      }
    }
    runs_[at] = bytes;
  }

  int64_t end() const { return end_; }

 private:
  std::map<int64_t, int64_t> runs_;  // start -> bytes
  int64_t end_ = 0;
};

}  // namespace

Status PlanMemory(Plan& plan) {
  const Graph& graph = plan.graph;
  const int values = static_cast<int>(graph.values.size()), steps = static_cast<int>(plan.steps.size());
  plan.places.assign(values, {});
  for (size_t i = 0; i < graph.inputs.size(); i++) plan.places[graph.inputs[i]] = {Place::Kind::kInput, static_cast<int>(i), 0};
  for (const auto& [id, tensor] : graph.constants) plan.places[id] = {Place::Kind::kConstant, id, 0};

  // Views: the value whose memory each shows, and where in it.
  std::vector<ValueId> base(values);
  std::vector<int64_t> offset(values);
  for (int v = 0; v < values; v++) base[v] = v;
  std::vector<bool> is_step(graph.nodes.size());
  for (const PlannedStep& step : plan.steps) is_step[step.node] = true;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    if (is_step[i]) continue;
    const Node& node = graph.nodes[i];
    const std::optional<Tensor> seen = ViewOf(graph, node);
    FP_CHECK(seen.has_value());
    const ValueId from = node.Inputs()[0], to = node.outputs[0];
    base[to] = base[from];
    offset[to] = offset[from] + seen->offset() * static_cast<int64_t>(ItemSize(graph.values[to].dtype));
  }
  std::vector<int> last(values, -1);
  for (int s = 0; s < steps; s++) {
    for (size_t i = 0; i < plan.steps[s].in.size(); i++) {
      if (plan.steps[s].step->reads(static_cast<int>(i))) last[base[plan.steps[s].in[i]]] = s;
    }
  }
  CheckedI64 output_bytes = 0;
  for (size_t i = 0; i < graph.outputs.size(); i++) {
    const ValueId id = graph.outputs[i].id;
    FP_CHECK_EQ(base[id], id);
    output_bytes += OperandOf(graph, id).bytes();
    last[id] = steps;
    plan.places[id] = {Place::Kind::kOutput, static_cast<int>(i), 0};
  }

  FreeRuns arena;
  CheckedI64 unshared = 0;
  std::vector<int64_t> bytes_of(values);
  std::vector<std::vector<ValueId>> ends(steps + 1);  // arena values by the last step that reads them
  for (int s = 0; s < steps; s++) {
    PlannedStep& step = plan.steps[s];
    const int reusable = step.step->in_place_input();
    for (size_t o = 0; o < step.out.size(); o++) {
      const ValueId id = step.out[o];
      if (plan.places[id].kind == Place::Kind::kOutput) continue;
      bytes_of[id] = Align(std::max<int64_t>(OperandOf(graph, id).bytes(), 1));
      unshared += bytes_of[id];
      last[id] = std::max(last[id], s);
      const ValueId lender = o == 0 && reusable >= 0 ? base[step.in[reusable]] : kNoValue;
      const bool lends = lender != kNoValue && plan.places[lender].kind == Place::Kind::kArena && last[lender] == s &&
                         step.in[reusable] == lender && bytes_of[lender] == bytes_of[id] &&
                         std::count_if(step.in.begin(), step.in.end(), [&](ValueId v) { return base[v] == lender; }) == 1;
      if (lends) {
        plan.places[id] = plan.places[lender];
        bytes_of[lender] = 0;  // handed over: not returned when the lender's life ends
      } else {
        plan.places[id] = {Place::Kind::kArena, 0, arena.Take(bytes_of[id])};
      }
      ends[last[id]].push_back(id);
    }
    const int64_t scratch = Align(step.step->scratch_bytes());
    if (scratch > 0) {
      step.scratch_offset_bytes = arena.Take(scratch);
      arena.Return(step.scratch_offset_bytes, scratch);
      unshared += scratch;
    }
    for (ValueId id : ends[s]) {
      if (bytes_of[id] > 0) arena.Return(plan.places[id].offset_bytes, bytes_of[id]);
    }
    const CheckedI64 needed = output_bytes + arena.end();
    if (!needed.Within(plan.target.memory_budget_bytes)) {
      return LimitExceeded("memory plan", "over " + std::to_string(arena.end()) + " bytes of activations and " +
                           std::to_string(output_bytes.ok() ? output_bytes.value() : kDimLimit) + " of outputs",
                           "at most " + std::to_string(plan.target.memory_budget_bytes));
    }
  }
  for (int v = 0; v < values; v++) {
    if (base[v] == v) continue;
    plan.places[v] = plan.places[base[v]];
    plan.places[v].offset_bytes += offset[v];
  }
  plan.last_step.assign(values, -1);
  for (int v = 0; v < values; v++) plan.last_step[v] = last[base[v]];
  plan.arena_bytes = arena.end();
  plan.unshared_bytes = unshared.ok() ? unshared.value() : kDimLimit;
  return OkStatus();
}

}  // namespace fusepack
