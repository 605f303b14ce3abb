#include "engine/passes/choose_kernels.h"

#include "engine/graph/layout.h"
#include "engine/graph/print.h"
#include "engine/ops/op.h"
#include "engine/steps/step_list.h"

namespace fusepack {

Status ChooseKernels(Plan& plan) {
  const Graph& graph = plan.graph;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const Node& node = graph.nodes[i];
    if (ViewOf(graph, node)) continue;
    PlannedStep planned;
    planned.node = static_cast<int>(i);
    planned.in = node.Inputs();
    planned.out = node.outputs;
    const StepCall call = StepCallOf(graph, node, plan.target);
    for (const Operand& out : call.out) {
      // Before a kernel makes tables of these sizes, and before PlanMemory adds them up.
      if (out.bytes() <= plan.target.memory_budget_bytes) continue;
      return LimitExceeded(node.scope.empty() ? std::string(node.op->name) : node.scope,
                           "a result of " + std::string(ShortName(out.dtype)) + out.sizes.ToString(),
                           "at most " + std::to_string(plan.target.memory_budget_bytes) + " bytes");
    }
    for (const StepMaker& maker : StepMakers(*node.op)) {
      Result<std::unique_ptr<Step>> made = maker.make(call);
      if (!made.ok()) {
        if (made.error().code == ErrorCode::kBadInput) continue;  // not for this kernel
        return made.status();
      }
      planned.step = std::move(*made);
      planned.kernel = std::string(maker.name);
      break;
    }
    if (!planned.step) return InternalError("no kernel for " + PrintNode(graph, node));
    plan.packed_bytes += planned.step->packed_bytes();
    plan.flops += planned.step->flops();
    plan.steps.push_back(std::move(planned));
  }
  return OkStatus();
}

std::string KernelLine(const Plan& plan, const PlannedStep& step) {
  const Node& node = plan.graph.nodes[step.node];
  std::string out = node.region ? node.region->name : std::string(node.op->name);
  for (ValueId id : step.in) {
    const bool constant = plan.graph.constants.contains(id);
    out += std::string(" ") + (constant ? "const:" : "") + PrintValueType(plan.graph.values[id]);
  }
  out += " ->";
  for (ValueId id : step.out) out += " " + PrintValueType(plan.graph.values[id]);
  out += " | " + step.kernel + " " + step.step->implementation();
  if (step.step->flops() > 0) {
    char text[40];
    std::snprintf(text, sizeof text, " %.1f MFLOP", step.step->flops() * 1e-6);
    out += text;
  }
  return node.scope.empty() ? out : out + "  # " + node.scope;
}

}  // namespace fusepack
