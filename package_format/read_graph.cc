// Manifest to graph, front to back: expressions are parsed once and shared by the sizes that refer to them, then
// values, inputs, constants, nodes, outputs, guards. What needs the operators' definitions to judge is left to
// CheckGraph.
#include "package_format/read_graph.h"

#include "engine/ops/op.h"
#include "kernels/base/dtype.h"

namespace fusepack::fpk {
namespace {

constexpr uint64_t kMaxSymbols = 1024;  // as CheckGraph

class GraphReader {
 public:
  GraphReader(const fbs::Graph& from, std::span<const Tensor> tensors, ManifestCursor& cursor)
      : from_(from), tensors_(tensors), cursor_(cursor) {}

  Result<Graph> Read() {
    FP_ASSIGN_OR_RETURN(graph_.name, cursor_.Name(from_.name(), "name"));
    FP_RETURN_IF_ERROR(ReadSymbols());
    FP_RETURN_IF_ERROR(ReadValues());
    FP_RETURN_IF_ERROR(ReadInputs());
    FP_RETURN_IF_ERROR(ReadConstants());
    FP_RETURN_IF_ERROR(ReadNodes());
    FP_RETURN_IF_ERROR(ReadOutputs());
    FP_RETURN_IF_ERROR(ReadGuards());
    return std::move(graph_);
  }

 private:
  Status ReadSymbols() {
    FP_ASSIGN_OR_RETURN(graph_.symbol_hints, cursor_.List<int64_t>(from_.symbol_hints(), "symbols", kMaxSymbols));
    for (int64_t hint : graph_.symbol_hints) {
      if (hint < 0 || hint > kDimLimit) return BadInput("symbols", "example size " + std::to_string(hint), "0 to 2^60");
    }
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.expressions(), "expressions"));
    for (uint64_t i = 0; i < n; i++) {
      FP_ASSIGN_OR_RETURN(const std::string text, cursor_.Text(from_.expressions()->Get(i), "expression", kMaxExpressionBytes));
      FP_ASSIGN_OR_RETURN(Dim dim, ParseDim(text, graph_.symbol_hints));
      expressions_.push_back(std::move(dim));
    }
    return OkStatus();
  }

  Result<Dim> ReadSize(const fbs::Size& size) {
    if (size.expression() < -1 || size.expression() >= static_cast<int64_t>(expressions_.size())) {
      return BadInput("size", "expression " + std::to_string(size.expression()),
                      "-1 to " + std::to_string(static_cast<int64_t>(expressions_.size()) - 1));
    }
    if (size.expression() < 0) {
      return Dim(size.value());
    }
    const Dim& dim = expressions_[size.expression()];
    if (dim.hint() != size.value()) {
      return BadInput("size", dim.ToString() + " = " + std::to_string(dim.hint()) + " for the example",
                      std::to_string(size.value()) + ", which is stored with it");
    }
    return dim;
  }

  Result<std::vector<Dim>> ReadSizes(const flatbuffers::Vector<const fbs::Size*>* list, const char* what) {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(list, what));
    std::vector<Dim> out;
    out.reserve(n);
    for (uint64_t i = 0; i < n; i++) {
      FP_ASSIGN_OR_RETURN(Dim dim, ReadSize(*list->Get(i)));
      out.push_back(std::move(dim));
    }
    return out;
  }

  Result<DType> ReadDType(int64_t number) {
    if (number < 0 || number >= kDTypeCount) {
      return BadInput("element type", std::to_string(number), "0 to " + std::to_string(kDTypeCount - 1));
    }
    return static_cast<DType>(number);
  }

  // `least` is -1 where None is allowed.
  Result<ValueId> ReadId(int64_t id, int64_t least) {
    const auto count = static_cast<int64_t>(graph_.values.size());
    if (id < least || id >= count) {
      return BadInput("value index", std::to_string(id), std::to_string(least) + " to " + std::to_string(count - 1));
    }
    return static_cast<ValueId>(id);
  }

  Status ReadValues() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.values(), "values"));
    graph_.values.reserve(n);
    for (uint64_t i = 0; i < n; i++) {
      Status status = ReadValue(*from_.values()->Get(i));
      if (!status.ok()) return WithPlace(std::move(status), "value " + std::to_string(i));
    }
    return OkStatus();
  }

  Status ReadValue(const fbs::Value& from) {
    Value value;
    FP_ASSIGN_OR_RETURN(value.name, cursor_.Name(from.name(), "name"));
    FP_ASSIGN_OR_RETURN(value.dtype, ReadDType(static_cast<int64_t>(from.dtype())));
    FP_ASSIGN_OR_RETURN(value.sizes, ReadSizes(from.sizes(), "sizes"));
    if (value.sizes.size() > kMaxRank) return BadInput("sizes", "rank " + std::to_string(value.sizes.size()), "at most 16");
    for (const Dim& d : value.sizes) {
      if (d.hint() < 0 || d.hint() > kDimLimit) return BadInput("sizes", "size " + std::to_string(d.hint()), "0 to 2^60");
    }
    graph_.values.push_back(std::move(value));
    return OkStatus();
  }

  Status ReadInputs() {
    FP_ASSIGN_OR_RETURN(const auto ids, cursor_.List<int64_t>(from_.inputs(), "inputs"));
    for (int64_t id : ids) {
      FP_ASSIGN_OR_RETURN(const ValueId value, ReadId(id, 0));
      graph_.inputs.push_back(value);
    }
    return OkStatus();
  }

  Status ReadConstants() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.constants(), "constants"));
    ValueId before = -1;
    for (uint64_t i = 0; i < n; i++) {
      const fbs::GraphConstant& c = *from_.constants()->Get(i);
      const std::string where = "constant " + std::to_string(i);
      auto id = ReadId(c.value(), 0);
      if (!id.ok()) return WithPlace(id.status(), where);
      if (*id <= before) return BadInput(where, "value " + std::to_string(*id), "one above " + std::to_string(before));
      before = *id;
      if (c.tensor() >= tensors_.size()) {
        return BadInput(where, "tensor " + std::to_string(c.tensor()), "less than " + std::to_string(tensors_.size()));
      }
      const Tensor& tensor = tensors_[c.tensor()];
      const Value& value = graph_.values[*id];
      bool same = tensor.dtype() == value.dtype && tensor.rank() == static_cast<int>(value.sizes.size());
      for (int d = 0; same && d < tensor.rank(); d++) same = value.sizes[d].is(tensor.sizes()[d]);
      if (!same) {
        return BadInput(where, "tensor " + tensor.ToString(),
                        std::string(ShortName(value.dtype)) + ToString(value.sizes) + ", the value's");
      }
      graph_.constants[*id] = tensor;
    }
    return OkStatus();
  }

  Status ReadNodes() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.nodes(), "nodes", kMaxNodes));
    graph_.nodes.reserve(n);
    for (uint64_t i = 0; i < n; i++) {
      Status status = ReadNode(*from_.nodes()->Get(i));
      if (!status.ok()) return WithPlace(std::move(status), "node " + std::to_string(i));
    }
    return OkStatus();
  }

  Status ReadNode(const fbs::Node& from) {
    Node node;
    FP_ASSIGN_OR_RETURN(const std::string op, cursor_.Name(from.op(), "operator"));
    node.op = FindOp(op);
    if (node.op == nullptr) return BadInput("operator", "'" + op + "'", "one that this fusepack has");
    if (op == "fused") return BadInput("operator", "'fused'", "operators of the portable graph");
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from.args(), "arguments"));
    const std::vector<Param>& params = node.op->schema().params();
    if (n > params.size()) {
      return BadInput("operator '" + op + "'", std::to_string(n) + " arguments", "at most " + std::to_string(params.size()));
    }
    node.args.reserve(params.size());
    for (uint64_t i = 0; i < n; i++) {
      Result<Arg> arg = ReadArg(*from.args()->Get(i));
      if (!arg.ok()) return WithPlace(arg.status(), "argument '" + params[i].name + "' of '" + op + "'");
      node.args.push_back(std::move(arg).value());
    }
    // The package is older than the operator's last parameters.
    for (size_t i = n; i < params.size(); i++) {
      if (!params[i].has_default) return BadInput("operator '" + op + "'", "no argument '" + params[i].name + "'", "one");
      node.args.push_back(params[i].default_value);
    }
    FP_ASSIGN_OR_RETURN(const auto outputs, cursor_.List<int64_t>(from.outputs(), "outputs"));
    for (int64_t id : outputs) {
      FP_ASSIGN_OR_RETURN(const ValueId value, ReadId(id, 0));
      node.outputs.push_back(value);
    }
    FP_ASSIGN_OR_RETURN(node.scope, cursor_.Name(from.scope(), "scope"));
    FP_ASSIGN_OR_RETURN(node.where, cursor_.Name(from.where(), "place in the source"));
    graph_.nodes.push_back(std::move(node));
    return OkStatus();
  }

  Result<Arg> ReadArg(const fbs::Arg& from) {
    const auto has = [](const auto* field) { return field != nullptr && field->size() > 0; };
    const fbs::ArgKind kind = from.kind();
    const bool integers = kind == fbs::ArgKind::Bool || kind == fbs::ArgKind::DType || kind == fbs::ArgKind::Tensor || kind == fbs::ArgKind::Tensors;
    const bool sizes = kind == fbs::ArgKind::Int || kind == fbs::ArgKind::Ints;
    const bool numbers = kind == fbs::ArgKind::Float || kind == fbs::ArgKind::Floats;
    if ((has(from.integers()) && !integers) || (has(from.sizes()) && !sizes) || (has(from.numbers()) && !numbers) ||
        (has(from.text()) && kind != fbs::ArgKind::String)) {
      return BadInput("", "a field that kind " + std::to_string(static_cast<int>(kind)) + " does not have", "none");
    }
    const auto one = [](size_t n) {
      return n == 1 ? OkStatus() : BadInput("", std::to_string(n) + " values", "one");
    };
    switch (kind) {
      case fbs::ArgKind::None: return Arg();
      case fbs::ArgKind::String: {
        FP_ASSIGN_OR_RETURN(std::string text, cursor_.Text(from.text(), "text"));
        return Arg(std::move(text));
      }
      case fbs::ArgKind::Int:
      case fbs::ArgKind::Ints: {
        FP_ASSIGN_OR_RETURN(std::vector<Dim> dims, ReadSizes(from.sizes(), "sizes"));
        if (kind == fbs::ArgKind::Ints) return Arg(std::move(dims));
        FP_RETURN_IF_ERROR(one(dims.size()));
        return Arg(dims[0]);
      }
      case fbs::ArgKind::Float:
      case fbs::ArgKind::Floats: {
        FP_ASSIGN_OR_RETURN(std::vector<double> values, cursor_.List<double>(from.numbers(), "numbers"));
        if (kind == fbs::ArgKind::Floats) return Arg(std::move(values));
        FP_RETURN_IF_ERROR(one(values.size()));
        return Arg(values[0]);
      }
      case fbs::ArgKind::Bool:
      case fbs::ArgKind::DType:
      case fbs::ArgKind::Tensor: {
        FP_ASSIGN_OR_RETURN(const auto values, cursor_.List<int64_t>(from.integers(), "integers"));
        FP_RETURN_IF_ERROR(one(values.size()));
        if (kind == fbs::ArgKind::Bool) {
          if (values[0] != 0 && values[0] != 1) return BadInput("", "truth value " + std::to_string(values[0]), "0 or 1");
          return Arg(values[0] == 1);
        }
        if (kind == fbs::ArgKind::DType) {
          FP_ASSIGN_OR_RETURN(const DType dtype, ReadDType(values[0]));
          return Arg(dtype);
        }
        FP_ASSIGN_OR_RETURN(const ValueId id, ReadId(values[0], kNoValue));
        return Arg(ValueRef{id});
      }
      case fbs::ArgKind::Tensors: {
        FP_ASSIGN_OR_RETURN(const auto values, cursor_.List<int64_t>(from.integers(), "integers"));
        ValueList ids;
        for (int64_t value : values) {
          FP_ASSIGN_OR_RETURN(const ValueId id, ReadId(value, kNoValue));
          ids.push_back(id);
        }
        return Arg(std::move(ids));
      }
    }
    return BadInput("", "kind " + std::to_string(static_cast<int>(kind)), "0 to 9");
  }

  Status ReadOutputs() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.outputs(), "outputs"));
    for (uint64_t i = 0; i < n; i++) {
      const fbs::GraphOutput& from = *from_.outputs()->Get(i);
      GraphOutput output;
      auto id = ReadId(from.value(), 0);
      if (!id.ok()) return WithPlace(id.status(), "output " + std::to_string(i));
      output.id = *id;
      FP_ASSIGN_OR_RETURN(output.path, cursor_.Name(from.path(), "path of an output"));
      graph_.outputs.push_back(std::move(output));
    }
    return OkStatus();
  }

  Status ReadGuards() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from_.guards(), "guards"));
    for (uint64_t i = 0; i < n; i++) {
      const fbs::Guard& from = *from_.guards()->Get(i);
      const std::string where = "guard " + std::to_string(i);
      if (from.left() == nullptr || from.right() == nullptr) return BadInput(where, "a side missing", "two");
      auto left = ReadSize(*from.left()), right = ReadSize(*from.right());
      if (!left.ok()) return WithPlace(left.status(), where);
      if (!right.ok()) return WithPlace(right.status(), where);
      if (from.compare() > fbs::Compare::Ge) {
        return BadInput(where, "comparison " + std::to_string(static_cast<int>(from.compare())), "0 to 5");
      }
      Guard guard{*left, static_cast<Compare>(from.compare()), *right, ""};
      FP_ASSIGN_OR_RETURN(guard.where, cursor_.Name(from.where(), "place of a guard"));
      graph_.guards.push_back(std::move(guard));
    }
    return OkStatus();
  }

  const fbs::Graph& from_;
  std::span<const Tensor> tensors_;
  ManifestCursor& cursor_;
  Graph graph_;
  std::vector<Dim> expressions_;
};

}  // namespace

Result<Graph> ReadGraph(const fbs::Graph& from, std::span<const Tensor> tensors, ManifestCursor& cursor) {
  return GraphReader(from, tensors, cursor).Read();
}

}  // namespace fusepack::fpk
