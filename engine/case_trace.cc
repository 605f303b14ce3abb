#include "engine/case_trace.h"

#include <cmath>

#include "engine/evaluate.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

Result<NodeDigest> Digest(const Node& node, const Tensor& value) {
  NodeDigest out;
  out.op = std::string(node.op->name);
  out.scope = node.scope;
  out.where = node.where;
  if (Category(value.dtype()) == 3 || value.numel() == 0) return out;
  FP_ASSIGN_OR_RETURN(const Tensor wide, value.To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor dense, wide.Contiguous());
  const double* x = dense.view().as<double>();
  const int64_t n = dense.numel();
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!std::isfinite(x[i])) {
      out.non_finite++;
      continue;
    }
    sum += x[i];
    squares += x[i] * x[i];
    out.max_abs = std::max(out.max_abs, std::fabs(x[i]));
  }
  out.mean = sum / static_cast<double>(n);
  out.mean_square = squares / static_cast<double>(n);
  for (int k = 0; k < kDigestSamples; k++) out.samples.push_back(x[k * (n - 1) / (kDigestSamples - 1)]);
  return out;
}

bool Near(double a, double b, double scale) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b);
  return a == b || std::fabs(a - b) <= kDigestTolerance * scale;
}

bool Same(const NodeDigest& a, const NodeDigest& b) {
  const double scale = std::max(a.max_abs, b.max_abs);
  bool same = a.non_finite == b.non_finite && Near(a.mean, b.mean, scale) && Near(a.max_abs, b.max_abs, scale) &&
              Near(a.mean_square, b.mean_square, scale * scale) && a.samples.size() == b.samples.size();
  for (size_t k = 0; same && k < a.samples.size(); k++) same = Near(a.samples[k], b.samples[k], scale);
  return same;
}

}  // namespace

Result<CaseTrace> ComputeCaseTrace(const Graph& graph, std::span<const Tensor> inputs, std::vector<Tensor>* outputs) {
  CaseTrace trace;
  const auto visit = [&](size_t node, std::span<const Tensor> results) -> Status {
    FP_ASSIGN_OR_RETURN(NodeDigest digest, Digest(graph.nodes[node], results[0]));
    trace.nodes.push_back(std::move(digest));
    return OkStatus();
  };
  FP_ASSIGN_OR_RETURN(std::vector<Tensor> evaluated, Evaluate(graph, inputs, Oracle::kFloat64, visit));
  if (outputs != nullptr) *outputs = std::move(evaluated);
  return trace;
}

Result<int> FirstDeparture(const CaseTrace& stored, const CaseTrace& now) {
  if (stored.nodes.size() != now.nodes.size()) {
    return BadInput("case trace", std::to_string(stored.nodes.size()) + " nodes", std::to_string(now.nodes.size()));
  }
  for (size_t i = 0; i < stored.nodes.size(); i++) {
    if (stored.nodes[i].op != now.nodes[i].op) {
      return BadInput("case trace", "node " + std::to_string(i) + " is " + stored.nodes[i].op, now.nodes[i].op);
    }
    if (!Same(stored.nodes[i], now.nodes[i])) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace fusepack
