#include "tools/inspect_package.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "engine/graph/dot.h"
#include "engine/graph/print.h"
#include "tools/predict/preprocess_options.h"

namespace fusepack::tools {
namespace {

using nlohmann::json;

// Rows with columns padded to the widest entry; numbers stand right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string ToString() const {
    std::vector<size_t> widths(rows_[0].size());
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (size_t i = 0; i < row.size(); i++) line += (i ? "  " : "") + row[i] + std::string(widths[i] - row[i].size(), ' ');
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string Megabytes(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, bytes < 1'000'000 ? "%.1f kB" : "%.1f MB", bytes / (bytes < 1'000'000 ? 1e3 : 1e6));
  return text;
}

std::string SizesText(const Graph& graph, ValueId id) {
  return std::string(ShortName(graph.value(id).dtype)) + ToString(graph.value(id).sizes);
}

const char* KindName(StateKind kind) {
  static constexpr const char* kNames[] = {"parameter", "buffer", "buffer, not persistent", "constant"};
  return kNames[static_cast<int>(kind)];
}

int64_t StateBytes(const Package& package) {
  std::set<const Storage*> seen;
  int64_t bytes = 0;
  for (const StateTensor& s : package.state) {
    if (seen.insert(s.tensor.storage().get()).second) bytes += s.tensor.storage()->bytes();
  }
  return bytes;
}

std::string Summary(const Package& package) {
  Table table({"model", package.fx_graphs.empty() ? package.archive.model : package.fx_graphs[0].root_class});
  table.Add({"producer", package.producer});
  if (!package.archive.kind.empty()) {
    table.Add({"made from", package.archive.kind + ", " + package.archive.model + ", " +
                                std::to_string(package.archive.records.size()) + " records kept"});
  }
  for (const auto& [key, value] : package.metadata) table.Add({key, value});
  if (package.preprocess) {
    table.Add({"images", ToString(*package.preprocess) + (package.preprocess->name.empty() ? "" : " (" + package.preprocess->name + ")")});
  }
  int64_t parameters = 0;
  for (const StateTensor& s : package.state) parameters += s.kind == StateKind::kParameter ? s.tensor.numel() : 0;
  table.Add({"state", std::to_string(package.state.size()) + " tensors, " + std::to_string(parameters) + " parameters, " +
                          Megabytes(StateBytes(package))});
  for (const Method& method : package.methods) {
    const Graph& graph = method.graph;
    table.Add({"method", method.name + ": " + std::to_string(graph.nodes.size()) + " operators, " +
                             std::to_string(graph.guards.size()) + " guards"});
    if (method.calibration) {
      table.Add({"  calibration", method.calibration->algorithm + " over " + std::to_string(method.calibration->samples) + " inputs, " +
                                      std::to_string(method.calibration->ranges.size()) + " values"});
    }
    for (ValueId id : graph.inputs) table.Add({"  input", graph.value(id).name + ": " + SizesText(graph, id)});
    for (const GraphOutput& out : graph.outputs) {
      table.Add({"  output", (out.path.empty() ? "" : out.path + ": ") + SizesText(graph, out.id)});
    }
  }
  for (const ReferenceCase& c : package.cases) table.Add({"case", c.name + ", computed by " + c.computed_by});
  for (const PlanSection& plan : package.plans) table.Add({"plan", plan.key});
  return table.ToString();
}

json SummaryJson(const Package& package) {
  json methods = json::array();
  for (const Method& method : package.methods) {
    json inputs = json::array(), outputs = json::array(), guards = json::array();
    for (ValueId id : method.graph.inputs) {
      inputs.push_back({{"name", method.graph.value(id).name},
                        {"dtype", ShortName(method.graph.value(id).dtype)},
                        {"sizes", ToString(method.graph.value(id).sizes)}});
    }
    for (const GraphOutput& out : method.graph.outputs) {
      outputs.push_back({{"path", out.path},
                         {"dtype", ShortName(method.graph.value(out.id).dtype)},
                         {"sizes", ToString(method.graph.value(out.id).sizes)}});
    }
    for (const Guard& guard : method.graph.guards) guards.push_back({{"condition", guard.ToString()}, {"where", guard.where}});
    methods.push_back({{"name", method.name}, {"operators", method.graph.nodes.size()}, {"inputs", inputs},
                       {"outputs", outputs}, {"guards", guards}});
  }
  json out = {{"producer", package.producer}, {"state_bytes", StateBytes(package)}, {"methods", methods},
              {"archive", {{"kind", package.archive.kind}, {"model", package.archive.model},
                           {"externs", package.archive.externs}, {"records", package.archive.records.size()}}}};
  for (const auto& [key, value] : package.metadata) out["metadata"][key] = value;
  return out;
}

std::string FxText(const FxGraphRecord& fx) {
  Table table({"opcode", "name", "target", "args", "kwargs", "where"});
  for (const FxNodeRecord& n : fx.nodes) table.Add({n.op, n.name, n.target, n.args, n.kwargs, n.where});
  return "# " + fx.root_class + ", traced by " + fx.tracer_class + "\n" + fx.code + "\n" + table.ToString();
}

json FxJson(const FxGraphRecord& fx) {
  json nodes = json::array();
  for (const FxNodeRecord& n : fx.nodes) {
    nodes.push_back({{"op", n.op}, {"name", n.name}, {"target", n.target}, {"args", n.args}, {"kwargs", n.kwargs}});
  }
  return {{"code", fx.code}, {"nodes", nodes}, {"root_class", fx.root_class}, {"tracer_class", fx.tracer_class}};
}

// Module path -> its tensors and the number of operators that it ran itself.
struct ModuleRow {
  std::vector<const StateTensor*> tensors;
  int operators = 0;
};

std::map<std::string, ModuleRow> Modules(const Package& package) {
  std::map<std::string, ModuleRow> modules;
  for (const StateTensor& s : package.state) {
    const size_t dot = s.name.rfind('.');
    modules[dot == std::string::npos ? "" : s.name.substr(0, dot)].tensors.push_back(&s);
  }
  for (const Method& method : package.methods) {
    for (const Node& node : method.graph.nodes) modules[node.scope].operators++;
  }
  return modules;
}

std::string ModulesText(const Package& package) {
  Table table({"module", "operators", "tensors"});
  for (const auto& [path, row] : Modules(package)) {
    std::string tensors;
    for (const StateTensor* s : row.tensors) {
      tensors += (tensors.empty() ? "" : ", ") + s->name.substr(s->name.rfind('.') + 1) + " " + s->tensor.ToString();
    }
    table.Add({path.empty() ? "(root)" : path, std::to_string(row.operators), tensors});
  }
  return table.ToString();
}

json ModulesJson(const Package& package) {
  json out = json::array();
  for (const auto& [path, row] : Modules(package)) {
    json tensors = json::array();
    for (const StateTensor* s : row.tensors) tensors.push_back(s->name);
    out.push_back({{"module", path}, {"operators", row.operators}, {"tensors", tensors}});
  }
  return out;
}

std::string TensorsText(const Package& package) {
  Table table({"tensor", "type", "strides", "kind"});
  for (const StateTensor& s : package.state) {
    table.Add({s.name, s.tensor.ToString(), s.tensor.contiguous() ? "dense" : s.tensor.strides().ToString(), KindName(s.kind)});
  }
  return table.ToString();
}

json TensorsJson(const Package& package) {
  json out = json::array();
  for (const StateTensor& s : package.state) {
    out.push_back({{"name", s.name}, {"dtype", ShortName(s.tensor.dtype())}, {"sizes", s.tensor.sizes().ToVector()},
                   {"strides", s.tensor.strides().ToVector()}, {"kind", KindName(s.kind)}});
  }
  return out;
}

bool IsSource(const SourceRecord& record) { return record.name.size() > 3 && record.name.compare(record.name.size() - 3, 3, ".py") == 0; }

std::string SourcesText(const Package& package) {
  std::string out;
  for (const SourceRecord& record : package.archive.records) {
    if (!IsSource(record)) continue;
    out += "# ---- " + record.name + "\n" + std::string(record.bytes.text());
    if (out.back() != '\n') out += "\n";
  }
  return out;
}

json SourcesJson(const Package& package) {
  json out = json::array();
  for (const SourceRecord& record : package.archive.records) {
    if (IsSource(record)) out.push_back({{"file", record.name}, {"bytes", record.bytes.size()}});
  }
  return out;
}

std::string CasesText(const Package& package) {
  Table table({"case", "method", "inputs", "outputs", "computed by", "tolerance"});
  for (const ReferenceCase& c : package.cases) {
    const auto list = [](const std::vector<CaseTensor>& tensors) {
      std::string text;
      for (const CaseTensor& t : tensors) text += (text.empty() ? "" : ", ") + t.tensor.ToString();
      return text;
    };
    std::string tolerances;
    for (const CaseTolerance& t : c.tolerances) {
      char number[32];
      std::snprintf(number, sizeof number, "%g", t.of_largest);
      tolerances += (tolerances.empty() ? "" : ", ") + t.precision + " " + number;
    }
    table.Add({c.name, c.method, list(c.inputs), list(c.outputs), c.computed_by, tolerances});
  }
  return table.ToString();
}

json CasesJson(const Package& package) {
  json out = json::array();
  for (const ReferenceCase& c : package.cases) {
    json inputs = json::array(), outputs = json::array(), tolerances;
    for (const CaseTensor& t : c.inputs) inputs.push_back(t.tensor.ToString());
    for (const CaseTensor& t : c.outputs) outputs.push_back({{"path", t.path}, {"type", t.tensor.ToString()}});
    for (const CaseTolerance& t : c.tolerances) tolerances[t.precision] = {{"of_largest", t.of_largest}, {"absolute", t.absolute}};
    out.push_back({{"name", c.name}, {"method", c.method}, {"inputs", inputs}, {"outputs", outputs},
                   {"computed_by", c.computed_by}, {"tolerances", tolerances}});
  }
  return out;
}

}  // namespace

std::string InspectText(const Package& package, const Sections& sections) {
  if (!sections.any()) return Summary(package);
  std::string out;
  if (sections.fx) {
    for (const FxGraphRecord& fx : package.fx_graphs) out += FxText(fx);
  }
  for (const Method& method : package.methods) {
    if (sections.graph) out += PrintGraph(method.graph);
    if (sections.dot) out += DotGraph(method.graph);
  }
  if (sections.modules) out += ModulesText(package);
  if (sections.tensors) out += TensorsText(package);
  if (sections.cases) out += CasesText(package);
  if (sections.sources) out += SourcesText(package);
  return out;
}

json InspectJson(const Package& package, const Sections& sections) {
  json out = SummaryJson(package);
  if (sections.fx && !package.fx_graphs.empty()) out["fx"] = FxJson(package.fx_graphs[0]);
  for (const Method& method : package.methods) {
    if (sections.graph) out["graphs"][method.name] = PrintGraph(method.graph);
    if (sections.dot) out["dot"][method.name] = DotGraph(method.graph);
  }
  if (sections.modules || !sections.any()) out["modules"] = ModulesJson(package);
  if (sections.tensors || !sections.any()) out["tensors"] = TensorsJson(package);
  if (sections.cases || !sections.any()) out["cases"] = CasesJson(package);
  if (sections.sources) out["sources"] = SourcesJson(package);
  return out;
}

}  // namespace fusepack::tools
