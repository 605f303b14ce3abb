// A recursive descent over one cursor; the grammar, with spaces free inside a line:
//
//   graph  = "graph" name "(" [typed {"," typed}] ")" ["symbols" "(" {"s"N "=" int} ")"] "{" {line} "return" [out {"," out}] "}"
//   line   = "const" typed ["=" "[" numbers "]"] | "guard" dim op dim comment | typed {"," typed} "=" call [graph] comment
//   typed  = ref ":" dtype "[" dims "]" ["@" ("nhwc" | "[" ints "]")]
//   call   = operator "(" [argument {"," argument}] ")";  argument = [parameter "="] value
//   value  = "None" | "True" | "False" | ref | string | dtype | dim | float | "[" {value} "]"
//   ref    = "%" (name | number) ["~" number];  comment = ["  #" text]
#include "engine/graph/parse.h"

#include <charconv>
#include <unordered_map>

#include "engine/ops/fused_ops.h"
#include "engine/graph/layout.h"

namespace fusepack {
namespace {

constexpr int kMaxRegionDepth = 4;
constexpr size_t kMaxNodes = 1'000'000;

bool NameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

std::string_view Trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\n')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\n')) s.remove_suffix(1);
  return s;
}

std::string Unescape(std::string_view s) {
  const auto digit = [](char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; };
  std::string out;
  for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '\\' || i + 1 == s.size()) {
      out += s[i];
    } else if (s[i + 1] == 'x' && i + 3 < s.size()) {
      out += static_cast<char>(digit(s[i + 2]) << 4 | digit(s[i + 3]));
      i += 3;
    } else {
      out += s[++i];
    }
  }
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, const ConstantSource& constants) : text_(text), constants_(constants) {}

  Result<Graph> ParseAll() {
    FP_ASSIGN_OR_RETURN(Graph graph, ParseOne(0));
    Skip();
    if (at_ != text_.size()) return Bad("the end");
    return graph;
  }

 private:
  using Names = std::unordered_map<std::string, ValueId>;

  Result<Graph> ParseOne(int depth) {
    if (depth > kMaxRegionDepth) return LimitExceeded(Place(), "regions nested over " + std::to_string(kMaxRegionDepth));
    Graph graph;
    Names names;
    if (!Word("graph")) return Bad("'graph'");
    FP_ASSIGN_OR_RETURN(graph.name, Name());
    FP_RETURN_IF_ERROR(Expect("("));
    const size_t inputs_at = at_;  // sizes need the symbols, which stand behind them
    int nesting = 1;
    for (; at_ < text_.size() && nesting > 0; at_++) {
      if (text_[at_] == '"') FP_RETURN_IF_ERROR(SkipString());
      nesting += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
    }
    if (Word("symbols")) {
      FP_RETURN_IF_ERROR(Expect("("));
      while (!Take(")")) {
        FP_RETURN_IF_ERROR(Expect("s" + std::to_string(graph.symbol_hints.size())));
        FP_RETURN_IF_ERROR(Expect("="));
        FP_ASSIGN_OR_RETURN(int64_t hint, Integer());
        graph.symbol_hints.push_back(hint);
        Take(",");
      }
    }
    const size_t body_at = at_;
    at_ = inputs_at;
    while (!Take(")")) {
      FP_ASSIGN_OR_RETURN(ValueId id, Define(graph, names));
      graph.inputs.push_back(id);
      if (!Take(",") && !Peek(")")) return Bad("',' or ')'");
    }
    at_ = body_at;
    FP_RETURN_IF_ERROR(Expect("{"));
    for (;;) {
      if (Word("return")) break;
      if (Word("const")) {
        FP_RETURN_IF_ERROR(ParseConstant(graph, names));
      } else if (Word("guard")) {
        FP_RETURN_IF_ERROR(ParseGuard(graph));
      } else {
        FP_RETURN_IF_ERROR(ParseNode(graph, names, depth));
      }
    }
    while (Peek("%")) {
      FP_ASSIGN_OR_RETURN(ValueId id, Use(names));
      std::string path;
      if (Word("as")) {
        FP_ASSIGN_OR_RETURN(path, String());
      }
      graph.outputs.push_back({id, path});
      Take(",");
    }
    FP_RETURN_IF_ERROR(Expect("}"));
    return graph;
  }

  Status ParseConstant(Graph& graph, Names& names) {
    FP_ASSIGN_OR_RETURN(ValueId id, Define(graph, names));
    const Value value = graph.values[id];
    for (const Dim& d : value.sizes) {
      if (!d.is_constant() || d.hint() < 0) return Bad("a constant's sizes as numbers");
    }
    const Dims sizes = ToDims(value.sizes);
    if (!(CheckedNumel(sizes) * 16).Within(kDimLimit)) return Bad("a smaller constant");
    if (Take("=")) {
      FP_RETURN_IF_ERROR(Expect("["));
      FP_ASSIGN_OR_RETURN(Tensor values, Tensor::Zeros(IsFloating(value.dtype) ? DType::kF64 : DType::kI64, sizes));
      for (int64_t i = 0; i < values.numel(); i++) {
        if (i > 0) FP_RETURN_IF_ERROR(Expect(","));
        if (IsFloating(value.dtype)) {
          FP_ASSIGN_OR_RETURN(values.mutable_view().as<double>()[i], Float());
        } else {
          FP_ASSIGN_OR_RETURN(values.mutable_view().as<int64_t>()[i], Integer());
        }
      }
      FP_RETURN_IF_ERROR(Expect("]"));
      FP_ASSIGN_OR_RETURN(graph.constants[id], values.To(value.dtype));
    } else if (constants_) {
      FP_ASSIGN_OR_RETURN(graph.constants[id], constants_(value.name, value.dtype, sizes));
    } else {
      FP_ASSIGN_OR_RETURN(graph.constants[id], Tensor::Zeros(value.dtype, sizes));
    }
    return OkStatus();
  }

  Status ParseGuard(Graph& graph) {
    static constexpr std::pair<std::string_view, Compare> kOps[] = {
        {" == ", Compare::kEq}, {" != ", Compare::kNe}, {" <= ", Compare::kLe},
        {" < ", Compare::kLt},  {" >= ", Compare::kGe}, {" > ", Compare::kGt}};
    std::string_view line = RestOfLine(), comment;
    if (const size_t hash = line.find("#"); hash != line.npos) {
      comment = Trim(line.substr(hash + 1));
      line = line.substr(0, hash);
    }
    for (const auto& [text, op] : kOps) {
      const size_t split = line.find(text);
      if (split == line.npos) continue;
      Guard guard;
      guard.op = op;
      guard.where = Unescape(comment);
      FP_ASSIGN_OR_RETURN(guard.lhs, ParseDim(Trim(line.substr(0, split)), graph.symbol_hints));
      FP_ASSIGN_OR_RETURN(guard.rhs, ParseDim(Trim(line.substr(split + text.size())), graph.symbol_hints));
      graph.guards.push_back(std::move(guard));
      return OkStatus();
    }
    return Bad("a comparison");
  }

  Status ParseNode(Graph& graph, Names& names, int depth) {
    if (graph.nodes.size() >= kMaxNodes) return LimitExceeded(Place(), "over 1000000 nodes");
    Node node;
    // Outputs are defined behind the arguments' use, so that a node cannot read its own result.
    std::vector<std::pair<std::string, Value>> outputs;
    do {
      std::pair<std::string, Value> typed;
      FP_RETURN_IF_ERROR(Typed(graph, &typed.first, &typed.second));
      outputs.push_back(std::move(typed));
    } while (Take(","));
    const size_t line_at = at_;
    FP_RETURN_IF_ERROR(Expect("="));
    FP_ASSIGN_OR_RETURN(const std::string op_name, Name());
    node.op = FindGraphOp(op_name);
    if (node.op == nullptr) return BadInput(Place(), "unknown operator '" + op_name + "'");
    const std::vector<Param>& params = node.op->schema().params();
    std::vector<bool> given(params.size());
    node.args.resize(params.size());
    FP_RETURN_IF_ERROR(Expect("("));
    for (size_t position = 0; !Take(")");) {
      size_t index = position;
      if (const std::string label = Label(); !label.empty()) {
        const int found = node.op->schema().Find(label);
        if (found < 0) return BadInput(Place(), op_name + " has no parameter '" + label + "'");
        index = found;
      } else {
        position++;
      }
      if (index >= params.size() || given[index]) return BadInput(Place(), "surplus argument of " + op_name);
      given[index] = true;
      FP_ASSIGN_OR_RETURN(Arg arg, ParseArg(graph, names, params[index].type));
      Result<Arg> bound = BindArg(params[index], std::move(arg));
      if (!bound.ok()) return WithPlace(bound.status(), Place());
      node.args[index] = std::move(*bound);
      if (!Take(",") && !Peek(")")) return Bad("',' or ')'");
    }
    for (size_t i = 0; i < params.size(); i++) {
      if (given[i]) continue;
      if (!params[i].has_default) return BadInput(Place(), op_name + " lacks its argument '" + params[i].name + "'");
      FP_ASSIGN_OR_RETURN(node.args[i], BindArg(params[i], params[i].default_value));
    }
    if (Peek("graph")) {
      FP_ASSIGN_OR_RETURN(Graph region, ParseOne(depth + 1));
      node.region = std::make_shared<const Graph>(std::move(region));
    }
    if (Take("#")) {
      const std::string_view line = RestOfLine();
      const size_t comma = line.find(',');
      node.scope = Unescape(Trim(line.substr(0, comma)));
      if (comma != line.npos) node.where = Unescape(Trim(line.substr(comma + 1)));
    }
    for (auto& [name, value] : outputs) {
      graph.values.push_back(std::move(value));
      node.outputs.push_back(static_cast<ValueId>(graph.values.size()) - 1);
      if (!names.emplace(name, node.outputs.back()).second) {
        at_ = line_at;
        return BadInput(Place(), name + " is defined twice");
      }
    }
    graph.nodes.push_back(std::move(node));
    return OkStatus();
  }

  Result<Arg> ParseArg(const Graph& graph, const Names& names, ParamType type) {
    if (Word("None")) return Arg();
    if (Word("True")) return Arg(true);
    if (Word("False")) return Arg(false);
    if (Peek("%")) {
      FP_ASSIGN_OR_RETURN(ValueId id, Use(names));
      return Arg(ValueRef{id});
    }
    if (Peek("\"")) {
      FP_ASSIGN_OR_RETURN(std::string text, String());
      return Arg(std::move(text));
    }
    if (type == ParamType::kDType) {
      FP_ASSIGN_OR_RETURN(const std::string name, Name());
      const auto dtype = DTypeFromShortName(name);
      if (!dtype) return Bad("an element type");
      return Arg(*dtype);
    }
    if (!Take("[")) return ParseNumber(graph);
    if (type == ParamType::kTensorList) {
      ValueList list;
      while (!Take("]")) {
        if (Word("None")) {
          list.push_back(kNoValue);
        } else {
          FP_ASSIGN_OR_RETURN(ValueId id, Use(names));
          list.push_back(id);
        }
        if (!Take(",") && !Peek("]")) return Bad("',' or ']'");
      }
      return Arg(std::move(list));
    }
    std::vector<Dim> dims;
    std::vector<double> floats;
    while (!Take("]")) {
      FP_ASSIGN_OR_RETURN(Arg item, ParseNumber(graph));
      if (const double* d = std::get_if<double>(&item)) {
        floats.push_back(*d);
      } else {
        dims.push_back(std::get<Dim>(item));
        floats.push_back(static_cast<double>(dims.back().hint()));
      }
      if (!Take(",") && !Peek("]")) return Bad("',' or ']'");
    }
    if (type == ParamType::kFloatList) return Arg(std::move(floats));
    if (dims.size() != floats.size()) return Bad("whole numbers");
    return Arg(std::move(dims));
  }

  // A Dim, or a double where the text looks like one ("1.0", "2e5", "inf", "nan").
  Result<Arg> ParseNumber(const Graph& graph) {
    Skip();
    size_t end = at_;
    int nesting = 0;
    for (; end < text_.size(); end++) {
      const char c = text_[end];
      if (nesting == 0 && (c == ',' || c == ')' || c == ']' || c == '\n')) break;
      nesting += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    const std::string_view token = Trim(text_.substr(at_, end - at_));
    double number = 0;
    const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    const bool whole = token.find_first_not_of("-0123456789") == token.npos;
    if (error == std::errc() && stop == token.data() + token.size() && !whole) {
      at_ = end;
      return Arg(number);
    }
    Result<Dim> dim = ParseDim(token, graph.symbol_hints);
    if (!dim.ok()) return WithPlace(dim.status(), Place());
    at_ = end;
    return Arg(std::move(*dim));
  }

  // "%name: f32[...]@..."; defines nothing yet.
  Status Typed(const Graph& graph, std::string* key, Value* value) {
    FP_RETURN_IF_ERROR(Ref(key, &value->name));
    FP_RETURN_IF_ERROR(Expect(":"));
    FP_ASSIGN_OR_RETURN(const std::string dtype_name, Name());
    const auto dtype = DTypeFromShortName(dtype_name);
    if (!dtype) return Bad("an element type");
    value->dtype = *dtype;
    FP_RETURN_IF_ERROR(Expect("["));
    while (!Take("]")) {
      FP_ASSIGN_OR_RETURN(Arg size, ParseNumber(graph));
      if (!std::holds_alternative<Dim>(size)) return Bad("a size");
      if (value->sizes.size() == kMaxRank) return Bad("at most 16 dimensions");
      value->sizes.push_back(std::get<Dim>(size));
      if (!Take(",") && !Peek("]")) return Bad("',' or ']'");
    }
    if (!Take("@")) return OkStatus();
    for (const Dim& d : value->sizes) {
      if (!d.is_constant()) return Bad("constant sizes before a layout");
    }
    if (Word("nhwc")) {
      if (value->sizes.size() < 3) return Bad("rank 3 or more for nhwc");
      SetStrides(*value, ChannelsLastStrides(ToDims(value->sizes)));
      return OkStatus();
    }
    FP_RETURN_IF_ERROR(Expect("["));
    while (!Take("]")) {
      FP_ASSIGN_OR_RETURN(int64_t stride, Integer());
      value->strides.push_back(stride);
      Take(",");
    }
    if (value->strides.size() != value->sizes.size()) return Bad("a stride a dimension");
    return OkStatus();
  }

  Result<ValueId> Define(Graph& graph, Names& names) {
    std::string key;
    Value value;
    FP_RETURN_IF_ERROR(Typed(graph, &key, &value));
    graph.values.push_back(std::move(value));
    const ValueId id = static_cast<ValueId>(graph.values.size()) - 1;
    if (!names.emplace(key, id).second) return BadInput(Place(), key + " is defined twice");
    return id;
  }

  Result<ValueId> Use(const Names& names) {
    std::string key, hint;
    FP_RETURN_IF_ERROR(Ref(&key, &hint));
    const auto found = names.find(key);
    if (found == names.end()) return BadInput(Place(), key + " is not defined before this use");
    return found->second;
  }

  Status Ref(std::string* key, std::string* hint) {
    FP_RETURN_IF_ERROR(Expect("%"));
    const size_t begin = at_;
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    FP_ASSIGN_OR_RETURN(*hint, Name());
    if (!quoted && hint->find_first_not_of("0123456789") == std::string::npos) hint->clear();
    if (at_ < text_.size() && text_[at_] == '~') {
      at_++;
      FP_RETURN_IF_ERROR(Integer().status());
    }
    *key = "%" + std::string(text_.substr(begin, at_ - begin));
    return OkStatus();
  }

  Result<std::string> Name() {
    if (Peek("\"")) return String();
    Skip();
    const size_t begin = at_;
    while (at_ < text_.size() && NameChar(text_[at_])) at_++;
    if (at_ == begin) return Bad("a name");
    return std::string(text_.substr(begin, at_ - begin));
  }

  // "name=" if it stands here.
  std::string Label() {
    Skip();
    size_t end = at_;
    while (end < text_.size() && NameChar(text_[end])) end++;
    if (end == at_ || end >= text_.size() || text_[end] != '=') return "";
    std::string label(text_.substr(at_, end - at_));
    at_ = end + 1;
    return label;
  }

  Status SkipString() {
    for (at_++; at_ < text_.size() && text_[at_] != '"'; at_++) at_ += text_[at_] == '\\';
    return at_ < text_.size() ? OkStatus() : Bad("'\"'");
  }

  Result<std::string> String() {
    Skip();
    const size_t begin = at_ + 1;
    FP_RETURN_IF_ERROR(SkipString());
    at_++;
    return Unescape(text_.substr(begin, at_ - 1 - begin));
  }

  template <typename T>
  Result<T> Number() {
    Skip();
    T out{};
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), out);
    if (error != std::errc()) return Bad("a number");
    at_ = end - text_.data();
    return out;
  }
  Result<int64_t> Integer() { return Number<int64_t>(); }
  Result<double> Float() { return Number<double>(); }

  std::string_view RestOfLine() {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end;
    return line;
  }

  void Skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) at_++;
  }
  bool Peek(std::string_view token) {
    Skip();
    return text_.substr(at_, token.size()) == token;
  }
  bool Take(std::string_view token) {
    if (!Peek(token)) return false;
    at_ += token.size();
    return true;
  }
  // A whole word, not the start of a longer one.
  bool Word(std::string_view word) {
    if (!Peek(word) || (at_ + word.size() < text_.size() && NameChar(text_[at_ + word.size()]))) return false;
    at_ += word.size();
    return true;
  }
  Status Expect(std::string_view token) { return Take(token) ? OkStatus() : Bad("'" + std::string(token) + "'"); }

  std::string Place() const {
    const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
    const size_t line = std::count(before.begin(), before.end(), '\n') + 1;
    return "graph text line " + std::to_string(line);
  }
  Status Bad(std::string expected) {
    const std::string_view next = text_.substr(std::min(at_, text_.size()), 20);
    return BadInput(Place(), "'" + std::string(next.substr(0, next.find('\n'))) + "'", std::move(expected));
  }

  std::string_view text_;
  const ConstantSource& constants_;
  size_t at_ = 0;
};

}  // namespace

Result<Graph> ParseGraph(std::string_view text, const ConstantSource& constants) {
  return Parser(text, constants).ParseAll();
}

}  // namespace fusepack
