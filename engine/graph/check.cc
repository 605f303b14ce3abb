// One walk in order. `defined` marks values as they appear; a node's inputs must be marked and its outputs must not
// be. The shape function then runs on the stored input specs and must reproduce the stored output specs: hint and
// expression, or at least the hint where simplification may differ after specialisation.
#include "engine/graph/check.h"

#include "engine/ops/fused_ops.h"
#include "engine/graph/print.h"

namespace fusepack {
namespace {

constexpr int kMaxRegionDepth = 4;

bool HasType(const Param& param, const Arg& arg) {
  if (std::holds_alternative<std::monostate>(arg)) return param.optional;
  switch (param.type) {
    case ParamType::kTensor: return std::holds_alternative<ValueRef>(arg);
    case ParamType::kTensorList: return std::holds_alternative<ValueList>(arg);
    case ParamType::kInt: return std::holds_alternative<Dim>(arg);
    case ParamType::kIntList: return std::holds_alternative<std::vector<Dim>>(arg);
    case ParamType::kFloat: return std::holds_alternative<double>(arg);
    case ParamType::kFloatList: return std::holds_alternative<std::vector<double>>(arg);
    case ParamType::kBool: return std::holds_alternative<bool>(arg);
    case ParamType::kTensorOrScalar:
      if (std::holds_alternative<ValueRef>(arg)) return true;
      [[fallthrough]];
    case ParamType::kScalar:
      return std::holds_alternative<bool>(arg) || std::holds_alternative<Dim>(arg) || std::holds_alternative<double>(arg);
    case ParamType::kString: return std::holds_alternative<std::string>(arg);
    case ParamType::kDType:
      return std::holds_alternative<DType>(arg) && static_cast<int>(std::get<DType>(arg)) < kDTypeCount;
  }
  return false;
}

class Checker {
 public:
  Checker(const Graph& graph, int depth) : graph_(graph), depth_(depth), defined_(graph.values.size()) {}

  Status Check() {
    if (depth_ > kMaxRegionDepth) return LimitExceeded("graph", "regions nested over " + std::to_string(kMaxRegionDepth));
    if (graph_.nodes.size() > kMaxGraphNodes) {
      return LimitExceeded("graph", std::to_string(graph_.nodes.size()) + " nodes", "at most 1000000");
    }
    if (graph_.symbol_hints.size() > kMaxGraphSymbols) return LimitExceeded("graph", "over 1024 symbols");
    for (size_t i = 0; i < graph_.values.size(); i++) {
      const Value& value = graph_.values[i];
      const std::string where = "value " + std::to_string(i);
      if (static_cast<int>(value.dtype) >= kDTypeCount) return BadInput(where, "element type out of range");
      if (value.sizes.size() > kMaxRank) return BadInput(where, "rank over 16");
      if (!value.strides.empty() && value.strides.size() != value.sizes.size()) return BadInput(where, "strides of another rank");
      for (const Dim& d : value.sizes) {
        FP_RETURN_IF_ERROR(CheckDim(d, where));
        if (d.hint() < 0) return BadInput(where, "size " + d.ToString() + " is negative");
      }
    }
    for (ValueId id : graph_.inputs) FP_RETURN_IF_ERROR(Define(id, "inputs"));
    for (const auto& [id, tensor] : graph_.constants) {
      FP_RETURN_IF_ERROR(Define(id, "constants"));
      const Value& value = graph_.values[id];
      if (!tensor.defined() || tensor.dtype() != value.dtype || tensor.rank() != static_cast<int>(value.sizes.size())) {
        return BadInput("constant '" + value.name + "'", tensor.ToString(), PrintValueType(value));
      }
      for (int d = 0; d < tensor.rank(); d++) {
        if (!value.sizes[d].is(tensor.sizes()[d])) {
          return BadInput("constant '" + value.name + "'", tensor.ToString(), PrintValueType(value));
        }
      }
    }
    for (const Guard& guard : graph_.guards) {
      if (static_cast<int>(guard.op) > static_cast<int>(Compare::kGe)) return BadInput("guard", "comparison out of range");
      FP_RETURN_IF_ERROR(CheckDim(guard.lhs, "guard"));
      FP_RETURN_IF_ERROR(CheckDim(guard.rhs, "guard"));
    }
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      Status status = CheckNode(graph_.nodes[i]);
      if (!status.ok()) return WithPlace(status, NodePlace(i));
    }
    for (const GraphOutput& output : graph_.outputs) FP_RETURN_IF_ERROR(CheckUse(output.id, "outputs"));
    return OkStatus();
  }

 private:
  std::string NodePlace(size_t i) const {
    const Node& node = graph_.nodes[i];
    std::string place = "node " + std::to_string(i);
    if (node.op != nullptr) place += " (" + std::string(node.op->name) + (node.scope.empty() ? "" : " of " + node.scope) + ")";
    return place;
  }

  Status CheckDim(const Dim& d, const std::string& where) const {
    if (d.MaxSymbol() >= static_cast<int>(graph_.symbol_hints.size())) {
      return BadInput(where, "size " + d.ToString(), "symbols below s" + std::to_string(graph_.symbol_hints.size()));
    }
    return OkStatus();
  }

  Status InRange(ValueId id, const std::string& where) const {
    if (id < 0 || id >= static_cast<ValueId>(graph_.values.size())) {
      return BadInput(where, "value id " + std::to_string(id), "0 to " + std::to_string(int64_t(graph_.values.size()) - 1));
    }
    return OkStatus();
  }

  Status Define(ValueId id, const std::string& where) {
    FP_RETURN_IF_ERROR(InRange(id, where));
    if (defined_[id]) return BadInput(where, "value " + std::to_string(id) + " is defined twice");
    defined_[id] = true;
    return OkStatus();
  }

  Status CheckUse(ValueId id, const std::string& where) const {
    FP_RETURN_IF_ERROR(InRange(id, where));
    if (!defined_[id]) return BadInput(where, "value " + std::to_string(id) + " is used before its definition");
    return OkStatus();
  }

  Status CheckNode(const Node& node) {
    if (node.op == nullptr) return BadInput("", "no operator");
    const std::vector<Param>& params = node.op->schema().params();
    if (node.args.size() != params.size()) {
      return BadInput("", std::to_string(node.args.size()) + " arguments", std::to_string(params.size()));
    }
    for (size_t i = 0; i < params.size(); i++) FP_RETURN_IF_ERROR(CheckArg(params[i], node.args[i]));
    if (node.outputs.empty()) return BadInput("", "no outputs");
    if ((node.op == &FusedOp()) != (node.region != nullptr)) return BadInput("", "a region is what makes a node 'fused'");
    FP_ASSIGN_OR_RETURN(const std::vector<TensorSpec> specs, OutputSpecs(node));
    if (specs.size() != node.outputs.size()) {
      return BadInput("", std::to_string(node.outputs.size()) + " outputs", std::to_string(specs.size()));
    }
    for (size_t i = 0; i < specs.size(); i++) {
      FP_RETURN_IF_ERROR(Define(node.outputs[i], "outputs"));
      const Value& stored = graph_.values[node.outputs[i]];
      bool same = stored.dtype == specs[i].dtype && stored.sizes.size() == specs[i].sizes.size();
      for (size_t d = 0; same && d < stored.sizes.size(); d++) same = SameSize(stored.sizes[d], specs[i].sizes[d]);
      if (!same) {
        return BadInput("output " + std::to_string(i), PrintValueType(stored),
                        PrintValueType({"", specs[i].dtype, specs[i].sizes}) + " as the operator gives");
      }
    }
    return OkStatus();
  }

  // The same for the example. Two spellings of one expression ((s0 - 1) + 1 read back as s0) are the same size.
  static bool SameSize(const Dim& a, const Dim& b) { return a.hint() == b.hint() && a.is_constant() == b.is_constant(); }

  Status CheckArg(const Param& param, const Arg& arg) const {
    const std::string where = "argument '" + param.name + "'";
    if (!HasType(param, arg)) return BadInput(where, PrintArg(arg), "another type");
    if (const auto* ref = std::get_if<ValueRef>(&arg)) return CheckUse(ref->id, where);
    if (const auto* list = std::get_if<ValueList>(&arg)) {
      for (ValueId id : *list) {
        if (id == kNoValue && param.optional_elements) continue;
        FP_RETURN_IF_ERROR(CheckUse(id, where));
      }
    }
    if (const auto* dim = std::get_if<Dim>(&arg)) return CheckDim(*dim, where);
    if (const auto* dims = std::get_if<std::vector<Dim>>(&arg)) {
      for (const Dim& d : *dims) FP_RETURN_IF_ERROR(CheckDim(d, where));
      if (param.list_size > 1 && dims->size() != static_cast<size_t>(param.list_size)) {
        if (!(dims->empty() && param.has_default)) return BadInput(where, ToString(*dims), std::to_string(param.list_size) + " numbers");
      }
    }
    return OkStatus();
  }

  Result<std::vector<TensorSpec>> OutputSpecs(const Node& node) const {
    std::vector<TensorSpec> inputs;
    std::vector<ValueId> ids;
    const std::vector<Arg> args = CompactArgs(node.args, &ids);
    for (ValueId id : ids) inputs.push_back({graph_.values[id].dtype, graph_.values[id].sizes});
    if (node.region) {
      FP_RETURN_IF_ERROR(Checker(*node.region, depth_ + 1).Check());
      return RegionSpecs(*node.region, inputs);
    }
    if (node.op->shape == nullptr) return BadInput("", "an operator that has no shape function");
    Guards guards;
    return node.op->shape(ShapeCall(node.op->schema(), args, inputs, guards));
  }

  static Result<std::vector<TensorSpec>> RegionSpecs(const Graph& region, const std::vector<TensorSpec>& inputs) {
    if (region.inputs.size() != inputs.size()) return BadInput("region", "another number of inputs");
    for (size_t i = 0; i < inputs.size(); i++) {
      const Value& value = region.values[region.inputs[i]];
      bool same = value.dtype == inputs[i].dtype && value.sizes.size() == inputs[i].sizes.size();
      for (size_t d = 0; same && d < value.sizes.size(); d++) same = SameSize(value.sizes[d], inputs[i].sizes[d]);
      if (!same) return BadInput("region", "input " + std::to_string(i) + " has another spec");
    }
    std::vector<TensorSpec> out;
    for (const GraphOutput& output : region.outputs) {
      out.push_back({region.values[output.id].dtype, region.values[output.id].sizes});
    }
    return out;
  }

  const Graph& graph_;
  const int depth_;
  std::vector<bool> defined_;
};

}  // namespace

Status CheckGraph(const Graph& graph) { return Checker(graph, 0).Check(); }

}  // namespace fusepack
