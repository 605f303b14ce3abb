// torch.fx.Node and torch.fx.Graph as Python classes.
#include "tracer/fx/format.h"
#include "tracer/fx/graph.h"
#include "tracer/fx/python_code.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Value;

Node* NodeOf(Interpreter& in, const Value& v) {
  Node* node = v.As<Node>();
  if (node == nullptr) in.RaiseTypeError("expected a torch.fx.Node, not " + in.TypeName(v));
  return node;
}

Graph* GraphOf(Interpreter& in, const Value& v) {
  Graph* graph = v.As<Graph>();
  if (graph == nullptr) in.RaiseTypeError("expected a torch.fx.Graph, not " + in.TypeName(v));
  return graph;
}

[[noreturn]] void RaiseAssertion(Interpreter& in, std::string message) {
  in.Raise(in.types().assertion_error, std::move(message));
}

Value OrNone(const Value& v) { return v ? v : Value::None(); }
Value OrNull(const Value& v) { return v.is_none() ? Value() : v; }
Value OrNone(Node* node) { return node == nullptr ? Value::None() : Value(node); }

NodeOp OpOf(Interpreter& in, const Value& v) {
  const auto* text = v.As<py::Str>();
  const auto op = text != nullptr ? NodeOpFromName(text->text()) : std::nullopt;
  if (!op || *op == NodeOp::kRoot) RaiseAssertion(in, "op '" + in.ToStr(v) + "' is not in _legal_ops");
  return *op;
}

// args as torch.fx takes them: nothing, or a tuple.
Value ArgsOrEmpty(Interpreter& in, const Value& v) {
  if (v.As<py::Tuple>() != nullptr) return v;
  if (!in.Truth(v)) return in.NewTuple({});
  RaiseAssertion(in, "args must be a tuple, got " + in.Repr(Value(in.TypeOf(v))));
}

Value KwargsOrEmpty(Interpreter& in, const Value& v) {
  if (v.As<py::Dict>() != nullptr) return v;
  if (!in.Truth(v)) return in.NewDict();
  RaiseAssertion(in, "kwargs must be a dict, got " + in.Repr(Value(in.TypeOf(v))));
}

std::string NameOrEmpty(Interpreter& in, const Value& v) { return v.is_none() ? "" : in.ToStr(v); }

Value ListOf(Interpreter& in, const std::vector<Node*>& nodes) {
  std::vector<Value> items;
  for (Node* node : nodes) items.push_back(Value(node));
  return in.NewList(std::move(items));
}

std::function<Value(Node*)> Transform(Interpreter& in, const Value& function) {
  return [&in, function](Node* node) { return function.is_none() ? Value(node) : in.Call(function, {Value(node)}); };
}

// graph.nodes: the ring, seen from either end. What is erased while iterating is passed over.
class NodeList final : public py::Object {
 public:
  NodeList(py::Ref<Graph> graph, bool reversed) : graph_(std::move(graph)), reversed_(reversed) {}
  int64_t Len(Interpreter&) override { return static_cast<int64_t>(graph_->size()); }
  bool Truth(Interpreter&) override { return graph_->size() != 0; }
  Value Iter(Interpreter& in) override { return Iterate(in, reversed_); }
  Value Iterate(Interpreter& in, bool backwards) {
    return in.NewIterator([graph = graph_, at = py::Ref<Node>(graph_->root()), backwards](Interpreter& in, Value* out) mutable {
      in.Step();
      if (!at) return false;
      const auto step = [&] { at = py::Ref<Node>(backwards ? at->prev() : at->next()); };
      step();
      while (at->erased()) step();
      if (at.get() == graph->root()) {
        at = py::Ref<Node>();
        return false;
      }
      *out = Value(at);
      return true;
    });
  }
  bool reversed() const { return reversed_; }

 private:
  py::Ref<Graph> graph_;
  bool reversed_;
};

// What inserting_before and inserting_after give: from now on new nodes go there, until the `with` is left.
class InsertScope final : public py::Object {
 public:
  InsertScope(py::Ref<Graph> graph, Graph::InsertPoint old) : graph(std::move(graph)), old(std::move(old)) {}
  const py::Ref<Graph> graph;
  const Graph::InsertPoint old;
};

struct ScopeType {
  explicit ScopeType(Interpreter& in) {
    py::NativeType definition;
    definition.name = "_InsertPoint";
    definition.module = "torch.fx.graph";
    definition.methods = {
        {"__enter__", "self", [](Interpreter&, BoundArgs&) { return Value::None(); }},
        {"__exit__", "self, *exception", [](Interpreter&, BoundArgs& a) {
           auto* scope = a[0].As<InsertScope>();
           scope->graph->set_insert_point(scope->old);
           return Value::None();
         }},
    };
    type = in.DefineType(definition);
  }
  py::Type* type;
};

Value Inserting(Interpreter& in, BoundArgs& a, bool after) {
  Graph* graph = GraphOf(in, a[0]);
  Node* at = a[1].is_none() ? graph->root() : NodeOf(in, a[1]);
  if (a[1].is_none()) after = !after;  // before nothing: at the beginning
  if (at->graph() != graph) {
    RaiseAssertion(in, std::string("Node to insert ") + (after ? "after" : "before") + " is not in graph.");
  }
  const auto scope = in.New<InsertScope>(in.State<ScopeType>().type, py::Ref<Graph>(graph), graph->insert_point());
  graph->set_insert_point({py::Ref<Node>(at), after});
  return scope;
}

py::Type* DefineNode(Interpreter& in) {
  py::NativeType d;
  d.name = "Node";
  d.module = "torch.fx.node";
  d.instances_have_dict = true;
  d.dunders = "__repr__ __hash__ __lt__ __le__ __gt__ __ge__";
  const auto property = [&](const char* name, std::function<Value(Interpreter&, Node*)> get,
                            std::function<void(Interpreter&, Node*, const Value&)> set = {}) {
    py::NativeProperty p;
    p.name = name;
    p.get = [get](Interpreter& in, const Value& self) { return get(in, NodeOf(in, self)); };
    if (set) p.set = [set](Interpreter& in, const Value& self, const Value& v) { set(in, NodeOf(in, self), v); };
    d.properties.push_back(std::move(p));
  };
  property("graph", [](Interpreter&, Node* n) { return n->graph() == nullptr ? Value::None() : Value(n->graph()); });
  property("op", [](Interpreter& in, Node* n) { return Value(in.Intern(NodeOpName(n->op))); },
           [](Interpreter& in, Node* n, const Value& v) { n->op = OpOf(in, v); });
  property("name", [](Interpreter& in, Node* n) { return Value(in.NewStr(n->name)); },
           [](Interpreter& in, Node* n, const Value& v) { n->Rename(in, in.ToStr(v)); });
  property("target", [](Interpreter&, Node* n) { return n->target; },
           [](Interpreter&, Node* n, const Value& v) { n->target = v; });
  property("type", [](Interpreter&, Node* n) { return OrNone(n->type); },
           [](Interpreter&, Node* n, const Value& v) { n->type = OrNull(v); });
  for (const char* name : {"args", "_args"}) {
    property(name, [](Interpreter&, Node* n) { return n->args(); }, [](Interpreter& in, Node* n, const Value& v) { n->SetArgs(in, v); });
  }
  for (const char* name : {"kwargs", "_kwargs"}) {
    property(name, [](Interpreter&, Node* n) { return n->kwargs(); }, [](Interpreter& in, Node* n, const Value& v) { n->SetKwargs(in, v); });
  }
  property("users", [](Interpreter&, Node* n) { return Value(&n->users()); });
  property("_input_nodes", [](Interpreter&, Node* n) { return Value(&n->inputs()); });
  property("all_input_nodes", [](Interpreter& in, Node* n) { return ListOf(in, n->Inputs()); });
  property("meta", [](Interpreter& in, Node* n) { return Value(&n->meta(in)); },
           [](Interpreter& in, Node* n, const Value& v) {
             const Value dict = v.As<py::Dict>() != nullptr ? v : in.Call(Value(in.types().dict), {v});
             n->set_meta(py::Ref<py::Dict>(dict.As<py::Dict>()));
           });
  property("stack_trace", [](Interpreter& in, Node* n) { return OrNone(n->meta(in).Get(in.Intern("stack_trace"))); },
           [](Interpreter& in, Node* n, const Value& v) { n->meta(in).Set(in.Intern("stack_trace"), v); });
  for (const char* name : {"next", "_next"}) property(name, [](Interpreter&, Node* n) { return OrNone(n->next()); });
  for (const char* name : {"prev", "_prev"}) property(name, [](Interpreter&, Node* n) { return OrNone(n->prev()); });
  property("_erased", [](Interpreter&, Node* n) { return Value::Bool(n->erased()); });
  property("_repr_fn", [](Interpreter&, Node* n) { return OrNone(n->repr_function); },
           [](Interpreter&, Node* n, const Value& v) { n->repr_function = OrNull(v); });
  property("_sort_key", [](Interpreter& in, Node* n) { return Value(in.NewTuple({Value::Int(n->Position())})); });

  d.methods = {
      {"prepend", "self, x", [](Interpreter& in, BoundArgs& a) {
         NodeOf(in, a[0])->Prepend(in, NodeOf(in, a[1]));
         return Value::None();
       }},
      {"append", "self, x", [](Interpreter& in, BoundArgs& a) {
         NodeOf(in, a[0])->Append(in, NodeOf(in, a[1]));
         return Value::None();
       }},
      {"update_arg", "self, idx, arg", [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         std::vector<Value> items = node->args().As<py::Tuple>()->items();
         int64_t at = a.Int(1);
         if (at < 0) at += static_cast<int64_t>(items.size());
         if (at < 0 || at >= static_cast<int64_t>(items.size())) in.Raise(in.types().index_error, "list assignment index out of range");
         items[static_cast<size_t>(at)] = a[2];
         node->SetArgs(in, in.NewTuple(std::move(items)));
         return Value::None();
       }},
      {"insert_arg", "self, idx, arg", [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         std::vector<Value> items = node->args().As<py::Tuple>()->items();
         const int64_t at = a.Int(1);
         if (at < 0 || at > static_cast<int64_t>(items.size())) {
           RaiseAssertion(in, "insert_args index must be between 0 and len(self.args), got " + std::to_string(at));
         }
         items.insert(items.begin() + at, a[2]);
         node->SetArgs(in, in.NewTuple(std::move(items)));
         return Value::None();
       }},
      {"update_kwarg", "self, key, arg", [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         const auto kwargs = in.NewDict();
         for (const auto& entry : node->kwargs().As<py::Dict>()->table.entries()) {
           if (entry.key) kwargs->table.Set(in, entry.key, entry.value);
         }
         kwargs->table.Set(in, a[1], a[2]);
         node->SetKwargs(in, Value(kwargs));
         return Value::None();
       }},
      {"_update_args_kwargs", "self, args, kwargs", [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         node->SetArgs(in, a[1]);
         node->SetKwargs(in, a[2]);
         return Value::None();
       }},
      {"replace_all_uses_with", "self, replace_with, delete_user_cb=None, *, propagate_meta=False", [](Interpreter& in, BoundArgs& a) {
         Node *node = NodeOf(in, a[0]), *with = NodeOf(in, a[1]);
         if (a.Bool(3)) {
           if (with->meta(in).size() != 0) {
             RaiseAssertion(in, "Called node.replace_all_uses_with(replace_with, propagate_meta=True), but replace_with already has .meta keys");
           }
           for (const auto& entry : node->meta(in).table.entries()) {
             if (entry.key) with->meta(in).table.Set(in, entry.key, entry.value);
           }
         }
         const Value keep = a[2];
         std::function<bool(Node*)> chosen;
         if (!keep.is_none()) chosen = [&in, keep](Node* user) { return in.Truth(in.Call(keep, {Value(user)})); };
         return ListOf(in, node->ReplaceAllUsesWith(in, with, chosen));
       }},
      {"replace_input_with", "self, old_input, new_input", [](Interpreter& in, BoundArgs& a) {
         NodeOf(in, a[0])->ReplaceInputWith(in, NodeOf(in, a[1]), NodeOf(in, a[2]));
         return Value::None();
       }},
      {"format_node", "self, placeholder_names=None, maybe_return_typename=None, *, include_tensor_metadata=False",
       [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         if (node->op == NodeOp::kPlaceholder && in.Truth(a[1])) {
           in.CallMethod(a[1], "append", {node->target});
           return Value::None();
         }
         if (node->op == NodeOp::kOutput && node->type && in.Truth(a[2])) {
           in.SetItem(a[2], Value::Int(0), in.NewStr(" -> " + TypeRepr(in, node->type)));
         }
         return Value(in.NewStr(FormatNode(in, *node)));
       }},
      {"is_impure", "self, impure_random=True", [](Interpreter& in, BoundArgs& a) {
         return Value::Bool(NodeOf(in, a[0])->IsImpure(in, a.Bool(1)));
       }},
      {"_rename", "self, candidate", [](Interpreter& in, BoundArgs& a) {
         Node* node = NodeOf(in, a[0]);
         if (a.Text(1) != node->name) node->Rename(in, node->graph()->names.CreateName(a.Text(1)));
         return Value::None();
       }},
  };
  d.static_methods = {{"_pretty_print_target", "target", [](Interpreter& in, BoundArgs& a) {
                         return Value(in.NewStr(FormatTargetName(in, a[0])));
                       }}};
  d.construct = [](Interpreter& in, py::Type*, const Args&) -> Value {
    in.RaiseTypeError("a Node is made by the methods of a Graph");
  };
  d.subclassable = false;
  return in.DefineType(d);
}

// create_node(op, target, args, kwargs, name, type_expr) and the six kinds.
Value Create(Interpreter& in, BoundArgs& a, NodeOp op, const Value& target, const Value& args, const Value& kwargs,
             const Value& type, const Value& name = Value::None()) {
  return Value(GraphOf(in, a[0])->CreateNode(in, op, target, ArgsOrEmpty(in, args), KwargsOrEmpty(in, kwargs), NameOrEmpty(in, name), OrNull(type)));
}

py::Type* DefineGraph(Interpreter& in) {
  py::NativeType d;
  d.name = "Graph";
  d.module = "torch.fx.graph";
  d.instances_have_dict = true;
  d.dunders = "__str__ __hash__";
  d.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(NewGraph(in, cls)); };
  const auto field = [&](const char* name, Value Graph::*member) {
    d.properties.push_back({name, [member](Interpreter& in, const Value& self) { return OrNone(GraphOf(in, self)->*member); },
                            [member](Interpreter& in, const Value& self, const Value& v) { GraphOf(in, self)->*member = v; }});
  };
  field("owning_module", &Graph::owning_module);
  field("_owning_module", &Graph::owning_module);
  field("_tracer_cls", &Graph::tracer_class);
  field("_tracer_extras", &Graph::tracer_extras);
  d.properties.push_back({"nodes", [](Interpreter& in, const Value& self) {
                            return Value(in.New<NodeList>(in.State<Types>().node_list, py::Ref<Graph>(GraphOf(in, self)), false));
                          }, {}});
  d.properties.push_back({"_root", [](Interpreter& in, const Value& self) { return Value(GraphOf(in, self)->root()); }, {}});
  d.properties.push_back({"_len", [](Interpreter& in, const Value& self) {
                            return Value::Int(static_cast<int64_t>(GraphOf(in, self)->size()));
                          }, {}});
  d.properties.push_back({"_codegen", [](Interpreter& in, const Value& self) {
                            Graph* graph = GraphOf(in, self);
                            if (!graph->codegen) graph->codegen = in.Call(in.GetAttr(in.Import("torch.fx.graph"), "CodeGen"), Args());
                            return graph->codegen;
                          },
                          [](Interpreter& in, const Value& self, const Value& v) { GraphOf(in, self)->codegen = v; }});
  d.properties.push_back({"_co_fields", [](Interpreter& in, const Value& self) {
                            const auto fields = in.NewDict();
                            if (const auto* known = GraphOf(in, self)->code_fields.As<py::Tuple>()) {
                              fields->Set(in.Intern("co_name"), (*known)[0]);
                              fields->Set(in.Intern("co_filename"), (*known)[1]);
                              fields->Set(in.Intern("co_firstlineno"), (*known)[2]);
                            }
                            return Value(fields);
                          }, {}});
  d.methods = {
      {"__init__", "self, owning_module=None, tracer_cls=None, tracer_extras=None", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         graph->owning_module = a[1];
         graph->tracer_class = a[2];
         graph->tracer_extras = a[3];
         return Value::None();
       }},
      {"create_node", "self, op, target, args=None, kwargs=None, name=None, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         const Value args = ArgsOrEmpty(in, a[3]), kwargs = KwargsOrEmpty(in, a[4]);
         return Create(in, a, OpOf(in, a[1]), a[2], args, kwargs, a[6], a[5]);
       }},
      // default_value=inspect.Signature.empty, a class, is "none" too.
      {"placeholder", "self, name, type_expr=None, default_value=None", [](Interpreter& in, BoundArgs& a) {
         const bool has_default = a.given(3) && TextAttr(in, a[3], "__name__") != "_empty";
         return Create(in, a, NodeOp::kPlaceholder, a[1], has_default ? in.NewTuple({a[3]}) : in.NewTuple({}), Value::None(), a[2]);
       }},
      {"get_attr", "self, qualified_name, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         if (!graph->owning_module.is_none()) in.CallMethod(in.Import("torch.fx.graph"), "_warn_of_missing_attribute", {graph->owning_module, a[1]});
         return Create(in, a, NodeOp::kGetAttr, a[1], Value::None(), Value::None(), a[2]);
       }},
      {"call_module", "self, module_name, args=None, kwargs=None, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         if (!graph->owning_module.is_none()) in.CallMethod(graph->owning_module, "get_submodule", {a[1]});
         return Create(in, a, NodeOp::kCallModule, a[1], a[2], a[3], a[4]);
       }},
      {"call_method", "self, method_name, args=None, kwargs=None, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         return Create(in, a, NodeOp::kCallMethod, a[1], a[2], a[3], a[4]);
       }},
      {"call_function", "self, the_function, args=None, kwargs=None, type_expr=None, name=None", [](Interpreter& in, BoundArgs& a) {
         return Create(in, a, NodeOp::kCallFunction, a[1], a[2], a[3], a[4], a[5]);
       }},
      {"output", "self, result, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         return Create(in, a, NodeOp::kOutput, in.NewStr("output"), in.NewTuple({a[1]}), Value::None(), a[2]);
       }},
      {"node_copy", "self, node, arg_transform=None", [](Interpreter& in, BoundArgs& a) {
         return Value(GraphOf(in, a[0])->NodeCopy(in, NodeOf(in, a[1]), Transform(in, a[2])));
       }},
      {"graph_copy", "self, g, val_map, return_output_node=False", [](Interpreter& in, BoundArgs& a) {
         auto* map = a[2].As<py::Dict>();
         if (map == nullptr) a.Wrong(2, "dict");
         const auto [result, output] = GraphOf(in, a[0])->GraphCopy(in, GraphOf(in, a[1]), map);
         if (!result) return Value::None();
         return a.Bool(3) ? Value(in.NewTuple({result, Value(output)})) : result;
       }},
      {"erase_node", "self, to_erase", [](Interpreter& in, BoundArgs& a) {
         GraphOf(in, a[0])->EraseNode(in, NodeOf(in, a[1]));
         return Value::None();
       }},
      {"inserting_before", "self, n=None", [](Interpreter& in, BoundArgs& a) { return Inserting(in, a, false); }},
      {"inserting_after", "self, n=None", [](Interpreter& in, BoundArgs& a) { return Inserting(in, a, true); }},
      {"output_node", "self", [](Interpreter& in, BoundArgs& a) { return Value(GraphOf(in, a[0])->OutputNode(in)); }},
      {"find_nodes", "self, *, op, target=None, sort=True", [](Interpreter& in, BoundArgs& a) {
         const std::string op = a.Text(1);
         std::vector<Node*> found;
         for (Node* node : GraphOf(in, a[0])->nodes()) {
           if (NodeOpName(node->op) != op) continue;
           if (op == "call_function" && a[2].is_none()) continue;  // torch.fx keeps these by target only
           if (!a[2].is_none() && !node->target.Is(a[2]) && !(node->target.As<py::Str>() && in.Equal(node->target, a[2]))) continue;
           found.push_back(node);
         }
         return ListOf(in, found);
       }},
      {"lint", "self", [](Interpreter& in, BoundArgs& a) {
         GraphOf(in, a[0])->Lint(in);
         return Value::None();
       }},
      {"eliminate_dead_code", "self, is_impure_node=None", [](Interpreter& in, BoundArgs& a) {
         const Value given = a[1];
         std::function<bool(Node*)> impure;
         if (!given.is_none()) impure = [&in, given](Node* node) { return in.Truth(in.Call(given, {Value(node)})); };
         return Value::Bool(GraphOf(in, a[0])->EliminateDeadCode(in, impure));
       }},
      {"_target_to_str", "self, target", [](Interpreter& in, BoundArgs& a) {
         const auto* text = a[1].As<py::Str>();
         return Value(in.NewStr(text != nullptr ? NameForTarget(text->text()) : SnakeCase(in.ToStr(in.GetAttr(a[1], "__name__")))));
       }},
      {"python_code", "self, root_module, *, verbose=False, **options", [](Interpreter& in, BoundArgs& a) {
         CodeOptions options;
         options.root_module = a.Text(1);
         options.verbose = a.Bool(2);
         const PythonCodeResult made = PythonCode(in, *GraphOf(in, a[0]), options);
         const auto globals = in.NewDict(), lines = in.NewDict();
         for (const auto& [name, value] : made.globals) globals->Set(in.Intern(name), value);
         for (const auto& [line, node] : made.lines) {
           lines->table.Set(in, Value::Int(line), node < 0 ? Value::None() : Value::Int(node));
         }
         return in.CallMethod(in.Import("torch.fx.graph"), "_python_code",
                              {Value(in.NewStr(made.code)), Value(globals), Value(lines), Value::Int(made.prologue_start)});
       }},
      {"set_codegen", "self, codegen", [](Interpreter& in, BoundArgs& a) {
         GraphOf(in, a[0])->codegen = a[1];
         return Value::None();
       }},
      {"process_inputs", "self, *args", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         return graph->codegen ? in.Call(in.GetAttr(graph->codegen, "process_inputs"), Args(a.Values(1))) : a[1];
       }},
      {"process_outputs", "self, out", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         return graph->codegen ? in.CallMethod(graph->codegen, "process_outputs", {a[1]}) : a[1];
       }},
      {"on_generate_code", "self, make_transformer", [](Interpreter& in, BoundArgs& a) {
         return in.CallMethod(in.Import("torch.fx.graph"), "_on_generate_code", {in.GetAttr(a[0], "_codegen"), a[1]});
       }},
      {"print_tabular", "self", [](Interpreter& in, BoundArgs& a) {
         return in.CallMethod(in.Import("torch.fx.graph"), "_print_tabular", {a[0]});
       }},
      {"__deepcopy__", "self, memo=None", [](Interpreter& in, BoundArgs& a) {
         Graph* graph = GraphOf(in, a[0]);
         const auto copy = NewGraph(in);
         copy->tracer_class = graph->tracer_class;
         const py::Ref<py::Dict> map = a[1].As<py::Dict>() != nullptr ? py::Ref<py::Dict>(a[1].As<py::Dict>()) : in.NewDict();
         const auto [result, output] = copy->GraphCopy(in, graph, map.get());
         if (graph->codegen) copy->codegen = in.CallMethod(in.Import("copy"), "deepcopy", {graph->codegen});
         if (output != nullptr) {
           Node* made = copy->Output(in, result, output->type);
           for (const auto& entry : output->meta(in).table.entries()) {
             if (entry.key) made->meta(in).table.Set(in, entry.key, entry.value);
           }
         }
         return Value(copy);
       }},
      {"_clear_nodes", "self", [](Interpreter& in, BoundArgs& a) {
         std::vector<Node*> all = GraphOf(in, a[0])->nodes();
         for (auto it = all.rbegin(); it != all.rend(); ++it) GraphOf(in, a[0])->EraseNode(in, *it);
         return Value::None();
       }},
  };
  return in.DefineType(d);
}

}  // namespace

Types::Types(Interpreter& in) {
  node = DefineNode(in);
  graph = DefineGraph(in);
  py::NativeType list;
  list.name = "_node_list";
  list.module = "torch.fx.graph";
  list.dunders = "__len__ __iter__";
  list.subclassable = false;
  list.methods = {{"__reversed__", "self", [](Interpreter& in, BoundArgs& a) {
                     auto* nodes = a[0].As<NodeList>();
                     return nodes->Iterate(in, !nodes->reversed());
                   }}};
  node_list = in.DefineType(list);
}

}  // namespace fusepack::fx
