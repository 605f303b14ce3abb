// Groups are found in node order, in two rounds.
//
// Epilogues: from a convolution or linear, walk to the only reader of its result while that is a pointwise node that the
// library computes before storing (kernels/onednn): one addition of a tensor of the same layout, and activations.
// Pointwise groups: from a pointwise node, take in readers of values made inside, earliest first, as long as they are
// pointwise with the same sizes and strides; the longest prefix of that walk with a single value leaving it is the
// group. So x * sigmoid(x) and residual chains fuse, and no value is computed twice.
//
// A group stands where its last node stood: everything it reads is defined by then, and since only its last value
// leaves it, nobody can have needed it before.
#include <algorithm>
#include <set>

#include "engine/graph/layout.h"
#include "engine/ops/fused_ops.h"
#include "engine/passes/passes.h"
#include "engine/passes/uses.h"
#include "engine/steps/epilogue.h"

namespace fusepack {
namespace {

constexpr size_t kMaxGroupNodes = 24;
constexpr size_t kMaxGroupInputs = 32;

class Fuser {
 public:
  Fuser(Graph graph, const Target& target)
      : graph_(std::move(graph)), target_(target), readers_(Readers(graph_)), group_of_(graph_.nodes.size(), -1),
        is_output_(graph_.values.size()) {
    for (const GraphOutput& output : graph_.outputs) is_output_[output.id] = true;
  }

  Graph Run() {
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      const std::string_view op = graph_.nodes[i].op->name;
      if (op == "conv1d" || op == "conv2d" || op == "conv3d" || op == "linear") Take(EpilogueGroup(static_cast<int>(i)));
    }
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      if (group_of_[i] < 0 && Fusable(static_cast<int>(i))) Take(PointwiseGroup(static_cast<int>(i)));
    }
    return Build();
  }

 private:
  using Group = std::vector<int>;  // node numbers, ascending

  void Take(Group group) {
    if (group.size() < 2) return;
    for (int i : group) group_of_[i] = static_cast<int>(groups_.size());
    groups_.push_back(std::move(group));
  }

  // The number of the only node that reads `id`, once, where no output does; -1 else.
  int OnlyReader(ValueId id) const {
    if (is_output_[id] || readers_[id].size() != 1) return -1;
    const std::vector<ValueId> inputs = graph_.nodes[readers_[id][0]].Inputs();
    return std::count(inputs.begin(), inputs.end(), id) == 1 ? readers_[id][0] : -1;
  }

  Group EpilogueGroup(int root) const {
    Group group = {root};
    const Node& first = graph_.nodes[root];
    // Only what the library will take: constant weights, f32.
    for (size_t k = 1; k < first.args.size(); k++) {
      const ValueRef* ref = std::get_if<ValueRef>(&first.args[k]);
      if (ref && !graph_.constants.contains(ref->id)) return group;
    }
    if (graph_.values[first.outputs[0]].dtype != DType::kF32) return group;
    const ValueId x = std::get<ValueRef>(first.args[0]).id;
    bool added = false;
    for (ValueId value = first.outputs[0]; group.size() < kMaxGroupNodes;) {
      const int next = OnlyReader(value);
      if (next < 0 || group_of_[next] >= 0) break;
      const Node& node = graph_.nodes[next];
      const ValueId addend = AddendOf(graph_, node, value);
      const bool eltwise = !target_.exact_special_values && EltwiseEpilogue(graph_, node).has_value();
      if (!eltwise && (addend == kNoValue || added || addend == x)) break;
      added |= addend != kNoValue;
      group.push_back(next);
      value = node.outputs[0];
    }
    return group;
  }

  bool Fusable(int i) const { return ReadPointwise(graph_, graph_.nodes[i]).has_value(); }

  bool SameShape(ValueId a, ValueId b) const {
    return ToDims(graph_.values[a].sizes) == ToDims(graph_.values[b].sizes) &&
           graph_.values[a].strides == graph_.values[b].strides;
  }

  Group PointwiseGroup(int root) const {
    Group group = {root}, best = group;
    std::set<int> members = {root};
    const ValueId shape = graph_.nodes[root].outputs[0];
    while (group.size() < kMaxGroupNodes) {
      // The earliest node outside that reads a value made inside.
      int next = -1;
      bool leaves_graph = false;
      for (int i : group) {
        const ValueId value = graph_.nodes[i].outputs[0];
        leaves_graph |= is_output_[value];
        for (int reader : readers_[value]) {
          if (!members.contains(reader) && (next < 0 || reader < next)) next = reader;
        }
      }
      if (next < 0 || leaves_graph || group_of_[next] >= 0 || !Fusable(next)) break;
      if (!SameShape(graph_.nodes[next].outputs[0], shape)) break;
      group.push_back(next);
      members.insert(next);
      if (InputCount(group) > kMaxGroupInputs) break;
      if (OneValueLeaves(group, members)) best = group;
    }
    std::sort(best.begin(), best.end());
    return best;
  }

  size_t InputCount(const Group& group) const {
    std::set<ValueId> inputs;
    for (int i : group) {
      for (ValueId id : graph_.nodes[i].Inputs()) inputs.insert(id);
    }
    return inputs.size();
  }

  // True if only the value of the group's last node is read outside.
  bool OneValueLeaves(const Group& group, const std::set<int>& members) const {
    const int last = *members.rbegin();
    for (int i : group) {
      if (i == last) continue;
      const ValueId value = graph_.nodes[i].outputs[0];
      if (is_output_[value]) return false;
      for (int reader : readers_[value]) {
        if (!members.contains(reader)) return false;
      }
    }
    return true;
  }

  Graph Build() {
    std::vector<Node> nodes;
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      const int g = group_of_[i];
      if (g < 0) {
        nodes.push_back(std::move(graph_.nodes[i]));
      } else if (groups_[g].back() == static_cast<int>(i)) {
        nodes.push_back(FusedNode(groups_[g]));
      }
    }
    graph_.nodes = std::move(nodes);
    return std::move(graph_);
  }

  Node FusedNode(const Group& group) const {
    Node fused;
    fused.op = &FusedOp();
    Graph region;
    std::map<ValueId, ValueId> inside;
    ValueList inputs;
    const auto add = [&](ValueId id, bool input) {
      Value value = graph_.values[id];
      region.values.push_back(std::move(value));
      inside[id] = static_cast<ValueId>(region.values.size()) - 1;
      if (input) {
        region.inputs.push_back(inside[id]);
        inputs.push_back(id);
      }
    };
    for (int i : group) {
      Node node = graph_.nodes[i];
      region.name += (region.name.empty() ? "" : "_") + std::string(node.op->name);
      node.ForEachInput([&](ValueId& id) {
        if (!inside.contains(id)) add(id, true);
        id = inside.at(id);
      });
      for (ValueId& id : node.outputs) {
        add(id, false);
        id = inside.at(id);
      }
      region.nodes.push_back(std::move(node));
    }
    // Named for the debugger after the node with the weights, or the last one.
    const Node &first = graph_.nodes[group.front()], &last = graph_.nodes[group.back()];
    fused.scope = first.scope.empty() ? last.scope : first.scope;
    fused.where = first.where.empty() ? last.where : first.where;
    fused.args = {std::move(inputs)};
    fused.outputs = last.outputs;
    region.outputs = {{inside.at(last.outputs[0]), ""}};
    fused.region = std::make_shared<const Graph>(std::move(region));
    return fused;
  }

  Graph graph_;
  const Target& target_;
  const std::vector<std::vector<int>> readers_;
  std::vector<int> group_of_;
  std::vector<bool> is_output_;
  std::vector<Group> groups_;
};

}  // namespace

Result<Graph> FuseRegions(Graph graph, const Target& target) {
  if (!target.fuse) return graph;
  return Fuser(std::move(graph), target).Run();
}

}  // namespace fusepack
