#include "engine/bisect.h"

#include "engine/debug.h"
#include "engine/evaluate.h"
#include "engine/ops/fused_ops.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

Tensor WrapView(const TensorView& view) {
  int64_t elements = view.numel() == 0 ? 0 : 1;
  for (int d = 0; d < view.rank() && elements > 0; d++) elements += (view.sizes[d] - 1) * view.strides[d];
  const int64_t bytes = elements * static_cast<int64_t>(ItemSize(view.dtype));
  return Tensor(Storage::Wrap(view.data, bytes, nullptr, false), view.dtype, view.sizes, view.strides, 0);
}

class Comparer : public StepObserver {
 public:
  explicit Comparer(const Plan& plan) : plan_(plan) {}

  Status After(size_t s, std::span<const TensorView> in, std::span<const MutableTensorView> out) override {
    const PlannedStep& step = plan_.steps[s];
    const Node& node = plan_.graph.nodes[step.node];
    std::vector<Tensor> inputs;
    for (size_t i = 0; i < in.size(); i++) {
      // A packed constant has no memory in the run: the graph's own.
      const auto constant = plan_.graph.constants.find(step.in[i]);
      inputs.push_back(constant != plan_.graph.constants.end() ? constant->second : WrapView(in[i]));
    }
    FP_ASSIGN_OR_RETURN(const std::vector<Tensor> expected, EvaluateNode(node, inputs, Oracle::kFloat64));
    StepReport report;
    report.nodes = node.region ? node.region->name : std::string(node.op->name);
    report.scope = node.scope;
    report.where = node.where;
    report.kernel = step.kernel + " " + step.step->implementation();
    for (size_t i = 0; i < out.size(); i++) {
      if (Category(out[i].dtype) == 3) continue;
      const Tolerance tolerance = StepTolerance(out[i].dtype);
      FP_ASSIGN_OR_RETURN(Comparison comparison, CompareTensors(WrapView(out[i]), expected[i], tolerance));
      // Codes: the next integer, where the exact number lies between two.
      if (node.region && node.region->nodes.back().op == &EncodeOp() && Category(out[i].dtype) == 1) comparison.passed = comparison.max_abs_error <= 1;
      if (i == 0 || !(comparison.max_relative_error <= report.comparison.max_relative_error)) report.comparison = comparison;
    }
    reports.push_back(std::move(report));
    return OkStatus();
  }

  std::vector<StepReport> reports;

 private:
  const Plan& plan_;
};

}  // namespace

Tolerance StepTolerance(DType stored) {
  if (stored == DType::kBF16) return {kStepTolerance + 0x1p-8, "f32 rounding of one fused group, and the result's to bf16"};
  return {kStepTolerance, "f32 rounding of one fused group"};
}

Result<std::vector<StepReport>> BisectPlan(const Plan& plan, std::span<const Tensor> inputs) {
  Comparer comparer(plan);
  RunOptions options;
  options.observer = &comparer;
  FP_RETURN_IF_ERROR(RunPlan(plan, inputs, options).status());
  return std::move(comparer.reports);
}

std::string Culprit::ToString() const {
  if (kind == Kind::kNone) return "no group differs from the float64 reference on the same inputs";
  std::string out = "first difference: " + op;
  if (!scope.empty()) out += " of " + scope;
  if (!where.empty()) out += " at " + where;
  if (!constants.empty()) {
    out += " (reads";
    for (const std::string& name : constants) out += " " + name;
    out += ")";
  }
  return out + ": " + detail;
}

Result<Culprit> BisectCase(const Graph& graph, const Target& target, std::span<const Tensor> inputs, const CaseTrace* trace) {
  Culprit culprit;
  if (trace != nullptr) {
    FP_ASSIGN_OR_RETURN(const CaseTrace now, ComputeCaseTrace(graph, inputs));
    FP_ASSIGN_OR_RETURN(const int first, FirstDeparture(*trace, now));
    if (first >= 0) {
      const Node& node = graph.nodes[first];
      culprit.kind = Culprit::Kind::kConstant;
      culprit.op = std::string(node.op->name);
      culprit.scope = node.scope;
      culprit.where = node.where;
      for (ValueId id : node.Inputs()) {
        if (graph.constants.contains(id)) culprit.constants.push_back(graph.values[id].name);
      }
      culprit.detail = "its result is not the one recorded with the case, though its inputs are: a constant was changed";
      return culprit;
    }
  }
  FP_ASSIGN_OR_RETURN(const auto plan, Compile(graph, target, SpecsOf(inputs)));
  FP_ASSIGN_OR_RETURN(const std::vector<StepReport> reports, BisectPlan(*plan, inputs));
  for (const StepReport& report : reports) {
    if (report.comparison.passed) continue;
    culprit.kind = Culprit::Kind::kKernel;
    culprit.op = report.nodes;
    culprit.scope = report.scope;
    culprit.where = report.where;
    culprit.detail = report.kernel + ": " + report.comparison.ToString();
    return culprit;
  }
  return culprit;
}

Status DebugCompareSteps(const Plan& plan, std::span<const Tensor> inputs) {
  FP_ASSIGN_OR_RETURN(const std::vector<StepReport> reports, BisectPlan(plan, inputs));
  for (const StepReport& r : reports) DebugLine(6, r.nodes + " " + r.scope + " | " + r.kernel + " | " + r.comparison.ToString());
  return OkStatus();
}

}  // namespace fusepack
