#include "engine/graph/dot.h"

#include "engine/graph/print.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

std::string Label(const Node& node) {
  std::string label(node.op->name);
  if (node.region) {
    label = "";
    for (const Node& inner : node.region->nodes) label += (label.empty() ? "" : " + ") + std::string(inner.op->name);
  }
  return node.scope.empty() ? label : label + " | " + node.scope;
}

}  // namespace

std::string DotGraph(const Graph& graph) {
  std::string out = "digraph " + Quoted(graph.name) + " {\n  rankdir=TB;\n  node [shape=box, fontname=monospace];\n";
  // Where each value comes from; constants are drawn only through their readers' labels.
  std::map<ValueId, std::string> source;
  for (size_t i = 0; i < graph.inputs.size(); i++) {
    const ValueId id = graph.inputs[i];
    source[id] = "in" + std::to_string(i);
    out += "  " + source[id] + " [shape=oval, label=" + Quoted(graph.values[id].name) + "];\n";
  }
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const Node& node = graph.nodes[i];
    const std::string name = "n" + std::to_string(i);
    out += "  " + name + " [label=" + Quoted(Label(node)) + "];\n";
    for (ValueId id : node.Inputs()) {
      const auto from = source.find(id);
      if (from == source.end()) continue;
      out += "  " + from->second + " -> " + name + " [label=" + Quoted(PrintValueType(graph.values[id])) + "];\n";
    }
    for (ValueId id : node.outputs) source[id] = name;
  }
  for (size_t i = 0; i < graph.outputs.size(); i++) {
    const std::string name = "out" + std::to_string(i);
    out += "  " + name + " [shape=oval, label=" + Quoted(graph.outputs[i].path.empty() ? "output" : graph.outputs[i].path) + "];\n";
    const auto from = source.find(graph.outputs[i].id);
    if (from != source.end()) out += "  " + from->second + " -> " + name + ";\n";
  }
  return out + "}\n";
}

}  // namespace fusepack
