// y = (x - mean) / sqrt(var + eps) * gamma + beta is y = scale * x + shift for each channel. Where x is the result of a
// convolution or linear with constant weights that nobody else reads, scale goes into the weights and scale * b + shift
// is the bias; both are computed in double and rounded once, so the folded layer is not less exact than the two were.
// Elsewhere (behind a concatenation, say) the norm becomes a multiplication and an addition by constants, which fuse
// with what surrounds them.
#include <cmath>

#include "engine/graph/builder.h"
#include "engine/passes/passes.h"
#include "engine/passes/uses.h"
#include "kernels/base/parallel.h"

namespace fusepack {
namespace {

struct ScaleShift {
  std::vector<double> scale, shift;
};

const Tensor* ConstantArg(const Graph& graph, const Node& node, std::string_view name) {
  const int at = node.op->schema().Find(name);
  const ValueRef* ref = at < 0 ? nullptr : std::get_if<ValueRef>(&node.args[at]);
  const auto found = ref ? graph.constants.find(ref->id) : graph.constants.end();
  return found == graph.constants.end() ? nullptr : &found->second;
}

bool HasArg(const Node& node, std::string_view name) {
  const int at = node.op->schema().Find(name);
  return at >= 0 && !std::holds_alternative<std::monostate>(node.args[at]);
}

// False where the node is not a batch norm on constant statistics.
bool ReadBatchNorm(const Graph& graph, const Node& node, ScaleShift* out) {
  if (node.op->name != "batch_norm") return false;
  const int training_at = node.op->schema().Find("training"), eps_at = node.op->schema().Find("eps");
  const bool* training = training_at < 0 ? nullptr : std::get_if<bool>(&node.args[training_at]);
  const double* eps = eps_at < 0 ? nullptr : std::get_if<double>(&node.args[eps_at]);
  const Tensor* mean = ConstantArg(graph, node, "running_mean");
  const Tensor* var = ConstantArg(graph, node, "running_var");
  const Tensor* gamma = ConstantArg(graph, node, "weight");
  const Tensor* beta = ConstantArg(graph, node, "bias");
  if (!training || *training || !eps || !mean || !var) return false;
  if ((!gamma && HasArg(node, "weight")) || (!beta && HasArg(node, "bias"))) return false;
  const int64_t channels = mean->numel();
  for (const Tensor* t : {mean, var, gamma, beta}) {
    if (t && (t->rank() != 1 || t->numel() != channels || t->dtype() != DType::kF32)) return false;
  }
  for (int64_t c = 0; c < channels; c++) {
    const double scale = (gamma ? gamma->ItemAsDouble(c) : 1) / std::sqrt(var->ItemAsDouble(c) + *eps);
    out->scale.push_back(scale);
    out->shift.push_back((beta ? beta->ItemAsDouble(c) : 0) - mean->ItemAsDouble(c) * scale);
  }
  return true;
}

// w scaled along its first dimension.
Result<Tensor> ScaleRows(const Tensor& w, const std::vector<double>& scale) {
  FP_ASSIGN_OR_RETURN(Tensor dense, w.Contiguous());
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(DType::kF32, w.sizes()));
  const float* from = dense.view().as<float>();
  float* to = out.mutable_view().as<float>();
  const int64_t rows = w.sizes()[0], row = rows ? w.numel() / rows : 0;
  ParallelFor(rows, std::max<int64_t>(1, 65536 / std::max<int64_t>(row, 1)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      for (int64_t i = r * row; i < (r + 1) * row; i++) to[i] = static_cast<float>(from[i] * scale[r]);
    }
  });
  return out;
}

Tensor ChannelVector(const std::vector<double>& values, const Dims& sizes) {
  std::vector<float> floats(values.begin(), values.end());
  return Tensor::FromValues<float>(sizes, floats);
}

// Whether dimension 1 of the producer's result is its weight's first dimension.
bool TakesScale(const Graph& graph, const Node& producer, size_t channels) {
  const std::string_view op = producer.op->name;
  const bool conv = op == "conv1d" || op == "conv2d" || op == "conv3d";
  if (!conv && !(op == "linear" && graph.values[producer.outputs[0]].sizes.size() == 2)) return false;
  const Tensor* weight = ConstantArg(graph, producer, "weight");
  if (weight == nullptr || weight->dtype() != DType::kF32 || weight->sizes()[0] != static_cast<int64_t>(channels)) return false;
  const Tensor* bias = ConstantArg(graph, producer, "bias");
  return !HasArg(producer, "bias") || (bias && bias->dtype() == DType::kF32);
}

void SetRef(Node& node, std::string_view name, ValueId id) { node.args[node.op->schema().IndexOf(name)] = ValueRef{id}; }

}  // namespace

Result<Graph> FoldBatchNorm(Graph graph) {
  const std::vector<int> uses = CountUses(graph);
  std::vector<int> at(graph.values.size(), -1);  // place among the nodes kept, of every value's definition
  Replacements replaced;
  std::vector<Node> nodes;
  const auto keep = [&](Node node) {
    at.resize(graph.values.size(), -1);
    for (ValueId id : node.outputs) at[id] = static_cast<int>(nodes.size());
    nodes.push_back(std::move(node));
  };
  for (Node& node : graph.nodes) {
    replaced.Renew(node);
    ScaleShift norm;
    if (!ReadBatchNorm(graph, node, &norm)) {
      keep(std::move(node));
      continue;
    }
    const ValueId x = std::get<ValueRef>(node.args[node.op->schema().IndexOf("input")]).id, y = node.outputs[0];
    const std::string name = node.scope.empty() ? graph.values[y].name : node.scope;
    Node* producer = at[x] < 0 ? nullptr : &nodes[at[x]];
    if (producer && uses[x] == 1 && producer->outputs.size() == 1 && TakesScale(graph, *producer, norm.scale.size())) {
      const Tensor* bias = ConstantArg(graph, *producer, "bias");
      std::vector<double> shift = norm.shift;
      for (size_t c = 0; bias && c < shift.size(); c++) shift[c] += bias->ItemAsDouble(static_cast<int64_t>(c)) * norm.scale[c];
      FP_ASSIGN_OR_RETURN(Tensor weight, ScaleRows(*ConstantArg(graph, *producer, "weight"), norm.scale));
      const int64_t channels = static_cast<int64_t>(shift.size());
      SetRef(*producer, "weight", graph.AddConstant(name + ".folded_weight", std::move(weight)));
      SetRef(*producer, "bias", graph.AddConstant(name + ".folded_bias", ChannelVector(shift, {channels})));
      // The norm's result takes the place of the producer's, under the norm's name and sizes.
      producer->outputs[0] = y;
      at[y] = at[x];
      continue;
    }
    if (graph.values[x].dtype != DType::kF32) {
      keep(std::move(node));
      continue;
    }
    Dims sizes(static_cast<int>(graph.values[x].sizes.size()) - 1, 1);  // [C,1,1]: broadcast against [N,C,H,W]
    sizes[0] = static_cast<int64_t>(norm.scale.size());
    const ValueId scale = graph.AddConstant(name + ".scale", ChannelVector(norm.scale, sizes));
    const ValueId shift = graph.AddConstant(name + ".shift", ChannelVector(norm.shift, sizes));
    GraphBuilder builder(&graph);
    builder.set_scope(node.scope);
    builder.set_where(node.where);
    std::vector<Node> before = std::move(graph.nodes);
    graph.nodes.clear();
    Result<ValueId> scaled = builder.AddOne("mul", {ValueRef{x}, ValueRef{scale}});
    Result<ValueId> shifted = scaled.ok() ? builder.AddOne("add", {ValueRef{*scaled}, ValueRef{shift}}) : scaled;
    std::vector<Node> made = std::move(graph.nodes);
    graph.nodes = std::move(before);
    if (!shifted.ok()) return shifted.status();
    at.resize(graph.values.size(), -1);
    made.back().outputs[0] = y;
    for (Node& m : made) keep(std::move(m));
  }
  graph.nodes = std::move(nodes);
  replaced.RenewOutputs(graph);
  return graph;
}

}  // namespace fusepack
