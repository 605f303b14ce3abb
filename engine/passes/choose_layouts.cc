// A walk in order; the rule of an operator (kRules, else row-major results) says which layout it wants its first input
// in and which its result has:
//
//   channels-last    convolutions: input and result channels-last, whatever came
//   follow           pools, concatenation, pointwise: channels-last if the (largest) input is
//   row-major        linear: input brought to row-major
//
// Views are taken by asking the operator for the strides that it gives its argument's storage; where there are none,
// the argument is brought to row-major first. Reorders of one value are made once. Channels-last is right for
// every level here: on AVX2 and AVX-512 oneDNN's channels-last convolutions match its channel-blocked ones.
#include <unordered_map>

#include "engine/graph/layout.h"
#include "engine/ops/fused_ops.h"
#include "engine/passes/passes.h"
#include "engine/passes/uses.h"

namespace fusepack {
namespace {

enum class Rule { kAny, kChannelsLast, kFollow, kRowMajor };

Rule RuleOf(const OpDef& op) {
  static const auto* rules = new std::unordered_map<std::string_view, Rule>{
      {"conv1d", Rule::kChannelsLast},      {"conv2d", Rule::kChannelsLast},
      {"conv3d", Rule::kChannelsLast},      {"max_pool2d", Rule::kFollow},
      {"avg_pool2d", Rule::kFollow},        {"adaptive_avg_pool2d", Rule::kFollow},
      {"cat", Rule::kFollow},               {"batch_norm", Rule::kFollow},
      {"linear", Rule::kRowMajor},
  };
  const auto found = rules->find(op.name);
  if (found != rules->end()) return found->second;
  return op.expression.empty() ? Rule::kAny : Rule::kFollow;
}

class Chooser {
 public:
  explicit Chooser(Graph graph) : graph_(std::move(graph)) {}

  Graph Run() {
    for (const auto& [id, tensor] : graph_.constants) SetStrides(graph_.values[id], tensor.strides());
    std::vector<Node> before = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : before) Place(std::move(node));
    // Outputs: row-major, each a result of its own that no other output shares and that is no view.
    std::vector<bool> taken(graph_.values.size());
    for (GraphOutput& output : graph_.outputs) {
      if (output.id >= static_cast<int>(taken.size())) taken.resize(graph_.values.size());
      const bool own = made_.contains(output.id) && !taken[output.id] && !viewed_.contains(output.id);
      if (own && IsRowMajor(graph_.values[output.id])) {
        taken[output.id] = true;
      } else {
        output.id = AddReorder(output.id, ContiguousStrides(ToDims(graph_.values[output.id].sizes)));
      }
    }
    return std::move(graph_);
  }

 private:
  void Place(Node node) {
    if (node.op->view != nullptr && node.outputs.size() == 1) {
      PlaceView(std::move(node));
      return;
    }
    const Rule rule = RuleOf(*node.op);
    bool channels_last = false;
    const std::vector<ValueId> inputs = node.Inputs();
    const Value& out = graph_.values[node.outputs[0]];
    if (!inputs.empty() && out.sizes.size() >= 3 && out.sizes.size() <= 5) {
      if (rule == Rule::kChannelsLast && out.dtype == DType::kF32) {
        channels_last = true;
        node.ForEachInput([&, first = true](ValueId& id) mutable {
          if (first) id = ChannelsLast(id);
          first = false;
        });
      } else if (rule == Rule::kFollow) {
        for (ValueId id : inputs) {
          const Value& in = graph_.values[id];
          channels_last |= in.sizes.size() == out.sizes.size() && !in.strides.empty() && IsChannelsLast(in) &&
                           !graph_.constants.contains(id) && (node.op->name == "cat" || node.op->expression.empty() ||
                                                              ToDims(in.sizes) == ToDims(out.sizes));
        }
        // A row-major operand of the same size would be read across its rows: bring it along once.
        if (channels_last && !node.op->expression.empty()) {
          const Dims sizes = ToDims(out.sizes);
          node.ForEachInput([&](ValueId& id) {
            if (graph_.values[id].sizes.size() == out.sizes.size() && ToDims(graph_.values[id].sizes) == sizes) id = ChannelsLast(id);
          });
        }
      }
    }
    if (rule == Rule::kRowMajor) {
      node.ForEachInput([&](ValueId& id) {
        if (!graph_.constants.contains(id)) id = RowMajor(id);
      });
    }
    for (ValueId id : node.outputs) {
      Value& value = graph_.values[id];
      value.strides.clear();
      if (channels_last && value.sizes.size() == graph_.values[node.outputs[0]].sizes.size()) {
        SetStrides(value, ChannelsLastStrides(ToDims(value.sizes)));
      }
      made_.emplace(id, 0);
    }
    graph_.nodes.push_back(std::move(node));
  }

  void PlaceView(Node node) {
    std::optional<Tensor> seen;
    // as_strided names places in memory, as they are in a row-major tensor.
    if (node.op->name != "as_strided") seen = ViewOf(graph_, node);
    if (!seen) {
      node.ForEachInput([&, first = true](ValueId& id) mutable {
        if (first) id = RowMajor(id);
        first = false;
      });
      seen = ViewOf(graph_, node);
    }
    Value& value = graph_.values[node.outputs[0]];
    value.strides.clear();
    if (seen) {
      SetStrides(value, seen->strides());
      viewed_.emplace(node.outputs[0], 0);
    }
    made_.emplace(node.outputs[0], 0);
    graph_.nodes.push_back(std::move(node));
  }

  ValueId ChannelsLast(ValueId id) {
    const Value& value = graph_.values[id];
    if (value.sizes.size() < 3 || IsChannelsLast(value)) return id;
    return Reordered(channels_last_, id, ChannelsLastStrides(ToDims(value.sizes)));
  }
  ValueId RowMajor(ValueId id) {
    const Value& value = graph_.values[id];
    if (IsRowMajor(value)) return id;
    return Reordered(row_major_, id, ContiguousStrides(ToDims(value.sizes)));
  }
  ValueId Reordered(std::unordered_map<ValueId, ValueId>& known, ValueId id, const Dims& strides) {
    const auto found = known.find(id);
    if (found != known.end()) return found->second;
    return known[id] = AddReorder(id, strides);
  }
  ValueId AddReorder(ValueId id, const Dims& strides) {
    const Value from = graph_.values[id];
    const ValueId to = graph_.AddValue(from.name, from.dtype, from.sizes);
    SetStrides(graph_.values[to], strides);
    Node node;
    node.op = &ReorderOp();
    node.args = {ValueRef{id}};
    node.outputs = {to};
    graph_.nodes.push_back(std::move(node));
    made_.emplace(to, 0);
    return to;
  }

  Graph graph_;
  std::unordered_map<ValueId, ValueId> channels_last_, row_major_;
  std::unordered_map<ValueId, int> made_, viewed_;
};

}  // namespace

Result<Graph> ChooseLayouts(Graph graph, const Target&) { return Chooser(std::move(graph)).Run(); }

}  // namespace fusepack
