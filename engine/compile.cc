// All lowering, top to bottom, a pass a line. Every pass is logged; FUSEPACK_DEBUG=3 shows the graph where it changed.
#include "engine/compile.h"

#include "engine/debug.h"
#include "engine/graph/check.h"
#include "engine/graph/print.h"
#include "engine/passes/choose_kernels.h"
#include "engine/passes/narrow_storage.h"
#include "engine/passes/passes.h"
#include "engine/passes/plan_memory.h"
#include "kernels/base/parallel.h"

namespace fusepack {
namespace {

template <typename Pass>
Status Run(const char* name, Graph& graph, Pass pass) {
  const std::string before = DebugLevel() >= 3 ? PrintGraph(graph) : "";
  const DebugStage stage(name);
  FP_ASSIGN_OR_RETURN(graph, pass(std::move(graph)));
  if (DebugLevel() < 3) return OkStatus();
  const std::string after = PrintGraph(graph);
  if (after != before) DebugLine(3, std::string("after ") + name + ":\n" + after);
  return OkStatus();
}

Status Check(const char* name, const Graph& graph) {
  const DebugStage stage(name);
  return CheckGraph(graph);
}

}  // namespace

Result<Graph> Simplify(const Graph& given) {
  FP_RETURN_IF_ERROR(Check("Check", given));
  Graph graph = given;
  FP_RETURN_IF_ERROR(Run("Canonicalize", graph, Canonicalize));
  FP_RETURN_IF_ERROR(Run("FoldConstants", graph, FoldConstants));
  FP_RETURN_IF_ERROR(Run("FoldBatchNorm", graph, FoldBatchNorm));
  FP_RETURN_IF_ERROR(Run("DropDeadCode", graph, DropDeadCode));
  return graph;
}

Result<std::shared_ptr<const Plan>> CompileSimplified(const Graph& simplified, const Target& target,
                                                      std::span<const InputSpec> inputs) {
  const DebugStage whole("Compile");
  SetThreadCount(target.threads);
  auto plan = std::make_shared<Plan>();
  plan->target = target;
  plan->inputs.assign(inputs.begin(), inputs.end());
  Graph& graph = plan->graph = simplified;
  FP_RETURN_IF_ERROR(Run("InferShapes", graph, [&](Graph g) { return InferShapes(std::move(g), inputs); }));
  FP_RETURN_IF_ERROR(Run("Canonicalize", graph, Canonicalize));
  FP_RETURN_IF_ERROR(Run("FoldConstants", graph, FoldConstants));
  FP_RETURN_IF_ERROR(Run("DropDeadCode", graph, DropDeadCode));
  FP_RETURN_IF_ERROR(Run("ChooseLayouts", graph, [&](Graph g) { return ChooseLayouts(std::move(g), target); }));
  FP_RETURN_IF_ERROR(Run("FuseRegions", graph, [&](Graph g) { return FuseRegions(std::move(g), target); }));
  FP_RETURN_IF_ERROR(Run("NarrowStorage", graph, [&](Graph g) { return NarrowStorage(std::move(g), target); }));
  FP_RETURN_IF_ERROR(Check("Check", graph));
  {
    const DebugStage stage("ChooseKernels");
    FP_RETURN_IF_ERROR(ChooseKernels(*plan));
  }
  {
    const DebugStage stage("PlanMemory");
    FP_RETURN_IF_ERROR(PlanMemory(*plan));
  }
  for (const PlannedStep& step : plan->steps) {
    if (DebugLevel() >= 2) DebugLine(2, KernelLine(*plan, step));
  }
  plan->compile_seconds = whole.seconds();
  return std::shared_ptr<const Plan>(std::move(plan));
}

Result<std::shared_ptr<const Plan>> Compile(const Graph& graph, const Target& target, std::span<const InputSpec> inputs) {
  FP_ASSIGN_OR_RETURN(const Graph simplified, Simplify(graph));
  return CompileSimplified(simplified, target, inputs);
}

}  // namespace fusepack
