// TracerBase, and the calls that ask a Python subclass before C++ (torch/fx/proxy.py).
#include "tracer/fx/tracer.h"

#include "tracer/fx/format.h"
#include "tracer/python/callables.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::fx {

using py::Args;
using py::Interpreter;
using py::Keyword;
using py::Value;

void RaiseTraceError(Interpreter& in, std::string message) {
  in.Raise(in.State<ProxyTypes>().trace_error, std::move(message) + SourcePlace(in));
}

TracerBase::TracerBase(Interpreter& in) : scope_path(in.NewStr("")), module_stack(in.NewDict()), node_scopes(in.NewDict()) {}

Graph& TracerBase::graph(Interpreter& in) const {
  if (!graph_) {
    in.Raise(in.types().attribute_error, "'" + type()->name() + "' object has no attribute 'graph'");
  }
  return *graph_;
}

bool TracerBase::Flag(Interpreter& in, const char* name) {
  if (type()->native() && dict() == nullptr) return false;
  const Value found = in.FindAttr(Value(this), name);
  return found && in.Truth(found);
}

Node* TracerBase::CreateNode(Interpreter& in, const NodeCall& call) {
  Graph& graph = this->graph(in);
  if (call.op == NodeOp::kCallFunction && Flag(in, "check_mutable_operations")) {
    const std::string name = QualifiedName(in, call.target);
    auto* kwargs = call.kwargs.As<py::Dict>();
    const bool in_place = name.starts_with("torch.") && name.ends_with("_") && !name.ends_with("__");
    if (in_place || (kwargs != nullptr && kwargs->Get(in.Intern("out")))) {
      in.Raise(in.types().runtime_error,
               "Tried to trace mutable operation " + name + ". FX only supports functional code, so operations that mutate "
               "operands in-place (e.g. via `out` arguments) are not supported" + SourcePlace(in));
    }
  }
  Node* node = graph.CreateNode(in, call.op, call.target, call.args, call.kwargs, call.name, call.type);
  node_scopes->Set(in.Intern(node->name), in.NewTuple({scope_path, scope_type}));
  if (module_stack->size() > 0) {
    const auto stack = in.NewDict();
    for (const auto& entry : module_stack->table.entries()) {
      if (entry.key) stack->table.Set(in, entry.key, entry.value);
    }
    node->meta(in).Set(in.Intern("nn_module_stack"), Value(stack));
  }
  if (Flag(in, "record_stack_traces")) {
    std::string trace;
    bool inside = false;
    const std::vector<py::Position> places = in.Stack();
    for (auto at = places.rbegin(); at != places.rend(); ++at) {
      const bool is_forward = at->function == "forward" || at->function.ends_with(".forward");
      inside |= is_forward;
      if (!inside) continue;
      trace += std::string(trace.empty() ? "" : "\n") + "  File \"" + at->file + "\", line " + std::to_string(at->line) + ", in " +
               at->function.substr(at->function.rfind('.') + 1);
    }
    if (!trace.empty()) node->meta(in).Set(in.Intern("stack_trace"), in.NewStr(trace.substr(2)));
  }
  return node;
}

Value TracerBase::MakeProxy(Interpreter& in, Node* node) {
  return in.New<Proxy>(in.State<ProxyTypes>().proxy, py::Ref<TracerBase>(this), py::Ref<Node>(node));
}

Value TracerBase::CreateProxy(Interpreter& in, const NodeCall& call) {
  NodeCall lowered = call;
  lowered.args = dispatch::CreateArg(in, *this, call.args);
  lowered.kwargs = dispatch::CreateArg(in, *this, call.kwargs);
  return dispatch::MakeProxy(in, *this, dispatch::CreateNode(in, *this, lowered));
}

Value TracerBase::CreateArg(Interpreter& in, const Value& value) {
  if (!value.is_object()) return value;  // None, bool, int, float
  py::CallScope scope(in);
  if (auto* proxy = value.As<Proxy>()) return Value(proxy->node(in));
  if (value.As<py::Str>() != nullptr || value.Is(in.Ellipsis())) return value;
  if (const auto* tuple = value.As<py::Tuple>()) {
    std::vector<Value> items;
    items.reserve(tuple->size());
    for (const Value& item : tuple->items()) items.push_back(dispatch::CreateArg(in, *this, item));
    const bool named = in.TypeOf(value) != in.types().tuple && in.FindAttr(value, "_fields");
    return named ? in.Call(Value(in.TypeOf(value)), Args(items)) : Value(in.NewTuple(std::move(items)));
  }
  if (const auto* list = value.As<py::List>()) {
    std::vector<Value> items;
    items.reserve(list->size());
    for (const Value& item : list->items()) items.push_back(dispatch::CreateArg(in, *this, item));
    return in.NewList(std::move(items));
  }
  if (const auto* dict = value.As<py::Dict>()) {
    const auto out = in.NewDict();
    for (const auto& entry : dict->table.entries()) {
      if (!entry.key) continue;
      Value key = entry.key;
      if (key.As<py::Str>() == nullptr) {
        key = dispatch::CreateArg(in, *this, key);
        VisitNodes(key, [&](Node*) {
          in.Raise(in.types().runtime_error, "Keys for dictionaries used as an argument cannot contain a Node. Got key: " + in.ToStr(key));
        });
      }
      out->table.Set(in, key, dispatch::CreateArg(in, *this, entry.value));
    }
    return out;
  }
  if (const auto* slice = value.As<py::Slice>()) {
    return in.NewSlice(dispatch::CreateArg(in, *this, slice->start), dispatch::CreateArg(in, *this, slice->stop),
                       dispatch::CreateArg(in, *this, slice->step));
  }
  if (value.As<py::Range>() != nullptr || value.As<Node>() != nullptr) return value;
  if (value.As<torch::TensorObject>() != nullptr) return value;
  if (const Value create = in.FindAttr(value, "__fx_create_arg__"); create && value.As<py::Type>() == nullptr) {
    return in.Call(create, {Value(this)});
  }
  if (const Value fields = in.FindAttr(value, "__dataclass_fields__"); fields && value.As<py::Type>() == nullptr) {
    const auto kwargs = in.NewDict();
    for (const Value& name : in.ToVector(fields)) {
      kwargs->table.Set(in, name, dispatch::CreateArg(in, *this, in.GetAttr(value, in.ToStr(name))));
    }
    return Value(dispatch::CreateNode(in, *this, {NodeOp::kCallFunction, Value(in.TypeOf(value)), in.NewTuple({}), Value(kwargs), "", {}}));
  }
  if (value.As<py::IntBox>() != nullptr || value.As<py::FloatBox>() != nullptr) return value;
  const py::Type* type = in.TypeOf(value);
  const torch::TorchState& torch = torch::StateOf(in);
  for (const py::Type* plain : {torch.dtype, torch.device, torch.memory_format, torch.layout, torch.symint}) {
    if (type == plain) return value;
  }
  if (type->name() == "complex" || in.IsInstance(value, in.GetAttr(in.Import("enum"), "Enum"))) return value;
  in.Raise(in.types().not_implemented_error, "argument of type: " + in.Repr(Value(in.TypeOf(value))));
}

Value TracerBase::ToBool(Interpreter& in, const Value&) {
  RaiseTraceError(in, "symbolically traced variables cannot be used as inputs to control flow");
}

Value TracerBase::Iter(Interpreter& in, const Value&) {
  RaiseTraceError(in,
                  "Proxy object cannot be iterated. This can be attempted when the Proxy is used in a loop or as a *args or "
                  "**kwargs function argument. See the torch.fx docs on pytorch.org for a more detailed explanation of what "
                  "types of control flow can be traced, and check out the Proxy docstring for help troubleshooting Proxy "
                  "iteration errors");
}

Value TracerBase::Keys(Interpreter& in, const Value& proxy) {
  auto* root = proxy.As<Proxy>();
  return in.Call(Value(in.New<AttributeProxy>(in.State<ProxyTypes>().attribute, py::Ref<Proxy>(root), "keys")), Args());
}

py::Ref<TracerBase> NewGraphAppendingTracer(Interpreter& in, Graph* graph) {
  auto tracer = in.New<TracerBase>(in.State<TracerTypes>().appending, in);
  tracer->set_graph(py::Ref<Graph>(graph));
  return tracer;
}

Value RecordCall(Interpreter& in, TracerBase& tracer, NodeOp op, Value target, const Args& args, const std::string& name) {
  const py::Ref<TracerBase> kept(&tracer);
  const auto kwargs = in.NewDict();
  for (const Keyword& k : args.keywords) kwargs->Set(k.name, k.value);
  std::vector<Value> positional(args.positional.begin(), args.positional.end());
  return dispatch::CreateProxy(in, tracer, {op, std::move(target), in.NewTuple(std::move(positional)), Value(kwargs), name, {}});
}

// --- dispatch

namespace dispatch {
namespace {

// The method that Python code put over the native one, bound; null: there is none.
Value Override(Interpreter& in, TracerBase& tracer, const char* name) {
  const py::Type* type = tracer.type();
  py::Dict* dict = tracer.dict();
  if (type->native() && dict == nullptr) return Value();
  py::Str* interned = in.Intern(name);
  if (dict != nullptr) {
    if (Value own = dict->Get(interned)) return own;
  }
  const Value found = type->Lookup(interned);
  if (!found || found.As<py::NativeFunction>() != nullptr) return Value();
  return in.GetAttr(Value(&tracer), interned);
}

Value CallOverride(Interpreter& in, const Value& method, const NodeCall& call, const char* name_keyword) {
  const std::vector<Value> args = {Value(in.NewStr(NodeOpName(call.op))), call.target, call.args, call.kwargs};
  std::vector<Keyword> keywords;
  if (!call.name.empty()) keywords.push_back({in.Intern(name_keyword), Value(in.NewStr(call.name))});
  if (call.type) keywords.push_back({in.Intern("type_expr"), call.type});
  return in.Call(method, Args(args, keywords));
}

}  // namespace

Node* CreateNode(Interpreter& in, TracerBase& tracer, const NodeCall& call) {
  const Value method = Override(in, tracer, "create_node");
  if (!method) return tracer.CreateNode(in, call);
  // torch.fx passes name and type_expr by position here.
  const std::vector<Value> args = {Value(in.NewStr(NodeOpName(call.op))), call.target, call.args, call.kwargs,
                                   call.name.empty() ? Value::None() : Value(in.NewStr(call.name)),
                                   call.type ? call.type : Value::None()};
  const Value made = in.Call(method, Args(args));
  Node* node = made.As<Node>();
  if (node == nullptr) in.RaiseTypeError("create_node() should return a torch.fx.Node, not " + in.TypeName(made));
  return node;
}

Value MakeProxy(Interpreter& in, TracerBase& tracer, Node* node) {
  const Value method = Override(in, tracer, "proxy");
  return method ? in.Call(method, {Value(node)}) : tracer.MakeProxy(in, node);
}

Value CreateProxy(Interpreter& in, TracerBase& tracer, const NodeCall& call) {
  const Value method = Override(in, tracer, "create_proxy");
  return method ? CallOverride(in, method, call, "name") : tracer.CreateProxy(in, call);
}

Value CreateArg(Interpreter& in, TracerBase& tracer, const Value& value) {
  const Value method = Override(in, tracer, "create_arg");
  return method ? in.Call(method, {value}) : tracer.CreateArg(in, value);
}

Value ToBool(Interpreter& in, TracerBase& tracer, const Value& proxy) {
  const Value method = Override(in, tracer, "to_bool");
  return method ? in.Call(method, {proxy}) : tracer.ToBool(in, proxy);
}

Value Iter(Interpreter& in, TracerBase& tracer, const Value& proxy) {
  const Value method = Override(in, tracer, "iter");
  return method ? in.Call(method, {proxy}) : tracer.Iter(in, proxy);
}

Value Keys(Interpreter& in, TracerBase& tracer, const Value& proxy) {
  const Value method = Override(in, tracer, "keys");
  return method ? in.Call(method, {proxy}) : tracer.Keys(in, proxy);
}

bool IsLeafModule(Interpreter& in, Tracer& tracer, const Value& module, const std::string& qualified_name) {
  const Value method = Override(in, tracer, "is_leaf_module");
  if (!method) return tracer.IsLeafModule(in, module, qualified_name);
  return in.Truth(in.Call(method, {module, Value(in.NewStr(qualified_name))}));
}

Value CallModule(Interpreter& in, Tracer& tracer, const Value& module, const Tracer::Forward& forward, const Args& args) {
  const Value method = Override(in, tracer, "call_module");
  if (!method) return tracer.CallModule(in, module, forward, args);
  const Value function = in.NewRawFunction("forward", [module, forward](Interpreter&, const Args& given) { return forward(given); });
  const auto kwargs = in.NewDict();
  for (const Keyword& k : args.keywords) kwargs->Set(k.name, k.value);
  std::vector<Value> positional(args.positional.begin(), args.positional.end());
  return in.Call(method, {module, function, Value(in.NewTuple(std::move(positional))), Value(kwargs)});
}

std::string PathOfModule(Interpreter& in, Tracer& tracer, const Value& module) {
  const Value method = Override(in, tracer, "path_of_module");
  return method ? in.ToStr(in.Call(method, {module})) : tracer.PathOfModule(in, module);
}

Value GetModuleAttr(Interpreter& in, Tracer& tracer, const std::string& name, const Value& found, py::Dict* cache) {
  const Value method = Override(in, tracer, "getattr");
  return method ? in.Call(method, {Value(in.NewStr(name)), found, Value(cache)}) : tracer.GetModuleAttr(in, name, found, cache);
}

std::string FreshQualname(Interpreter& in, Tracer& tracer, const std::string& prefix) {
  const Value method = Override(in, tracer, "get_fresh_qualname");
  return method ? in.ToStr(in.Call(method, {Value(in.NewStr(prefix))})) : tracer.FreshQualname(in, prefix);
}

}  // namespace dispatch
}  // namespace fusepack::fx
