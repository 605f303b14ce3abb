// Graph and Node: torch.fx's graph, what the model's author sees. (The engine's flat Graph is engine/graph/graph.h.)
//
// Both are objects of the evaluator: a node's target, arguments and type are Python values, and arguments refer to
// other nodes by being those nodes, nested in tuples, lists, dicts and slices as the traced code had them. A Graph owns
// its nodes; nodes are in the order in which they were made. Used by the thread that owns the Interpreter.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tracer/fx/names.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/object.h"

namespace fusepack::fx {

enum class NodeOp : uint8_t { kPlaceholder, kGetAttr, kCallFunction, kCallMethod, kCallModule, kOutput };
const char* NodeOpName(NodeOp op);  // "call_module"

class Node final : public py::Object {
 public:
  NodeOp op = NodeOp::kPlaceholder;
  std::string name;         // unique in the graph
  py::Value target;         // str, or the function of a call_function
  py::Value args;           // tuple
  py::Value kwargs;         // dict with str keys
  py::Value type;           // the annotation's value; null where there is none
  bool is_wrapped = false;  // calls a function that torch.fx.wrap names
  std::string where;        // packaged source place of the call: "torchvision/models/resnet.py:92:15"

  std::string target_text() const;  // REQUIRES: target is a str
  std::string Repr(py::Interpreter&) override { return name; }
};

// Calls f(node) for each node inside an argument value, in order.
void VisitNodes(const py::Value& argument, const std::function<void(Node*)>& f);

class Graph final : public py::Object {
 public:
  // `name` empty: made from the target as torch.fx does. REQUIRES: args is a tuple, kwargs a dict.
  Node* CreateNode(py::Interpreter& in, NodeOp op, py::Value target, py::Value args, py::Value kwargs,
                   const std::string& name = "", py::Value type = {});
  const std::vector<py::Ref<Node>>& nodes() const { return nodes_; }

  std::string tracer_class;  // qualified name of the Tracer subclass that made it; empty for torch.fx.Tracer

 private:
  Namespace names_;
  std::vector<py::Ref<Node>> nodes_;
};

// The two types, registered with the interpreter on first use.
struct Types {
  explicit Types(py::Interpreter& in);
  py::Type *node, *graph;
};

}  // namespace fusepack::fx
