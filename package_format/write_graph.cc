// Graph to manifest. Expressions are written as text, each different one once, in order of first use.
#include "package_format/write_graph.h"

#include <type_traits>
#include <unordered_map>

#include "engine/ops/op.h"
#include "package_format/rules.h"

namespace fusepack::fpk {
namespace {

class GraphWriter {
 public:
  GraphWriter(const Graph& graph, const std::function<Result<uint32_t>(const Tensor&)>& tensor_index)
      : graph_(graph), tensor_index_(tensor_index), out_(std::make_unique<fbs::GraphT>()) {}

  Result<std::unique_ptr<fbs::GraphT>> Write() {
    out_->name = graph_.name;
    out_->symbol_hints = graph_.symbol_hints;
    for (const Value& value : graph_.values) {
      if (!value.strides.empty()) return InternalError("a package holds the portable graph, without layouts");
      auto to = std::make_unique<fbs::ValueT>();
      to->name = value.name;
      to->dtype = static_cast<fbs::DType>(value.dtype);
      FP_ASSIGN_OR_RETURN(to->sizes, Sizes(value.sizes));
      out_->values.push_back(std::move(to));
    }
    out_->inputs.assign(graph_.inputs.begin(), graph_.inputs.end());
    for (const auto& [id, tensor] : graph_.constants) {
      FP_ASSIGN_OR_RETURN(const uint32_t index, tensor_index_(tensor));
      out_->constants.emplace_back(id, index);
    }
    for (const Node& node : graph_.nodes) FP_RETURN_IF_ERROR(WriteNode(node));
    for (const GraphOutput& output : graph_.outputs) {
      auto to = std::make_unique<fbs::GraphOutputT>();
      to->value = output.id;
      to->path = output.path;
      out_->outputs.push_back(std::move(to));
    }
    for (const Guard& guard : graph_.guards) {
      auto to = std::make_unique<fbs::GuardT>();
      FP_ASSIGN_OR_RETURN(const fbs::Size left, SizeOf(guard.lhs));
      FP_ASSIGN_OR_RETURN(const fbs::Size right, SizeOf(guard.rhs));
      to->left = std::make_unique<fbs::Size>(left);
      to->right = std::make_unique<fbs::Size>(right);
      to->compare = static_cast<fbs::Compare>(guard.op);
      to->where = guard.where;
      out_->guards.push_back(std::move(to));
    }
    return std::move(out_);
  }

 private:
  Result<fbs::Size> SizeOf(const Dim& dim) {
    if (dim.is_constant()) return fbs::Size(dim.hint(), -1);
    const std::string text = dim.ToString();
    const auto [it, fresh] = indices_.emplace(text, out_->expressions.size());
    if (fresh) {
      // What cannot be read back must not be written.
      if (text.size() > kMaxExpressionBytes) {
        return LimitExceeded("size expression", std::to_string(text.size()) + " bytes", "at most " + std::to_string(kMaxExpressionBytes));
      }
      FP_ASSIGN_OR_RETURN(const Dim back, ParseDim(text, graph_.symbol_hints));
      if (back.hint() != dim.hint()) return InternalError("size expression '" + text + "' does not parse back");
      out_->expressions.push_back(text);
    }
    return fbs::Size(dim.hint(), it->second);
  }

  Result<std::vector<fbs::Size>> Sizes(const std::vector<Dim>& dims) {
    std::vector<fbs::Size> out;
    for (const Dim& dim : dims) {
      FP_ASSIGN_OR_RETURN(const fbs::Size size, SizeOf(dim));
      out.push_back(size);
    }
    return out;
  }

  Status WriteNode(const Node& node) {
    FP_CHECK(node.op != nullptr);
    if (node.region != nullptr || node.op->name == "fused") {
      return InternalError("a package holds the portable graph, without fused regions");
    }
    auto to = std::make_unique<fbs::NodeT>();
    to->op = node.op->name;
    to->outputs.assign(node.outputs.begin(), node.outputs.end());
    to->scope = node.scope;
    to->where = node.where;
    for (const Arg& arg : node.args) {
      auto out = std::make_unique<fbs::ArgT>();
      FP_RETURN_IF_ERROR(std::visit([&](const auto& value) { return WriteArg(value, out.get()); }, arg));
      to->args.push_back(std::move(out));
    }
    out_->nodes.push_back(std::move(to));
    return OkStatus();
  }

  template <typename T>
  Status WriteArg(const T& value, fbs::ArgT* to) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      to->kind = fbs::ArgKind::None;
    } else if constexpr (std::is_same_v<T, bool>) {
      to->kind = fbs::ArgKind::Bool;
      to->integers = {value};
    } else if constexpr (std::is_same_v<T, Dim>) {
      to->kind = fbs::ArgKind::Int;
      FP_ASSIGN_OR_RETURN(const fbs::Size size, SizeOf(value));
      to->sizes = {size};
    } else if constexpr (std::is_same_v<T, double>) {
      to->kind = fbs::ArgKind::Float;
      to->numbers = {value};
    } else if constexpr (std::is_same_v<T, std::string>) {
      to->kind = fbs::ArgKind::String;
      to->text = value;
    } else if constexpr (std::is_same_v<T, DType>) {
      to->kind = fbs::ArgKind::DType;
      to->integers = {static_cast<int64_t>(value)};
    } else if constexpr (std::is_same_v<T, std::vector<Dim>>) {
      to->kind = fbs::ArgKind::Ints;
      FP_ASSIGN_OR_RETURN(to->sizes, Sizes(value));
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      to->kind = fbs::ArgKind::Floats;
      to->numbers = value;
    } else if constexpr (std::is_same_v<T, ValueRef>) {
      to->kind = fbs::ArgKind::Tensor;
      to->integers = {value.id};
    } else {
      static_assert(std::is_same_v<T, ValueList>);
      to->kind = fbs::ArgKind::Tensors;
      to->integers.assign(value.begin(), value.end());
    }
    return OkStatus();
  }

  const Graph& graph_;
  const std::function<Result<uint32_t>(const Tensor&)>& tensor_index_;
  std::unique_ptr<fbs::GraphT> out_;
  std::unordered_map<std::string, int64_t> indices_;
};

}  // namespace

Result<std::unique_ptr<fbs::GraphT>> WriteGraph(const Graph& graph,
                                           const std::function<Result<uint32_t>(const Tensor&)>& tensor_index) {
  return GraphWriter(graph, tensor_index).Write();
}

}  // namespace fusepack::fpk
