// One pass names the values (PrintNames), a second writes lines. Doubles are written with the fewest digits that read
// back to the same number, and always look like one ("1.0", "inf"), since an int and a double are different arguments.
#include "engine/graph/print.h"

#include <charconv>
#include <cmath>
#include <set>
#include <unordered_map>

#include "engine/graph/layout.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

bool IsPlainName(const std::string& name) {
  bool letter = false;
  for (char c : name) {
    const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    letter |= alpha;
    if (!alpha && !(c >= '0' && c <= '9') && c != '.') return false;
  }
  return letter;
}

// Backslash escapes for quotes, backslashes, control bytes and whatever `also` names.
std::string Escape(const std::string& text, const char* also) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7f || std::string_view(also).find(static_cast<char>(c)) != std::string_view::npos) {
      out += "\\x";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string Quote(const std::string& text) { return '"' + Escape(text, "") + '"'; }

std::string NameText(const std::string& name) { return IsPlainName(name) ? name : Quote(name); }

std::string DoubleText(double x) {
  if (std::isnan(x)) return std::signbit(x) ? "-nan" : "nan";
  if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x);
  std::string out(text, end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

template <typename Range, typename F>
std::string Join(const Range& range, F text) {
  std::string out;
  for (const auto& item : range) out += (out.empty() ? "" : ",") + text(item);
  return out;
}

class Printer {
 public:
  explicit Printer(const Graph& graph) : graph_(graph), names_(graph.values.size()) {}

  void NameAll() {
    for (ValueId id : graph_.inputs) GiveName(id);
    for (const auto& [id, tensor] : graph_.constants) GiveName(id);
    for (const Node& node : graph_.nodes) {
      for (ValueId id : node.outputs) GiveName(id);
    }
  }

  std::string Ref(ValueId id) const {
    if (id == kNoValue) return "None";
    if (id < 0 || id >= static_cast<int>(names_.size()) || names_[id].empty()) return "%" + std::to_string(id);
    return names_[id];
  }

  std::string ArgText(const Arg& arg) const {
    struct Visitor {
      const Printer& p;
      std::string operator()(std::monostate) const { return "None"; }
      std::string operator()(bool b) const { return b ? "True" : "False"; }
      std::string operator()(const Dim& d) const { return d.ToString(); }
      std::string operator()(double d) const { return DoubleText(d); }
      std::string operator()(const std::string& s) const { return Quote(s); }
      std::string operator()(DType d) const { return std::string(ShortName(d)); }
      std::string operator()(const std::vector<Dim>& v) const { return ToString(v); }
      std::string operator()(const std::vector<double>& v) const { return "[" + Join(v, DoubleText) + "]"; }
      std::string operator()(const ValueRef& r) const { return p.Ref(r.id); }
      std::string operator()(const ValueList& l) const {
        return "[" + Join(l, [this](ValueId id) { return p.Ref(id); }) + "]";
      }
    };
    return std::visit(Visitor{*this}, arg);
  }

  std::string NodeText(const Node& node) const {
    std::string out;
    for (ValueId id : node.outputs) {
      out += (out.empty() ? "" : ", ") + Ref(id) + ": " + PrintValueType(graph_.values[id]);
    }
    out += " = " + std::string(node.op->name) + "(";
    const std::vector<Param>& params = node.op->schema().params();
    bool first = true, skipped = false;
    for (size_t i = 0; i < node.args.size(); i++) {
      std::string text = ArgText(node.args[i]), label;
      if (i < params.size() && params[i].has_default) {
        const Result<Arg> given = BindArg(params[i], params[i].default_value);
        if (given.ok() && ArgText(*given) == text) {
          skipped = true;
          continue;
        }
      }
      const bool tensor = std::holds_alternative<ValueRef>(node.args[i]) || std::holds_alternative<ValueList>(node.args[i]);
      if (i < params.size() && (skipped || params[i].keyword_only || !tensor)) label = params[i].name + "=";
      out += (first ? "" : ", ") + label + text;
      first = false;
    }
    return out + ")";
  }

  std::string GraphText(const std::string& indent) const {
    std::string out = "graph " + NameText(graph_.name) + "(";
    for (size_t i = 0; i < graph_.inputs.size(); i++) {
      const ValueId id = graph_.inputs[i];
      out += (i ? ", " : "") + Ref(id) + ": " + PrintValueType(graph_.values[id]);
    }
    out += ")";
    if (!graph_.symbol_hints.empty()) {
      out += " symbols(";
      for (size_t i = 0; i < graph_.symbol_hints.size(); i++) {
        out += (i ? ", s" : "s") + std::to_string(i) + "=" + std::to_string(graph_.symbol_hints[i]);
      }
      out += ")";
    }
    out += " {\n";
    for (const auto& [id, tensor] : graph_.constants) {
      out += indent + "  const " + Ref(id) + ": " + PrintValueType(graph_.values[id]) + ElementsText(tensor) + "\n";
    }
    for (const Guard& guard : graph_.guards) {
      out += indent + "  guard " + guard.ToString() + (guard.where.empty() ? "" : "  # " + Escape(guard.where, "")) + "\n";
    }
    for (const Node& node : graph_.nodes) {
      out += indent + "  " + NodeText(node);
      if (node.region) {
        Printer region(*node.region);
        region.NameAll();
        out += " " + region.GraphText(indent + "  ");
      }
      if (!node.scope.empty() || !node.where.empty()) {
        out += "  # " + Escape(node.scope, ",") + (node.where.empty() ? "" : ", " + Escape(node.where, ""));
      }
      out += "\n";
    }
    out += indent + "  return";
    for (size_t i = 0; i < graph_.outputs.size(); i++) {
      const GraphOutput& output = graph_.outputs[i];
      out += (i ? ", " : " ") + Ref(output.id) + (output.path.empty() ? "" : " as " + Quote(output.path));
    }
    return out + "\n" + indent + "}";
  }

 private:
  void GiveName(ValueId id) {
    const std::string& hint = graph_.values[id].name;
    if (hint.empty()) {
      names_[id] = "%" + std::to_string(++unnamed_);
      return;
    }
    const int count = ++seen_[hint];
    names_[id] = "%" + NameText(hint) + (count > 1 ? "~" + std::to_string(count) : "");
  }

  static std::string ElementsText(const Tensor& tensor) {
    if (!tensor.defined() || tensor.numel() > kPrintedConstantElements || Category(tensor.dtype()) == 3) return "";
    std::string out = " = [";
    for (int64_t i = 0; i < tensor.numel(); i++) {
      out += (i ? "," : "") + (IsFloating(tensor.dtype()) ? DoubleText(tensor.ItemAsDouble(i))
                                                          : std::to_string(tensor.ItemAsInt(i)));
    }
    return out + "]";
  }

  const Graph& graph_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, int> seen_;
  int unnamed_ = 0;
};

}  // namespace

std::string PrintValueType(const Value& value) {
  std::string out = std::string(ShortName(value.dtype)) + ToString(value.sizes);
  if (value.strides.empty()) return out;
  if (IsChannelsLast(value)) return out + "@nhwc";
  return out + "@" + Dims(value.strides).ToString();
}

std::string PrintArg(const Arg& arg) {
  static const Graph empty;
  return Printer(empty).ArgText(arg);
}

std::string PrintNode(const Graph& graph, const Node& node) {
  Printer printer(graph);
  printer.NameAll();
  return printer.NodeText(node);
}

std::string PrintGraph(const Graph& graph) {
  Printer printer(graph);
  printer.NameAll();
  return printer.GraphText("") + "\n";
}

}  // namespace fusepack
