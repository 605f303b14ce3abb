// The inputs' sizes give the symbols their values; then guards are evaluated, every Dim is substituted, and every
// shape function runs again on numbers, so that nothing behind this pass meets an expression.
#include "engine/graph/print.h"
#include "engine/ops/op.h"
#include "engine/passes/passes.h"

namespace fusepack {
namespace {

std::string SpecText(const InputSpec& spec) { return std::string(ShortName(spec.dtype)) + spec.sizes.ToString(); }

bool Holds(int64_t a, Compare op, int64_t b) {
  switch (op) {
    case Compare::kEq: return a == b;
    case Compare::kNe: return a != b;
    case Compare::kLt: return a < b;
    case Compare::kLe: return a <= b;
    case Compare::kGt: return a > b;
    case Compare::kGe: return a >= b;
  }
  return false;
}

// "x f32[1,3,5,5]", all inputs: what an error about sizes must show.
std::string InputsText(const Graph& graph, std::span<const InputSpec> inputs) {
  std::string out;
  for (size_t i = 0; i < inputs.size(); i++) {
    out += (i ? ", " : "") + graph.values[graph.inputs[i]].name + " " + SpecText(inputs[i]);
  }
  return out;
}

Status BindSymbols(const Graph& graph, std::span<const InputSpec> inputs, std::vector<int64_t>* symbols) {
  if (inputs.size() != graph.inputs.size()) {
    return BadInput("inputs", std::to_string(inputs.size()) + " tensors", std::to_string(graph.inputs.size()));
  }
  std::vector<bool> bound(graph.symbol_hints.size());
  for (size_t i = 0; i < inputs.size(); i++) {
    const Value& value = graph.values[graph.inputs[i]];
    const std::string where = "input '" + value.name + "'";
    if (inputs[i].dtype != value.dtype) {
      return BadInput(where, "elements of " + std::string(TorchName(inputs[i].dtype)),
                      std::string(TorchName(value.dtype)) + " (inputs are not converted)");
    }
    if (inputs[i].sizes.size() != static_cast<int>(value.sizes.size())) {
      return BadInput(where, "sizes " + inputs[i].sizes.ToString(), std::to_string(value.sizes.size()) + " dimensions, " +
                      ToString(value.sizes));
    }
    for (int d = 0; d < inputs[i].sizes.size(); d++) {
      const int k = value.sizes[d].MaxSymbol();
      if (k < 0 || bound[k] || !SameExpr(value.sizes[d], Dim::Symbol(k, graph.symbol_hints[k]))) continue;
      (*symbols)[k] = inputs[i].sizes[d];
      bound[k] = true;
    }
  }
  for (size_t i = 0; i < inputs.size(); i++) {
    const Value& value = graph.values[graph.inputs[i]];
    for (int d = 0; d < inputs[i].sizes.size(); d++) {
      FP_ASSIGN_OR_RETURN(const int64_t expected, value.sizes[d].Evaluate(*symbols));
      if (expected == inputs[i].sizes[d]) continue;
      return BadInput("input '" + value.name + "'", "size " + std::to_string(inputs[i].sizes[d]) + " in dimension " +
                      std::to_string(d) + " of " + inputs[i].sizes.ToString(), std::to_string(expected));
    }
  }
  return OkStatus();
}

Result<Arg> SubstituteArg(const Arg& arg, std::span<const int64_t> symbols) {
  if (const auto* d = std::get_if<Dim>(&arg)) {
    FP_ASSIGN_OR_RETURN(Dim number, d->Substitute(symbols));
    return Arg(std::move(number));
  }
  if (const auto* dims = std::get_if<std::vector<Dim>>(&arg)) {
    std::vector<Dim> numbers;
    for (const Dim& d : *dims) {
      FP_ASSIGN_OR_RETURN(Dim number, d.Substitute(symbols));
      numbers.push_back(std::move(number));
    }
    return Arg(std::move(numbers));
  }
  return arg;
}

}  // namespace

Result<Graph> InferShapes(Graph graph, std::span<const InputSpec> inputs) {
  std::vector<int64_t> symbols = graph.symbol_hints;
  FP_RETURN_IF_ERROR(BindSymbols(graph, inputs, &symbols));
  for (const Guard& guard : graph.guards) {
    FP_ASSIGN_OR_RETURN(const int64_t lhs, guard.lhs.Evaluate(symbols));
    FP_ASSIGN_OR_RETURN(const int64_t rhs, guard.rhs.Evaluate(symbols));
    if (Holds(lhs, guard.op, rhs)) continue;
    return BadInput(InputsText(graph, inputs),
                    "these sizes take another way through the model than the traced one: " + guard.ToString() + " is " +
                        std::to_string(lhs) + " against " + std::to_string(rhs) +
                        (guard.where.empty() ? "" : " at " + guard.where),
                    "sizes for which it holds");
  }
  graph.guards.clear();
  graph.symbol_hints.clear();
  for (size_t i = 0; i < inputs.size(); i++) graph.values[graph.inputs[i]].sizes = ToDimVector(inputs[i].sizes);
  for (Node& node : graph.nodes) {
    for (Arg& arg : node.args) {
      FP_ASSIGN_OR_RETURN(arg, SubstituteArg(arg, symbols));
    }
    std::vector<ValueId> ids;
    const std::vector<Arg> args = CompactArgs(node.args, &ids);
    std::vector<TensorSpec> specs;
    for (ValueId id : ids) specs.push_back({graph.values[id].dtype, graph.values[id].sizes});
    Guards guards;
    const std::string place = (node.where.empty() ? "" : node.where + ": ") + std::string(node.op->name) +
                              (node.scope.empty() ? "" : " of " + node.scope);
    Result<std::vector<TensorSpec>> outputs = node.op->shape(ShapeCall(node.op->schema(), args, specs, guards));
    if (!outputs.ok()) return WithPlace(outputs.status(), InputsText(graph, inputs) + ": " + place);
    FP_CHECK_EQ(outputs->size(), node.outputs.size());
    for (size_t i = 0; i < outputs->size(); i++) {
      Value& value = graph.values[node.outputs[i]];
      value.dtype = (*outputs)[i].dtype;
      value.sizes = std::move((*outputs)[i].sizes);
      CheckedI64 bytes = static_cast<int64_t>(ItemSize(value.dtype));
      for (const Dim& d : value.sizes) {
        FP_CHECK(d.is_constant());
        if (d.hint() < 0) return BadInput(InputsText(graph, inputs) + ": " + place, "a result of " + PrintValueType(value));
        bytes *= std::max<int64_t>(d.hint(), 1);
      }
      if (!bytes.ok()) return LimitExceeded(InputsText(graph, inputs) + ": " + place, "a result of " + PrintValueType(value));
    }
  }
  // Values of nodes that earlier passes dropped keep nothing that names a symbol.
  for (Value& value : graph.values) {
    for (const Dim& d : value.sizes) {
      if (d.is_constant()) continue;
      value.sizes.clear();
      break;
    }
  }
  return graph;
}

}  // namespace fusepack
