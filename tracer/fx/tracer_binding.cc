// torch.fx.Tracer, TracerBase and GraphAppendingTracer as Python classes. A method here is what super() reaches: it goes
// to the C++ object, never to the Python override (tracer.h, namespace dispatch, does that).
#include "tracer/fx/tracer.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Keyword;
using py::Value;

template <typename T = TracerBase>
T* Self(Interpreter& in, const Value& v) {
  T* tracer = v.As<T>();
  if (tracer == nullptr) in.RaiseTypeError("expected a torch.fx.Tracer, not " + in.TypeName(v));
  return tracer;
}

NodeCall CallOf(Interpreter& in, BoundArgs& a) {
  const auto* kind = a[1].As<py::Str>();
  const auto op = kind != nullptr ? NodeOpFromName(kind->text()) : std::nullopt;
  if (!op) in.Raise(in.types().assertion_error, "op '" + in.ToStr(a[1]) + "' is not in _legal_ops");
  NodeCall call;
  call.op = *op;
  call.target = a[2];
  call.args = a[3].As<py::Tuple>() != nullptr ? a[3] : Value(in.NewTuple(in.ToVector(a[3])));
  call.kwargs = a[4];
  call.name = a[5].is_none() ? "" : in.ToStr(a[5]);
  if (!a[6].is_none()) call.type = a[6];
  return call;
}

struct KeywordsOf {
  KeywordsOf(Interpreter& in, const Value& dict) {
    auto* d = dict.As<py::Dict>();
    if (d == nullptr) return;
    for (const auto& entry : d->table.entries()) {
      if (entry.key) all.push_back({in.Intern(in.ToStr(entry.key)), entry.value});
    }
  }
  std::vector<Keyword> all;
};

void AddProperty(py::NativeType& d, const char* name, std::function<Value(Interpreter&, const Value&)> get,
                 std::function<void(Interpreter&, const Value&, const Value&)> set = {}) {
  d.properties.push_back({name, std::move(get), std::move(set)});
}

template <typename T>
void AddDict(py::NativeType& d, const char* name, py::Ref<py::Dict> T::*member) {
  AddProperty(
      d, name, [member](Interpreter& in, const Value& self) { return Value(Self<T>(in, self)->*member); },
      [member, name](Interpreter& in, const Value& self, const Value& v) {
        auto* dict = v.As<py::Dict>();
        if (dict == nullptr) in.RaiseTypeError(std::string(name) + " must be a dict, not " + in.TypeName(v));
        Self<T>(in, self)->*member = py::Ref<py::Dict>(dict);
      });
}

py::Type* DefineBase(Interpreter& in) {
  py::NativeType d;
  d.name = "TracerBase";
  d.module = "torch.fx.proxy";
  d.instances_have_dict = true;
  d.dunders = "__hash__";
  d.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<TracerBase>(cls, in)); };
  d.methods = {
      {"__init__", "self", [](Interpreter&, BoundArgs&) { return Value::None(); }},
      {"create_node", "self, kind, target, args, kwargs, name=None, type_expr=None", [](Interpreter& in, BoundArgs& a) {
         return Value(Self(in, a[0])->CreateNode(in, CallOf(in, a)));
       }},
      {"proxy", "self, node", [](Interpreter& in, BoundArgs& a) -> Value {
         Node* node = a[1].As<Node>();
         if (node == nullptr) a.Wrong(1, "torch.fx.Node");
         return Self(in, a[0])->MakeProxy(in, node);
       }},
      {"create_proxy", "self, kind, target, args, kwargs, name=None, type_expr=None, proxy_factory_fn=None",
       [](Interpreter& in, BoundArgs& a) {
         TracerBase* self = Self(in, a[0]);
         const NodeCall call = CallOf(in, a);
         if (a[7].is_none()) return self->CreateProxy(in, call);
         NodeCall lowered = call;
         lowered.args = dispatch::CreateArg(in, *self, call.args);
         lowered.kwargs = dispatch::CreateArg(in, *self, call.kwargs);
         return in.Call(a[7], {Value(dispatch::CreateNode(in, *self, lowered))});
       }},
      {"create_arg", "self, a", [](Interpreter& in, BoundArgs& a) { return Self(in, a[0])->CreateArg(in, a[1]); }},
      {"to_bool", "self, obj", [](Interpreter& in, BoundArgs& a) { return Self(in, a[0])->ToBool(in, a[1]); }},
      {"iter", "self, obj", [](Interpreter& in, BoundArgs& a) { return Self(in, a[0])->Iter(in, a[1]); }},
      {"keys", "self, obj", [](Interpreter& in, BoundArgs& a) { return Self(in, a[0])->Keys(in, a[1]); }},
  };
  AddProperty(
      d, "graph", [](Interpreter& in, const Value& self) { return Value(&Self(in, self)->graph(in)); },
      [](Interpreter& in, const Value& self, const Value& v) {
        auto* graph = v.As<Graph>();
        if (graph == nullptr) in.RaiseTypeError("graph must be a torch.fx.Graph, not " + in.TypeName(v));
        Self(in, self)->set_graph(py::Ref<Graph>(graph));
      });
  AddDict(d, "module_stack", &TracerBase::module_stack);
  AddDict(d, "node_name_to_scope", &TracerBase::node_scopes);
  AddProperty(d, "scope", [](Interpreter& in, const Value& self) {
    TracerBase* tracer = Self(in, self);
    return in.Call(in.GetAttr(in.Import("torch.fx.proxy"), "Scope"), {tracer->scope_path, tracer->scope_type});
  }, [](Interpreter& in, const Value& self, const Value& v) {
    Self(in, self)->scope_path = in.GetAttr(v, "module_path");
    Self(in, self)->scope_type = in.GetAttr(v, "module_type");
  });
  py::Type* type = in.DefineType(d);
  for (const char* flag : {"record_stack_traces", "_record_forward_stack_traces_only", "check_mutable_operations", "trace_asserts",
                           "proxy_buffer_attributes"}) {
    type->dict()->Set(in.Intern(flag), Value::Bool(false));
  }
  type->dict()->Set(in.Intern("traced_func_name"), Value(in.NewStr("forward")));
  return type;
}

py::Type* DefineTracer(Interpreter& in, py::Type* base) {
  py::NativeType d;
  d.name = "Tracer";
  d.module = "torch.fx._symbolic_trace";
  d.base = base;
  d.instances_have_dict = true;
  d.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<Tracer>(cls, in)); };
  d.methods = {
      {"__init__", "self, autowrap_modules=None, autowrap_functions=(), param_shapes_constant=False", [](Interpreter& in, BoundArgs& a) {
         Tracer* self = Self<Tracer>(in, a[0]);
         const Value modules = a[1].is_none() ? Value(in.NewTuple({in.Import("math")})) : a[1];
         if (!a[1].is_none() || in.Truth(a[2])) self->SetAutowrap(in, modules, a[2]);
         if (a.Bool(3)) in.SetAttr(a[0], "param_shapes_constant", Value::Bool(true));
         return Value::None();
       }},
      {"is_leaf_module", "self, m, module_qualified_name", [](Interpreter& in, BoundArgs& a) {
         return Value::Bool(Self<Tracer>(in, a[0])->IsLeafModule(in, a[1], in.ToStr(a[2])));
       }},
      {"call_module", "self, m, forward, args, kwargs", [](Interpreter& in, BoundArgs& a) {
         const Value function = a[2];
         const KeywordsOf keywords(in, a[4]);
         const std::vector<Value> args = a.Values(3);
         return Self<Tracer>(in, a[0])->CallModule(in, a[1], [&in, function](const Args& given) { return in.Call(function, given); },
                                                   Args(args, keywords.all));
       }},
      {"path_of_module", "self, mod", [](Interpreter& in, BoundArgs& a) {
         return Value(in.NewStr(Self<Tracer>(in, a[0])->PathOfModule(in, a[1])));
       }},
      {"getattr", "self, attr, attr_val, parameter_proxy_cache", [](Interpreter& in, BoundArgs& a) -> Value {
         auto* cache = a[3].As<py::Dict>();
         if (cache == nullptr) a.Wrong(3, "dict");
         return Self<Tracer>(in, a[0])->GetModuleAttr(in, in.ToStr(a[1]), a[2], cache);
       }},
      {"get_fresh_qualname", "self, prefix", [](Interpreter& in, BoundArgs& a) {
         return Value(in.NewStr(Self<Tracer>(in, a[0])->FreshQualname(in, a.Text(1))));
       }},
      {"trace", "self, root, concrete_args=None", [](Interpreter& in, BoundArgs& a) {
         return Value(Self<Tracer>(in, a[0])->Trace(in, a[1], a[2]));
       }},
  };
  d.class_methods = {{"_graph_module_deserialization_tracer", "cls, root", [](Interpreter& in, BoundArgs& a) {
                        return in.Call(a[0], Args());
                      }}};
  AddProperty(
      d, "root", [](Interpreter& in, const Value& self) -> Value {
        Tracer* tracer = Self<Tracer>(in, self);
        if (!tracer->root()) in.Raise(in.types().attribute_error, "'" + in.TypeName(self) + "' object has no attribute 'root'");
        return tracer->root();
      },
      [](Interpreter& in, const Value& self, const Value& v) { Self<Tracer>(in, self)->set_root(v); });
  AddProperty(d, "submodule_paths", [](Interpreter& in, const Value& self) { return Self<Tracer>(in, self)->PathsOfModules(in); });
  AddProperty(
      d, "root_module_name", [](Interpreter& in, const Value& self) { return Value(in.NewStr(Self<Tracer>(in, self)->root_module_name)); },
      [](Interpreter& in, const Value& self, const Value& v) { Self<Tracer>(in, self)->root_module_name = in.ToStr(v); });
  AddDict(d, "tensor_attrs", &Tracer::tensor_attrs);
  AddDict(d, "num_calls", &Tracer::call_counts);
  py::Type* type = in.DefineType(d);
  type->dict()->Set(in.Intern("param_shapes_constant"), Value::Bool(false));
  return type;
}

}  // namespace

TracerTypes::TracerTypes(Interpreter& in) : base(DefineBase(in)), tracer(DefineTracer(in, base)) {
  py::NativeType d;
  d.name = "GraphAppendingTracer";
  d.module = "torch.fx.proxy";
  d.base = base;
  d.instances_have_dict = true;
  d.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<TracerBase>(cls, in)); };
  d.methods = {{"__init__", "self, graph", [](Interpreter& in, BoundArgs& a) -> Value {
                  auto* graph = a[1].As<Graph>();
                  if (graph == nullptr) a.Wrong(1, "torch.fx.Graph");
                  Self(in, a[0])->set_graph(py::Ref<Graph>(graph));
                  return Value::None();
                }}};
  appending = in.DefineType(d);
}

}  // namespace fusepack::fx
