// Which values lie in memory as what, decided a value at a time, then written into the graph: a node that reads or makes a
// narrow value becomes a region that begins with `decode` and ends with `encode`, so that the graph says exactly what is
// computed, the reference evaluates it, and kernels recognise it.
//
// bf16. Narrow are results of products (convolution, linear, matrix product) and whatever pools, concatenates, moves,
// normalises or maps narrow values elementwise; so is what a product reads, and its weights. Everything is computed in f32
// (bf16 products accumulate in f32) and rounded once, where it is stored. Inputs and outputs of the graph, and what no
// product has touched (positions, masks, sizes), stay as they are.
//
// int8. A product with constant weights reads u8 or i8 codes where its input's range is known, and its weights are i8 with
// a scale a row: the first layer too (its input as i8), but not a last one, from which the path to an output meets no
// other product: that reads bf16. A value is stored as codes where such a product reads it, as its input or as the addend
// that it adds, and where it adds one; values that only move or are maximised share one scale with what they come from (groups below), as do
// the parts of a concatenation. Everything else is as for bf16. u8 where nothing is negative, else i8; scales are the
// range's larger end over 255 or 127.
#include <algorithm>
#include <cmath>
#include <set>

#include "engine/graph/layout.h"
#include "engine/ops/fused_ops.h"
#include "engine/ops/op.h"
#include "engine/passes/narrow_storage.h"
#include "engine/passes/uses.h"
#include "engine/steps/region.h"
#include "kernels/base/parallel.h"
#include "kernels/narrow/coding.h"

namespace fusepack {
namespace {

using kernels::Coding;

bool OneOf(std::string_view op, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

// What carries narrow values on, beside pointwise operators.
bool CarriesOn(std::string_view op) {
  static const auto* names = new std::set<std::string_view>{
      "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d",
      "adaptive_avg_pool3d", "adaptive_max_pool2d", "mean", "softmax", "layer_norm", "group_norm", "instance_norm", "batch_norm",
      "rms_norm", "scaled_dot_product_attention", "upsample_nearest2d", "upsample_bilinear2d", "interpolate", "pad"};
  return names->contains(op);
}

float ScaleOf(float bound, DType dtype) {
  const float scale = bound / (dtype == DType::kU8 ? 255.0f : 127.0f);
  return scale > 0 && std::isfinite(scale) ? scale : 1;
}

class Narrower {
 public:
  Narrower(Graph graph, const Target& target)
      : graph_(std::move(graph)),
        integers_(target.precision == Precision::kInt8 && !target.exact_special_values),
        ranges_(target.ranges),
        readers_(Readers(graph_)),
        coding_(graph_.values.size()),
        narrow_(graph_.values.size()),
        is_output_(graph_.values.size()),
        group_(graph_.values.size()) {
    for (const GraphOutput& output : graph_.outputs) is_output_[output.id] = true;
    for (size_t v = 0; v < group_.size(); v++) group_[v] = static_cast<ValueId>(v);
    for (const Node& node : graph_.nodes) bodies_.push_back(RegionOf(node, graph_));
  }

  Result<Graph> Run() {
    for (size_t n = 0; n < graph_.nodes.size(); n++) Spread(static_cast<int>(n));
    for (size_t v = 0; v < narrow_.size(); v++) {
      if (narrow_[v]) coding_[v] = {DType::kBF16, 1};
    }
    if (integers_) ChooseIntegers();
    nodes_ = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (size_t n = 0; n < nodes_.size(); n++) FP_RETURN_IF_ERROR(Rewrite(static_cast<int>(n)));
    for (size_t v = 0; v < coding_.size(); v++) {
      if (coding_[v].narrow()) graph_.values[v].dtype = coding_[v].dtype;
    }
    return std::move(graph_);
  }

 private:
  const Node& First(int n) const { return bodies_[n]->nodes[0]; }
  bool IsFloat(ValueId id) const { return graph_.values[id].dtype == DType::kF32; }

  // Elements are only moved: views, copies, concatenation.
  static bool Moves(const Node& node) {
    return !node.region && (node.op->view != nullptr || OneOf(node.op->name, {"reorder", "clone", "contiguous", "cat"}));
  }
  static bool IsProduct(std::string_view op) {
    return OneOf(op, {"conv1d", "conv2d", "conv3d", "linear", "matmul", "bmm", "mm", "addmm", "conv_transpose2d"});
  }
  // The outer value that the body's argument `name` is; kNoValue where there is none.
  ValueId Operand(int n, std::string_view name) const { return OperandOf(node(n), *bodies_[n], name); }
  static ValueId OperandOf(const Node& node, const Graph& body, std::string_view name) {
    const ValueRef* ref = FindArg<ValueRef>(body.nodes[0], name);
    if (ref == nullptr) return kNoValue;
    const auto at = std::find(body.inputs.begin(), body.inputs.end(), ref->id);
    return at == body.inputs.end() ? kNoValue : node.Inputs()[at - body.inputs.begin()];
  }
  // A convolution or linear on constant f32 weights, alone or first in a region.
  bool IsLayer(int n) const {
    if (!OneOf(First(n).op->name, {"conv1d", "conv2d", "conv3d", "linear"})) return false;
    const ValueId w = Operand(n, "weight"), x = Operand(n, "input"), b = Operand(n, "bias");
    return x != kNoValue && w != kNoValue && graph_.constants.contains(w) && IsFloat(w) && !graph_.constants.contains(x) && IsFloat(x) &&
           (b == kNoValue || graph_.constants.contains(b));
  }
  const Node& node(int n) const { return nodes_.empty() ? graph_.nodes[n] : nodes_[n]; }
  // What a layer's region adds: its computed inputs other than x.
  std::vector<ValueId> Addends(int n) const {
    std::vector<ValueId> out;
    for (ValueId id : node(n).Inputs()) {
      if (id != Operand(n, "input") && !graph_.constants.contains(id) && IsFloat(id)) out.push_back(id);
    }
    return out;
  }

  // Whether node n's result is narrow, from whether its inputs are.
  void Spread(int n) {
    const Node& node = graph_.nodes[n];
    if (node.outputs.size() != 1) {
      // Several views of one value (split, unbind) are each of the form that it has.
      if (node.op->view == nullptr) return;
    }
    for (ValueId y : node.outputs) {
      if (!IsFloat(y) || is_output_[y]) continue;
      const std::vector<ValueId> inputs = node.Inputs();
      if (IsProduct(First(n).op->name)) {
        narrow_[y] = true;
      } else if (Moves(node)) {
        bool all = !inputs.empty();
        for (ValueId id : inputs) all &= narrow_[id];
        // A first layer's change of layout rounds as well.
        const bool first = node.op == &ReorderOp() && IsFloat(inputs[0]) &&
                           std::any_of(readers_[y].begin(), readers_[y].end(), [&](int r) { return IsLayer(r) && Operand(r, "input") == y; });
        narrow_[y] = all || first;
      } else {
        const bool pointwise = node.region ? true : !node.op->expression.empty();
        if (!pointwise && !CarriesOn(node.op->name)) continue;
        for (ValueId id : inputs) narrow_[y] = narrow_[y] || narrow_[id];
      }
    }
  }

  ValueId GroupOf(ValueId v) const {
    while (group_[v] != v) v = group_[v];
    return v;
  }

  void ChooseIntegers() {
    const size_t values = coding_.size();
    // Groups that must share a coding.
    for (const Node& node : graph_.nodes) {
      const bool moves = Moves(node) || (!node.region && node.op->name == "max_pool2d");
      if (!moves || !IsFloat(node.outputs[0])) continue;
      for (ValueId id : node.Inputs()) {
        for (ValueId y : node.outputs) {
          if (narrow_[id] && narrow_[y]) group_[GroupOf(id)] = GroupOf(y);
        }
      }
    }
    // A group's range is the union of its members'; a first layer's reordered input has its source's.
    std::vector<Range> range(values);
    std::vector<bool> known(values);
    const auto join = [&](ValueId group, const Range& r) {
      range[group] = known[group] ? Range{std::min(range[group].low, r.low), std::max(range[group].high, r.high)} : r;
      known[group] = true;
    };
    for (size_t v = 0; v < values; v++) {
      const auto found = ranges_->find(static_cast<int>(v));
      if (narrow_[v] && found != ranges_->end()) join(GroupOf(static_cast<ValueId>(v)), found->second);
    }
    for (const Node& node : graph_.nodes) {
      if (node.op != &ReorderOp() || narrow_[node.Inputs()[0]] || !narrow_[node.outputs[0]]) continue;
      const auto found = ranges_->find(node.Inputs()[0]);
      if (found != ranges_->end()) join(GroupOf(node.outputs[0]), found->second);
    }
    // Backwards: whether a layer still follows, and which groups integer layers read.
    std::vector<bool> followed(values), wanted(values);
    for (int n = static_cast<int>(graph_.nodes.size()) - 1; n >= 0; n--) {
      const Node& node = graph_.nodes[n];
      bool follows = false, wants = false;
      for (ValueId y : node.outputs) follows = follows || followed[y];
      if (IsLayer(n)) {
        const ValueId x = Operand(n, "input");
        if (follows && (known[GroupOf(x)] || ranges_->contains(x))) {
          wants = wanted[GroupOf(x)] = true;
          integer_layers_.insert(n);
        }
        for (ValueId id : Addends(n)) {
          // The kernels add codes to codes: the sum becomes codes too.
          if (wants) wanted[GroupOf(id)] = wanted[GroupOf(node.outputs[0])] = true;
        }
        follows = true;
      }
      for (ValueId id : node.Inputs()) followed[id] = followed[id] || follows;
    }
    for (size_t v = 0; v < values; v++) {
      const ValueId g = GroupOf(static_cast<ValueId>(v));
      if (narrow_[v] && wanted[g] && known[g]) coding_[v] = CodingOf(range[g]);
    }
  }

  static Coding CodingOf(const Range& r) {
    const DType dtype = r.low < 0 ? DType::kI8 : DType::kU8;
    return {dtype, ScaleOf(std::max(std::fabs(r.low), std::fabs(r.high)), dtype)};
  }

  // `id` stored as `wanted`, by a node of its own where it is stored otherwise.
  ValueId Stored(ValueId id, const Coding& wanted) {
    if (coding_[id] == wanted) return id;
    for (const auto& [from, coding, to] : transcoded_) {
      if (from == id && coding == wanted) return to;
    }
    Value value = graph_.values[id];
    value.dtype = coding_[id].dtype;
    Graph region;
    Node fused;
    fused.op = &FusedOp();
    fused.args = {ValueList{id}};
    region.name = wanted.narrow() ? "encode" : "decode";
    region.values.push_back(value);
    region.inputs = {0};
    ValueId inside = 0;
    if (coding_[id].narrow()) inside = AddDecode(region, inside, coding_[id]);
    if (wanted.narrow()) inside = AddEncode(region, inside, wanted);
    region.outputs = {{inside, ""}};
    fused.region = std::make_shared<const Graph>(std::move(region));
    const ValueId to = AddValue(value, wanted);
    fused.outputs = {to};
    graph_.nodes.push_back(std::move(fused));
    transcoded_.push_back({id, wanted, to});
    return to;
  }

  ValueId AddValue(Value value, const Coding& coding) {
    value.dtype = coding.dtype;
    graph_.values.push_back(std::move(value));
    coding_.push_back(coding);
    narrow_.push_back(coding.narrow());
    is_output_.push_back(false);
    return static_cast<ValueId>(graph_.values.size()) - 1;
  }

  static ValueId Append(Graph& region, const OpDef& op, std::vector<Arg> args, ValueId like, DType dtype) {
    Value value = region.values[like];
    value.dtype = dtype;
    region.values.push_back(std::move(value));
    Node node;
    node.op = &op;
    node.args = std::move(args);
    node.outputs = {static_cast<ValueId>(region.values.size()) - 1};
    region.nodes.push_back(std::move(node));
    return region.nodes.back().outputs[0];
  }
  static ValueId AddDecode(Graph& region, ValueId x, const Coding& coding, Arg scales = {}) {
    return Append(region, DecodeOp(), {ValueRef{x}, static_cast<double>(coding.scale), std::move(scales)}, x, DType::kF32);
  }
  static ValueId AddEncode(Graph& region, ValueId x, const Coding& coding) {
    return Append(region, EncodeOp(), {ValueRef{x}, coding.dtype, static_cast<double>(coding.scale)}, x, coding.dtype);
  }

  struct EncodedWeights {
    ValueId codes = kNoValue, scales = kNoValue;  // scales: of integers only
  };

  Result<EncodedWeights> Weights(ValueId w, bool integer) {
    const auto key = std::make_pair(w, integer);
    if (const auto found = weights_.find(key); found != weights_.end()) return found->second;
    const Tensor tensor = graph_.constants.at(w);
    const Value value = graph_.values[w];
    const auto add = [&](const std::string& name, Tensor t) {
      const ValueId id = graph_.AddConstant(name, std::move(t));
      coding_.push_back({graph_.values[id].dtype, 1});
      narrow_.push_back(false);
      is_output_.push_back(false);
      return id;
    };
    EncodedWeights out;
    FP_ASSIGN_OR_RETURN(const Tensor dense, tensor.Contiguous());
    if (!integer) {
      FP_ASSIGN_OR_RETURN(Tensor codes, dense.To(DType::kBF16));
      out.codes = add(value.name, std::move(codes));
      return weights_[key] = out;
    }
    FP_ASSIGN_OR_RETURN(Tensor codes, Tensor::Zeros(DType::kI8, dense.sizes()));
    const int64_t rows = dense.sizes()[0], row = rows == 0 ? 0 : dense.numel() / rows;
    FP_ASSIGN_OR_RETURN(Tensor scales, Tensor::Zeros(DType::kF32, {rows}));
    const float* from = dense.view().as<float>();
    int8_t* to = codes.mutable_view().as<int8_t>();
    float* scale = scales.mutable_view().as<float>();
    ParallelFor(rows, std::max<int64_t>(1, 65536 / std::max<int64_t>(row, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        float bound = 0;
        for (int64_t i = r * row; i < (r + 1) * row; i++) bound = std::max(bound, std::fabs(from[i]));
        scale[r] = ScaleOf(bound, DType::kI8);
        for (int64_t i = r * row; i < (r + 1) * row; i++) {
          to[i] = static_cast<int8_t>(std::clamp(std::nearbyint(from[i] / scale[r]), -127.0f, 127.0f));
        }
      }
    });
    out.codes = add(value.name, std::move(codes));
    out.scales = add(value.name + ".scales", std::move(scales));
    return weights_[key] = out;
  }

  // Node n with its narrow operands decoded and its narrow result encoded.
  Status Rewrite(int n) {
    Node node = nodes_[n];
    if (Moves(node)) {
      bool alike = true;
      const Coding y = coding_[node.outputs[0]];
      for (ValueId id : node.Inputs()) alike &= coding_[id] == y || !IsFloat(id);
      if (alike) {
        graph_.nodes.push_back(std::move(node));
        return OkStatus();
      }
    }
    // A layer's operands in the form in which it computes.
    std::map<ValueId, EncodedWeights> weights;
    bool integer = false, layer = IsLayer(n);
    std::shared_ptr<const Graph> body = bodies_[n];
    if (layer) {
      const ValueId x = Operand(n, "input"), w = Operand(n, "weight"), y = node.outputs[0];
      integer = integer_layers_.contains(n);
      ValueId stored;
      if (integer && coding_[x].integer()) stored = x;
      else if (integer && ranges_->contains(x)) stored = Stored(x, CodingOf(ranges_->at(x)));
      else {
        integer = false;
        stored = Stored(x, {DType::kBF16, 1});
      }
      std::map<ValueId, ValueId> changed;
      if (stored != x) changed[x] = stored;
      for (ValueId id : Addends(n)) {
        const bool fits = coding_[y].integer() ? coding_[id].integer() : coding_[id] == coding_[y];
        if (!fits) changed[id] = Stored(id, coding_[y]);
      }
      FP_ASSIGN_OR_RETURN(weights[w], Weights(w, integer));
      node.ForEachInput([&](ValueId& id) {
        if (const auto found = changed.find(id); found != changed.end()) id = found->second;
      });
    }
    bool any = layer;
    for (ValueId id : node.Inputs()) any = any || coding_[id].narrow();
    for (ValueId id : node.outputs) any = any || coding_[id].narrow();
    if (!any) {
      graph_.nodes.push_back(std::move(node));
      return OkStatus();
    }
    Node fused;
    fused.op = &FusedOp();
    fused.scope = node.scope;
    fused.where = node.where;
    fused.outputs = node.outputs;
    Graph region;
    region.name = body->name.empty() ? std::string(body->nodes[0].op->name) : body->name;
    std::vector<ValueId> number(body->values.size(), kNoValue);
    ValueList inputs;
    const auto add_input = [&](ValueId outer) {
      Value value = graph_.values[outer];
      value.dtype = graph_.constants.contains(outer) || !coding_[outer].narrow() ? value.dtype : coding_[outer].dtype;
      region.values.push_back(std::move(value));
      region.inputs.push_back(static_cast<ValueId>(region.values.size()) - 1);
      inputs.push_back(outer);
      return region.inputs.back();
    };
    const std::vector<ValueId> outer = node.Inputs();
    struct Decoding {
      ValueId at, inside, scales;
      Coding coding;
    };
    std::vector<Decoding> decodings;
    std::map<ValueId, ValueId> known;  // an outer value read twice is one input
    for (size_t i = 0; i < body->inputs.size(); i++) {
      const auto w = weights.find(outer[i]);
      const bool is_weight = w != weights.end() && body->inputs[i] == std::get<ValueRef>(body->nodes[0].args[body->nodes[0].op->schema().IndexOf("weight")]).id;
      if (is_weight) {
        const ValueId codes = add_input(w->second.codes);
        const ValueId scales = w->second.scales == kNoValue ? kNoValue : add_input(w->second.scales);
        decodings.push_back({body->inputs[i], codes, scales, {}});
      } else {
        const ValueId inside = add_input(outer[i]);
        number[body->inputs[i]] = inside;
        if (!graph_.constants.contains(outer[i]) && coding_[outer[i]].narrow()) {
          decodings.push_back({body->inputs[i], inside, kNoValue, coding_[outer[i]]});
        }
      }
    }
    for (const Decoding& d : decodings) {
      number[d.at] = AddDecode(region, d.inside, d.coding, d.scales == kNoValue ? Arg() : Arg(ValueRef{d.scales}));
    }
    if (node.op == &ReorderOp()) {
      number[body->nodes[0].outputs[0]] = number[body->inputs[0]];  // the outer value's strides say where elements go
    } else {
      for (Node inner : body->nodes) {
        inner.ForEachInput([&](ValueId& id) { id = number[id]; });
        for (ValueId& id : inner.outputs) {
          region.values.push_back(body->values[id]);
          number[id] = static_cast<ValueId>(region.values.size()) - 1;
          id = number[id];
        }
        region.nodes.push_back(std::move(inner));
      }
    }
    for (size_t i = 0; i < body->outputs.size(); i++) {
      ValueId inside = number[body->outputs[i].id];
      const Coding& coding = coding_[node.outputs[i]];
      if (coding.narrow() && IsFloat(node.outputs[i])) inside = AddEncode(region, inside, coding);
      region.outputs.push_back({inside, ""});
    }
    fused.args = {std::move(inputs)};
    fused.region = std::make_shared<const Graph>(std::move(region));
    graph_.nodes.push_back(std::move(fused));
    return OkStatus();
  }

  struct Transcoded {
    ValueId from;
    Coding coding;
    ValueId to;
  };

  Graph graph_;
  const bool integers_;
  const std::shared_ptr<const Ranges> ranges_;
  const std::vector<std::vector<int>> readers_;
  std::vector<Coding> coding_;
  std::vector<bool> narrow_, is_output_;
  std::vector<ValueId> group_;
  std::vector<std::shared_ptr<const Graph>> bodies_;  // of every node
  std::vector<Node> nodes_;                           // before they are rewritten
  std::set<int> integer_layers_;
  std::map<std::pair<ValueId, bool>, EncodedWeights> weights_;
  std::vector<Transcoded> transcoded_;
};

}  // namespace

Result<Graph> NarrowStorage(Graph graph, const Target& target) {
  if (target.precision != Precision::kBf16 && target.precision != Precision::kInt8) return graph;
  if (target.precision == Precision::kInt8 && target.ranges == nullptr) {
    return BadInput("precision int8", "a model without calibrated ranges", "a package converted with --calibrate");
  }
  FP_ASSIGN_OR_RETURN(Graph narrowed, Narrower(std::move(graph), target).Run());
  // Weights in the form that nobody reads any more.
  std::vector<bool> read(narrowed.values.size());
  for (const Node& node : narrowed.nodes) {
    for (ValueId id : node.Inputs()) read[id] = true;
  }
  for (const GraphOutput& output : narrowed.outputs) read[output.id] = true;
  std::erase_if(narrowed.constants, [&](const auto& item) { return !read[item.first]; });
  return narrowed;
}

}  // namespace fusepack
