// Tracer: torch.fx.Tracer in C++, and the very class that Python code sees. Runs a module's forward on Proxies and gives
// the Graph of what happened.
//
//   py::Ref<fx::Tracer> tracer = fx::NewTracer(in);
//   py::Ref<fx::Graph> graph = tracer->Trace(in, module);
//
// To trace differently, derive in C++ and override the virtual methods (make it with fx::NewTracer<MyTracer>(in)), or in
// Python and override is_leaf_module, call_module, create_arg and the others by their torch.fx names. Everything that
// traces calls through namespace dispatch, which asks a Python subclass first. A tracer may trace several roots, one
// after the other. While it runs, its hooks stand in ModuleHooks and the names in WrapRegistry are patched in their
// modules; both are put back at the end, however it ends. Errors are thrown as py::Raised or py::Fatal.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/fx/graph.h"
#include "tracer/fx/proxy.h"
#include "tracer/torch/overrides.h"

namespace fusepack::fx {

// What becomes one node.
struct NodeCall {
  NodeOp op;
  py::Value target;
  py::Value args;    // tuple
  py::Value kwargs;  // dict
  std::string name;  // empty: made from the target
  py::Value type;    // null: none
};

// torch.fx.proxy.TracerBase.
class TracerBase : public py::Object {
 public:
  explicit TracerBase(py::Interpreter& in);

  // Appends a node to the graph as it is; its Proxy; both, with the arguments lowered by CreateArg.
  virtual Node* CreateNode(py::Interpreter& in, const NodeCall& call);
  virtual py::Value MakeProxy(py::Interpreter& in, Node* node);
  virtual py::Value CreateProxy(py::Interpreter& in, const NodeCall& call);
  // What a node stores of an argument. NotImplementedError for what no graph can hold.
  virtual py::Value CreateArg(py::Interpreter& in, const py::Value& value);
  // What bool(proxy), iter(proxy) and proxy.keys() give; the first two raise TraceError.
  virtual py::Value ToBool(py::Interpreter& in, const py::Value& proxy);
  virtual py::Value Iter(py::Interpreter& in, const py::Value& proxy);
  virtual py::Value Keys(py::Interpreter& in, const py::Value& proxy);
  uint64_t Hash(py::Interpreter&) override { return reinterpret_cast<uintptr_t>(this) >> 4; }

  Graph& graph(py::Interpreter& in) const;
  void set_graph(py::Ref<Graph> graph) { graph_ = std::move(graph); }
  bool has_graph() const { return static_cast<bool>(graph_); }
  // A flag that a subclass may set as an attribute of the class or of the object ("param_shapes_constant").
  bool Flag(py::Interpreter& in, const char* name);

  // Where the module being run is, for node_name_to_scope and meta["nn_module_stack"].
  py::Value scope_path, scope_type = py::Value::None();
  py::Ref<py::Dict> module_stack, node_scopes;

 protected:
  py::Ref<Graph> graph_;
};

// torch.fx.Tracer.
class Tracer : public TracerBase {
 public:
  explicit Tracer(py::Interpreter& in);

  using Forward = torch::ModuleHooks::Forward;
  // True for torch.nn's own modules but containers of the user's: classes of torch.nn that are no Sequential.
  virtual bool IsLeafModule(py::Interpreter& in, const py::Value& module, const std::string& qualified_name);
  // What a call of a submodule gives: a call_module node for a leaf, else what its forward gives.
  virtual py::Value CallModule(py::Interpreter& in, const py::Value& module, const Forward& forward, const py::Args& args);
  // NameError "module is not installed as a submodule" where it has no path.
  virtual std::string PathOfModule(py::Interpreter& in, const py::Value& module);
  // What the code gets that reads a parameter, buffer or submodule; `cache` holds the proxies of this trace by name.
  virtual py::Value GetModuleAttr(py::Interpreter& in, const std::string& name, const py::Value& found, py::Dict* cache);
  // Tensors that have no name in the root become its attribute _tensor_constant0, ...
  py::Value CreateArg(py::Interpreter& in, const py::Value& value) override;
  virtual std::string FreshQualname(py::Interpreter& in, const std::string& prefix);

  // root: a torch.nn.Module or a Python function. concrete_args: null, or a dict or tuple as torch.fx takes it.
  virtual py::Ref<Graph> Trace(py::Interpreter& in, const py::Value& root, const py::Value& concrete_args = {});

  const py::Value& root() const { return root_; }
  void set_root(py::Value root);
  // What torch.fx.Tracer's constructor takes; math's functions are wrapped unless this says otherwise.
  void SetAutowrap(py::Interpreter& in, const py::Value& modules, const py::Value& functions);
  py::Value PathsOfModules(py::Interpreter& in);  // dict Module -> path while tracing, else None

  py::Ref<py::Dict> tensor_attrs;  // tensor -> its name in the root
  py::Ref<py::Dict> call_counts;
  std::string root_module_name;

 private:
  friend class Patcher;
  struct Index;
  Index& IndexOfRoot(py::Interpreter& in, bool fresh = false);
  py::Value Placeholder(py::Interpreter& in, const std::string& name, const py::Value& default_value, const py::Value& type);
  void CollectTensorAttributes(py::Interpreter& in, const py::Value& module, const std::string& prefix);
  py::Value Run(py::Interpreter& in, const py::Value& function, std::vector<py::Value> args);

  py::Value root_;
  std::shared_ptr<Index> index_;
  bool tracing_ = false;
  std::vector<py::Value> autowrap_modules_, autowrap_functions_;
  std::unordered_set<const py::Object*> autowrap_;
  std::unordered_map<std::string, int64_t> qualname_counter_;
};

// A tracer over its Python class torch.fx.Tracer; T is Tracer or derived from it.
struct TracerTypes {
  explicit TracerTypes(py::Interpreter& in);
  py::Type *base, *tracer, *appending;
};
template <typename T = Tracer, typename... A>
py::Ref<T> NewTracer(py::Interpreter& in, A&&... arguments) {
  return in.New<T>(in.State<TracerTypes>().tracer, in, std::forward<A>(arguments)...);
}
// torch.fx.proxy.GraphAppendingTracer: records into a graph that is there already.
py::Ref<TracerBase> NewGraphAppendingTracer(py::Interpreter& in, Graph* graph);

// torch.fx._symbolic_trace.is_fx_tracing().
struct TracingState {
  bool tracing = false;
};

// Calls of a tracer's methods, Python overrides first.
namespace dispatch {
Node* CreateNode(py::Interpreter& in, TracerBase& tracer, const NodeCall& call);
py::Value MakeProxy(py::Interpreter& in, TracerBase& tracer, Node* node);
py::Value CreateProxy(py::Interpreter& in, TracerBase& tracer, const NodeCall& call);
py::Value CreateArg(py::Interpreter& in, TracerBase& tracer, const py::Value& value);
py::Value ToBool(py::Interpreter& in, TracerBase& tracer, const py::Value& proxy);
py::Value Iter(py::Interpreter& in, TracerBase& tracer, const py::Value& proxy);
py::Value Keys(py::Interpreter& in, TracerBase& tracer, const py::Value& proxy);
bool IsLeafModule(py::Interpreter& in, Tracer& tracer, const py::Value& module, const std::string& qualified_name);
py::Value CallModule(py::Interpreter& in, Tracer& tracer, const py::Value& module, const Tracer::Forward& forward, const py::Args& args);
std::string PathOfModule(py::Interpreter& in, Tracer& tracer, const py::Value& module);
py::Value GetModuleAttr(py::Interpreter& in, Tracer& tracer, const std::string& name, const py::Value& found, py::Dict* cache);
std::string FreshQualname(py::Interpreter& in, Tracer& tracer, const std::string& prefix);
}  // namespace dispatch

// dispatch::CreateProxy of a call with these arguments.
py::Value RecordCall(py::Interpreter& in, TracerBase& tracer, NodeOp op, py::Value target, const py::Args& args,
                     const std::string& name = "");

[[noreturn]] void RaiseTraceError(py::Interpreter& in, std::string message);

// One node as `inspect --fx` and the package show it: Python text of everything.
struct NodeText {
  std::string op, name, target, args, kwargs, where;
};

// A traced forward as text, free of the Interpreter.
struct GraphText {
  std::string code;           // torch.fx's GraphModule.code
  std::string graph;          // str(graph)
  std::string tracer_class;   // "torch.fx._symbolic_trace.Tracer" or the subclass's qualified name
  std::string root_class;     // "torchvision.models.resnet.ResNet"
  std::vector<NodeText> nodes;
};

// The graph of a torch.fx.GraphModule; null for every other value.
py::Ref<Graph> GraphOfModule(py::Interpreter& in, const py::Value& module);

// torch.fx.symbolic_trace(root).graph, as text; of a GraphModule its own graph, as it was saved.
Result<GraphText> SymbolicTrace(py::Interpreter& in, const py::Value& root);
GraphText TextOf(py::Interpreter& in, Graph& graph);  // throws; root_class stays empty

}  // namespace fusepack::fx
