// Graph and Node: torch.fx's graph, what the model's author sees. (The engine's flat Graph is engine/graph/graph.h.)
//
//   py::Ref<fx::Graph> graph = fx::NewGraph(in);
//   fx::Node* x = graph->Placeholder(in, "x");
//   fx::Node* y = graph->CallFunction(in, in.GetAttr(in.Import("torch"), "sin"), {Value(x)});
//   graph->Output(in, Value(y));
//   graph->Lint(in);
//
// Both are objects of the evaluator, and the very objects that Python code sees as torch.fx.Graph and torch.fx.Node: a
// node's target, arguments and type are Python values, and arguments refer to other nodes by being those nodes, nested
// in tuples, lists, dicts and slices as the code had them. A Graph keeps its nodes in a ring that starts and ends at a
// root node; a Node* stays valid while the graph lives and the node is not erased. Used by the thread that owns the
// Interpreter. What goes wrong is thrown as py::Raised with torch.fx's class and text (Interpreter::Try catches).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tracer/fx/arguments.h"
#include "tracer/fx/names.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/object.h"

namespace fusepack::fx {

class Graph;

enum class NodeOp : uint8_t { kPlaceholder, kGetAttr, kCallFunction, kCallMethod, kCallModule, kOutput, kRoot };
const char* NodeOpName(NodeOp op);  // "call_module"
std::optional<NodeOp> NodeOpFromName(std::string_view name);

class Node final : public py::Object {
 public:
  explicit Node(py::Interpreter& in);

  NodeOp op = NodeOp::kPlaceholder;
  std::string name;         // unique in the graph, unless somebody sets it
  py::Value target;         // str, or the function of a call_function
  py::Value type;           // the annotation's value; null where there is none
  py::Value repr_function;  // repr(node), where somebody set node._repr_fn; null: the name
  std::string where;        // packaged source place of the call: "torchvision/models/resnet.py:92:15"

  const py::Value& args() const { return args_; }      // tuple
  const py::Value& kwargs() const { return kwargs_; }  // dict with str keys
  // Both also keep the users of what is no longer, or newly, among the inputs.
  void SetArgs(py::Interpreter& in, const py::Value& args) { Update(in, args, kwargs_); }
  void SetKwargs(py::Interpreter& in, const py::Value& kwargs) { Update(in, args_, kwargs); }

  py::Dict& users() const { return *users_; }    // Node -> None, in order of first use
  py::Dict& inputs() const { return *inputs_; }  // Node -> None, in order of mention
  std::vector<Node*> Users() const;
  std::vector<Node*> Inputs() const;
  py::Dict& meta(py::Interpreter& in);  // made when first asked for
  void set_meta(py::Ref<py::Dict> meta) { meta_ = std::move(meta); }
  bool MetaFlag(py::Interpreter& in, const char* key) const;

  Graph* graph() const { return graph_; }
  Node* next() const { return next_.get(); }  // the root after the last node
  Node* prev() const { return prev_.get(); }
  int64_t Position();  // 1 for the first node of the graph
  bool erased() const { return erased_; }

  // Moves `node` to the place before (after) this one. AssertionError where it is of another graph.
  void Prepend(py::Interpreter& in, Node* node);
  void Append(py::Interpreter& in, Node* node);
  // Every user reads `with` instead, but those for which keep(user) is false. Gives the users changed.
  std::vector<Node*> ReplaceAllUsesWith(py::Interpreter& in, Node* with, const std::function<bool(Node*)>& keep = {});
  void ReplaceInputWith(py::Interpreter& in, Node* old_input, Node* new_input);
  // Sets the name, after the owning module's _replace_hooks have heard of it.
  void Rename(py::Interpreter& in, std::string new_name);
  // A placeholder or output, or something with a side effect: dead code elimination leaves it.
  bool IsImpure(py::Interpreter& in, bool impure_random = true);

  std::string target_text() const;  // REQUIRES: target is a str
  std::string Repr(py::Interpreter& in) override;
  py::Value Compare(py::Interpreter& in, py::CmpOp op, const py::Value& other) override;  // by place in the graph
  uint64_t Hash(py::Interpreter&) override { return reinterpret_cast<uintptr_t>(this) >> 4; }

 private:
  friend class Graph;
  friend py::Ref<Graph> NewGraph(py::Interpreter& in, py::Type* type);
  void Update(py::Interpreter& in, const py::Value& args, const py::Value& kwargs);
  void LinkBefore(Node* place);
  void Unlink();
  void CallReplaceHooks(py::Interpreter& in, Node* old_input, const std::string& new_name, Node* user);

  py::Value args_, kwargs_;
  py::Ref<py::Dict> users_, inputs_, meta_;
  void SetGraph(Graph* graph);
  Graph* graph_ = nullptr;
  py::Ref<py::Object> graph_kept_;  // the same: a node in hand keeps its graph
  py::Ref<Node> prev_, next_;  // of the ring; what is erased keeps them, for those who iterate
  int64_t position_ = 0;    // in the ring, when the graph's numbering is fresh
  bool erased_ = false;
};

class Graph final : public py::Object {
 public:
  explicit Graph(py::Interpreter& in);  // by NewGraph

  // The six kinds of node, each put at the insertion point (the end, unless inserting_... says otherwise). `type` null:
  // no annotation; `name` empty: made from the target as torch.fx does.
  Node* Placeholder(py::Interpreter& in, const std::string& name, py::Value type = {}, py::Value default_value = {});
  Node* GetAttrNode(py::Interpreter& in, const std::string& qualified_name, py::Value type = {});
  Node* CallFunction(py::Interpreter& in, py::Value function, std::vector<py::Value> args = {},
                     const std::vector<std::pair<std::string, py::Value>>& kwargs = {}, py::Value type = {}, const std::string& name = "");
  Node* CallMethod(py::Interpreter& in, const std::string& method, std::vector<py::Value> args = {},
                   const std::vector<std::pair<std::string, py::Value>>& kwargs = {}, py::Value type = {});
  Node* CallModule(py::Interpreter& in, const std::string& module, std::vector<py::Value> args = {},
                   const std::vector<std::pair<std::string, py::Value>>& kwargs = {}, py::Value type = {});
  Node* Output(py::Interpreter& in, const py::Value& result, py::Value type = {});
  // REQUIRES: args is a tuple, kwargs a dict with str keys.
  Node* CreateNode(py::Interpreter& in, NodeOp op, py::Value target, const py::Value& args, const py::Value& kwargs,
                   const std::string& name = "", py::Value type = {});

  // A copy of a node of any graph, its input nodes mapped by `transform`.
  Node* NodeCopy(py::Interpreter& in, Node* node, const std::function<py::Value(Node*)>& transform);
  // Copies all nodes of `from` but its output; `map` (Node -> Node) is used and filled. Gives the value that `from`
  // returns, in terms of the copies, and the output node; nulls where `from` has none.
  std::pair<py::Value, Node*> GraphCopy(py::Interpreter& in, Graph* from, py::Dict* map);
  // RuntimeError where it still has users or is of another graph.
  void EraseNode(py::Interpreter& in, Node* node);

  // New nodes go before (after) that one until the InsertPoint is restored.
  struct InsertPoint {
    py::Ref<Node> at;
    bool after = false;
  };
  InsertPoint insert_point() const { return insert_; }
  void set_insert_point(InsertPoint point) { insert_ = std::move(point); }

  Node* root() const { return root_.get(); }
  std::vector<Node*> nodes() const;  // in order
  size_t size() const { return size_; }
  Node* OutputNode(py::Interpreter& in) const;  // AssertionError where the last node is none

  // Raises RuntimeError for nodes of another graph, used before their definition, or named twice; where the graph has an
  // owning module, also for targets that are not in it.
  void Lint(py::Interpreter& in);
  // Erases nodes that nobody uses and that are not impure (torch.fx's is_impure unless given).
  bool EliminateDeadCode(py::Interpreter& in, const std::function<bool(Node*)>& is_impure = {});
  std::string ToString(py::Interpreter& in) const;  // "graph():\n    %x : ..."
  std::string Repr(py::Interpreter& in) override;
  std::string ToStr(py::Interpreter& in) override { return ToString(in); }

  py::Value tracer_class = py::Value::None();   // the Tracer (sub)class that made it
  py::Value tracer_extras = py::Value::None();
  py::Value owning_module = py::Value::None();  // a GraphModule
  py::Value codegen;                            // null: torch.fx's own CodeGen
  py::Value code_fields;
  Namespace names;
  Namespace* printing = nullptr;  // while code is generated: how nodes print

 private:
  friend class Node;
  friend py::Ref<Graph> NewGraph(py::Interpreter& in, py::Type* type);
  void Number();
  py::Ref<Node> root_;
  InsertPoint insert_;
  size_t size_ = 0;
  bool numbered_ = false;
};

// `type`: a Python subclass of torch.fx.Graph; null: torch.fx.Graph itself.
py::Ref<Graph> NewGraph(py::Interpreter& in, py::Type* type = nullptr);

// The types, registered with the interpreter on first use.
struct Types {
  explicit Types(py::Interpreter& in);
  py::Type *node, *graph, *node_list;
};

}  // namespace fusepack::fx
