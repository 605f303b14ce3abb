// The ring of nodes, its use tracking and its edits (torch/fx/graph.py and node.py). Each edit that changes what a node
// reads goes through Node::Update, which is the only place that writes users and inputs.
#include "tracer/fx/graph.h"

#include <algorithm>
#include <set>

#include "tracer/fx/format.h"

namespace fusepack::fx {

using py::Interpreter;
using py::Value;

namespace {

constexpr const char* kOpNames[] = {"placeholder", "get_attr", "call_function", "call_method", "call_module", "output", "root"};

std::vector<Node*> KeysOf(const py::Dict& dict) {
  std::vector<Node*> out;
  for (const auto& entry : dict.table.entries()) {
    if (entry.key) out.push_back(entry.key.As<Node>());
  }
  return out;
}

Value KeywordDict(Interpreter& in, const std::vector<std::pair<std::string, Value>>& kwargs) {
  const auto dict = in.NewDict();
  for (const auto& [name, value] : kwargs) dict->Set(in.Intern(name), value);
  return dict;
}

[[noreturn]] void RaiseAssertion(Interpreter& in, std::string message) {
  in.Raise(in.types().assertion_error, std::move(message));
}

// Calls f(...) for each hook that the owning module has under that name.
void CallHooks(Interpreter& in, const Value& module, const char* name, const py::Args& args) {
  if (module.is_none()) return;
  const Value hooks = in.FindAttr(module, name);
  if (!hooks || hooks.is_none()) return;
  for (const Value& hook : in.ToVector(hooks)) in.Call(hook, args);
}

}  // namespace

const char* NodeOpName(NodeOp op) { return kOpNames[static_cast<int>(op)]; }

std::optional<NodeOp> NodeOpFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kOpNames); i++) {
    if (name == kOpNames[i]) return static_cast<NodeOp>(i);
  }
  return std::nullopt;
}

// --- Node

Node::Node(Interpreter& in)
    : args_(in.NewTuple({})), kwargs_(NewImmutableDict(in)), users_(in.NewDict()), inputs_(in.NewDict()) {}

std::vector<Node*> Node::Users() const { return KeysOf(*users_); }
std::vector<Node*> Node::Inputs() const { return KeysOf(*inputs_); }

py::Dict& Node::meta(Interpreter& in) {
  if (!meta_) meta_ = in.NewDict();
  return *meta_;
}

bool Node::MetaFlag(Interpreter& in, const char* key) const {
  if (!meta_) return false;
  const Value found = meta_->Get(in.Intern(key));
  return found && in.Truth(found);
}

std::string Node::target_text() const {
  const py::Str* text = target.As<py::Str>();
  FP_CHECK(text != nullptr);
  return text->text();
}

std::string Node::Repr(Interpreter& in) {
  if (repr_function) return in.ToStr(in.Call(repr_function, {Value(this)}));
  if (graph_ != nullptr && graph_->printing != nullptr) return graph_->printing->CreateName(name, this);
  return name;
}

Value Node::Compare(Interpreter&, py::CmpOp op, const Value& other) {
  Node* node = other.As<Node>();
  if (op == py::CmpOp::kEq || op == py::CmpOp::kNe || node == nullptr) {
    if (node == nullptr) return Value();
    return Value::Bool((node == this) == (op == py::CmpOp::kEq));
  }
  const int64_t a = Position(), b = node->Position();
  return Value::Bool(op == py::CmpOp::kLt ? a < b : op == py::CmpOp::kLe ? a <= b : op == py::CmpOp::kGt ? a > b : a >= b);
}

void Node::SetGraph(Graph* graph) {
  graph_ = graph;
  graph_kept_ = py::Ref<py::Object>(graph);
}

int64_t Node::Position() {
  if (graph_ != nullptr) graph_->Number();
  return position_;
}

void Node::Update(Interpreter& in, const Value& args, const Value& kwargs) {
  const py::Ref<Node> kept(this);
  for (Node* old : Inputs()) old->users_->table.Erase(in, Value(this));
  inputs_ = in.NewDict();
  const auto note = [&](Node* input) {
    inputs_->table.Set(in, Value(input), Value::None());
    input->users_->table.Set(in, Value(this), Value::None());
    return Value(input);
  };
  args_ = MapArg(in, args, note);
  kwargs_ = MapArg(in, kwargs, note);
}

void Node::LinkBefore(Node* place) {
  prev_ = place->prev_;
  next_ = py::Ref<Node>(place);
  prev_->next_ = py::Ref<Node>(this);
  place->prev_ = py::Ref<Node>(this);
  graph_->numbered_ = false;
}

void Node::Unlink() {
  const py::Ref<Node> kept(this);
  if (!prev_) return;
  next_->prev_ = prev_;
  prev_->next_ = next_;
  graph_->numbered_ = false;
}

void Node::Prepend(Interpreter& in, Node* node) {
  if (node->graph_ != graph_) RaiseAssertion(in, "Attempting to move a Node into a different Graph");
  if (node == this) return;
  const py::Ref<Node> kept(node);
  node->Unlink();
  node->LinkBefore(this);
}

void Node::Append(Interpreter& in, Node* node) {
  if (node->graph_ != graph_) RaiseAssertion(in, "Attempting to move a Node into a different Graph");
  if (node == this || node == next_.get()) return;
  next_->Prepend(in, node);
}

void Node::CallReplaceHooks(Interpreter& in, Node* old_input, const std::string& new_name, Node* user) {
  if (graph_ == nullptr || graph_->owning_module.is_none()) return;
  const Value hooks = in.FindAttr(graph_->owning_module, "_replace_hooks");
  if (!hooks || hooks.is_none()) return;
  const std::vector<py::Keyword> keywords = {
      {in.Intern("old"), Value(old_input)}, {in.Intern("new"), in.NewStr(new_name)}, {in.Intern("user"), Value(user)}};
  for (const Value& hook : in.ToVector(hooks)) in.Call(hook, py::Args({}, keywords));
}

void Node::ReplaceInputWith(Interpreter& in, Node* old_input, Node* new_input) {
  CallReplaceHooks(in, old_input, new_input->name, this);
  const auto replace = [&](Node* input) { return Value(input == old_input ? new_input : input); };
  Update(in, MapArg(in, args_, replace), MapArg(in, kwargs_, replace));
}

std::vector<Node*> Node::ReplaceAllUsesWith(Interpreter& in, Node* with, const std::function<bool(Node*)>& keep) {
  std::vector<Node*> changed;
  for (Node* user : Users()) {
    if (keep && !keep(user)) continue;
    changed.push_back(user);
    user->ReplaceInputWith(in, this, with);
  }
  return changed;
}

void Node::Rename(Interpreter& in, std::string new_name) {
  for (Node* user : Users()) CallReplaceHooks(in, this, new_name, user);
  name = std::move(new_name);
}

bool Node::IsImpure(Interpreter& in, bool impure_random) {
  if (op == NodeOp::kPlaceholder || op == NodeOp::kOutput) return true;
  if (op == NodeOp::kCallModule) {
    if (graph_->owning_module.is_none()) RaiseAssertion(in, "self.graph.owning_module not set for purity check");
    const Value module = in.CallMethod(graph_->owning_module, "get_submodule", {target});
    if (module.is_none()) RaiseAssertion(in, "Did not find expected submodule target " + target_text());
    const Value impure = in.FindAttr(module, "_is_impure");
    return impure && in.Truth(impure);
  }
  if (op != NodeOp::kCallFunction) return false;
  return in.Truth(in.CallMethod(in.Import("torch.fx.node"), "_is_impure_call", {target, Value::Bool(impure_random)}));
}

// --- Graph

Graph::Graph(Interpreter& in) : root_(in.New<Node>(in.State<Types>().node, in)) {
  root_->op = NodeOp::kRoot;
  root_->target = Value(in.NewStr(""));
  root_->prev_ = root_;
  root_->next_ = root_;
  insert_ = {root_, false};
}

py::Ref<Graph> NewGraph(Interpreter& in, py::Type* type) {
  auto graph = in.New<Graph>(type != nullptr ? type : in.State<Types>().graph, in);
  graph->root_->SetGraph(graph.get());
  return graph;
}

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> out;
  out.reserve(size_);
  for (Node* node = root_->next(); node != root_.get(); node = node->next()) out.push_back(node);
  return out;
}

void Graph::Number() {
  if (numbered_) return;
  int64_t position = 0;
  for (Node* node = root_->next(); node != root_.get(); node = node->next()) node->position_ = ++position;
  numbered_ = true;
}

Node* Graph::CreateNode(Interpreter& in, NodeOp op, Value target, const Value& args, const Value& kwargs,
                        const std::string& name, Value type) {
  std::string candidate = name;
  const py::Str* text = target.As<py::Str>();
  if (candidate.empty()) {
    if (text == nullptr && !in.IsCallable(target)) RaiseAssertion(in, "Expected target to be str, got " + in.Repr(Value(in.TypeOf(target))));
    candidate = text != nullptr ? NameForTarget(text->text()) : SnakeCase(in.ToStr(in.GetAttr(target, "__name__")));
  }
  const std::string unique = names.CreateName(std::move(candidate));
  const bool fits = op == NodeOp::kCallFunction ? in.IsCallable(target) : text != nullptr;
  if (!fits) {
    in.RaiseValueError("Node [graph = " + ToString(in) + ", name = '" + unique + "'] target " + in.ToStr(target) + " has type " +
                       TypeName(in, target) + " but a " + (op == NodeOp::kCallFunction ? "Callable" : "str") + " is expected");
  }
  auto node = in.New<Node>(in.State<Types>().node, in);
  node->op = op;
  node->name = unique;
  node->target = std::move(target);
  node->type = std::move(type);
  node->SetGraph(this);
  const SourceLine at = UserLine(in);
  if (at.line > 0) node->where = at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  node->Update(in, args, kwargs);
  if (!owning_module.is_none()) CallHooks(in, owning_module, "_create_node_hooks", {Value(node)});
  node->LinkBefore(insert_.after ? insert_.at->next() : insert_.at.get());
  size_++;
  return node.get();
}

Node* Graph::Placeholder(Interpreter& in, const std::string& name, Value type, Value default_value) {
  std::vector<Value> args;
  if (default_value) args.push_back(std::move(default_value));
  return CreateNode(in, NodeOp::kPlaceholder, in.NewStr(name), in.NewTuple(std::move(args)), in.NewDict(), "", std::move(type));
}

Node* Graph::GetAttrNode(Interpreter& in, const std::string& qualified_name, Value type) {
  return CreateNode(in, NodeOp::kGetAttr, in.NewStr(qualified_name), in.NewTuple({}), in.NewDict(), "", std::move(type));
}

Node* Graph::CallFunction(Interpreter& in, Value function, std::vector<Value> args,
                          const std::vector<std::pair<std::string, Value>>& kwargs, Value type, const std::string& name) {
  return CreateNode(in, NodeOp::kCallFunction, std::move(function), in.NewTuple(std::move(args)), KeywordDict(in, kwargs), name,
                    std::move(type));
}

Node* Graph::CallMethod(Interpreter& in, const std::string& method, std::vector<Value> args,
                        const std::vector<std::pair<std::string, Value>>& kwargs, Value type) {
  return CreateNode(in, NodeOp::kCallMethod, in.NewStr(method), in.NewTuple(std::move(args)), KeywordDict(in, kwargs), "", std::move(type));
}

Node* Graph::CallModule(Interpreter& in, const std::string& module, std::vector<Value> args,
                        const std::vector<std::pair<std::string, Value>>& kwargs, Value type) {
  return CreateNode(in, NodeOp::kCallModule, in.NewStr(module), in.NewTuple(std::move(args)), KeywordDict(in, kwargs), "", std::move(type));
}

Node* Graph::Output(Interpreter& in, const Value& result, Value type) {
  return CreateNode(in, NodeOp::kOutput, in.NewStr("output"), in.NewTuple({result}), in.NewDict(), "", std::move(type));
}

Node* Graph::NodeCopy(Interpreter& in, Node* node, const std::function<Value(Node*)>& transform) {
  const py::Ref<Node> kept(node);
  const Value args = MapArg(in, node->args_, transform), kwargs = MapArg(in, node->kwargs_, transform);
  Node* copy = CreateNode(in, node->op, node->target, args, kwargs, node->name, node->type);
  copy->where = node->where;
  if (node->meta_) {
    copy->meta_ = in.NewDict();
    for (const auto& entry : node->meta_->table.entries()) {
      if (entry.key) copy->meta_->table.Set(in, entry.key, entry.value);
    }
  }
  return copy;
}

std::pair<Value, Node*> Graph::GraphCopy(Interpreter& in, Graph* from, py::Dict* map) {
  const auto mapped = [&](Node* node) {
    const Value* found = map->table.Find(in, Value(node));
    if (found == nullptr) in.RaiseKeyError(Value(node));
    return *found;
  };
  for (Node* node : from->nodes()) {
    if (map->table.Find(in, Value(node)) != nullptr) continue;
    if (node->op == NodeOp::kOutput) {
      const auto* args = node->args_.As<py::Tuple>();
      return {MapArg(in, args->size() > 0 ? (*args)[0] : Value::None(), mapped), node};
    }
    map->table.Set(in, Value(node), Value(NodeCopy(in, node, mapped)));
  }
  return {Value(), nullptr};
}

void Graph::EraseNode(Interpreter& in, Node* node) {
  const py::Ref<Node> kept(node);
  if (node->users_->size() > 0) {
    in.Raise(in.types().runtime_error, "Tried to erase Node " + in.Repr(Value(node)) + " but it still had " +
                                           std::to_string(node->users_->size()) + " users in the graph: " +
                                           in.Repr(Value(node->users_)) + "!");
  }
  if (node->graph_ != this) in.Raise(in.types().runtime_error, "Attempting to remove " + in.Repr(Value(node)) + " from wrong graph!");
  if (node->erased_) {
    in.CallMethod(in.Import("warnings"), "warn", {Value(in.NewStr("erase_node(" + in.Repr(Value(node)) + ") on an already erased node"))});
    return;
  }
  if (!owning_module.is_none()) CallHooks(in, owning_module, "_erase_node_hooks", {Value(node)});
  node->Unlink();
  node->erased_ = true;
  size_--;
  const auto none = [](Node*) { return Value::None(); };
  node->Update(in, MapArg(in, node->args_, none), MapArg(in, node->kwargs_, none));
}

Node* Graph::OutputNode(Interpreter& in) const {
  Node* last = root_->prev();
  if (last->op != NodeOp::kOutput) RaiseAssertion(in, std::string("Expected output node, got op=") + NodeOpName(last->op));
  return last;
}

void Graph::Lint(Interpreter& in) {
  std::set<std::string> seen_names;
  std::set<const Node*> seen;
  const auto fail = [&](std::string message) { in.Raise(in.types().runtime_error, std::move(message)); };
  for (Node* node : nodes()) {
    const std::string text = in.Repr(Value(node));
    for (Node* input : node->Inputs()) {
      const std::string who = "Argument '" + in.Repr(Value(input)) + "' of Node '" + text + "' ";
      if (input->graph_ != this) {
        fail(who + "does not belong to this Graph, but was used as an argument! If you are copying nodes from another graph, "
                   "make sure to use ``arg_transform`` on node_copy() to remap values\n" + ToString(in));
      }
      if (seen.count(input) == 0) {
        fail(who + "was used before it has been defined! Please check that Nodes in the graph are topologically ordered\n" + ToString(in));
      }
    }
    seen.insert(node);
    if (!seen_names.insert(node->name).second) fail("Node redefined name " + node->name + "!");
  }
  if (owning_module.is_none()) return;
  const Value module_type = in.GetAttr(in.Import("torch.nn"), "Module");
  for (Node* node : nodes()) {
    const std::string who = "Node " + in.Repr(Value(node)) + " target " + in.ToStr(node->target);
    const bool is_text = node->target.As<py::Str>() != nullptr;
    if (node->op == NodeOp::kCallFunction ? !in.IsCallable(node->target) : !is_text) {
      in.RaiseValueError(who + " has type " + TypeName(in, node->target) + " but a " +
                         (node->op == NodeOp::kCallFunction ? "Callable" : "str") + " is expected");
    }
    if (node->op != NodeOp::kGetAttr && node->op != NodeOp::kCallModule) continue;
    const std::string target = node->target_text();
    Value at = owning_module;
    for (size_t begin = 0; begin <= target.size();) {
      const size_t end = std::min(target.find('.', begin), target.size());
      const std::string part = target.substr(begin, end - begin), path = target.substr(0, begin == 0 ? 0 : begin - 1);
      const Value found = in.FindAttr(at, part);
      if (!found || found.is_none()) fail(who + " references nonexistent attribute " + part + " of " + path);
      if (node->op == NodeOp::kCallModule && !in.IsInstance(found, module_type)) {
        fail(who + " " + part + " of " + path + " does not reference an nn.Module");
      }
      at = found;
      begin = end + 1;
    }
  }
}

bool Graph::EliminateDeadCode(Interpreter& in, const std::function<bool(Node*)>& is_impure) {
  Lint(in);
  bool changed = false;
  std::vector<Node*> all = nodes();
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    const bool impure = is_impure ? is_impure(*it) : (*it)->IsImpure(in);
    if (impure || (*it)->users_->size() > 0) continue;
    EraseNode(in, *it);
    changed = true;
  }
  if (!owning_module.is_none()) {
    // Graphs of children that a get_attr names (subgraphs of higher-order calls).
    changed |= in.Truth(in.CallMethod(in.Import("torch.fx.graph"), "_eliminate_in_subgraphs", {Value(this)}));
  }
  return changed;
}

std::string Graph::ToString(Interpreter& in) const {
  std::string out = "graph():";
  for (Node* node : nodes()) out += "\n    " + FormatNode(in, *node);
  return out;
}

std::string Graph::Repr(Interpreter& in) { return Object::Repr(in); }

}  // namespace fusepack::fx
