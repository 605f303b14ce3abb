#include "tracer/fx/fx_module.h"

#include "tracer/fx/format.h"
#include "tracer/fx/tracer.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Module;
using py::Value;

void Function(Interpreter& in, Module& module, const char* name, const char* parameters, py::NativeFunction::Bound function) {
  module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(function), module.name()));
}

void BuildNode(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("Node"), Value(in.State<Types>().node));
  const auto callable = [](Interpreter& in, const Value& f) {
    if (!in.IsCallable(f)) in.Raise(in.types().assertion_error, "torch.fx.map_arg(a, fn): fn must be a callable");
  };
  Function(in, module, "map_arg", "a, fn", [callable](Interpreter& in, BoundArgs& a) {
    callable(in, a[1]);
    return MapArg(in, a[0], [&](Node* node) { return in.Call(a[1], {Value(node)}); });
  });
  Function(in, module, "map_aggregate", "a, fn", [callable](Interpreter& in, BoundArgs& a) {
    callable(in, a[1]);
    return MapAggregate(in, a[0], [&](const Value& leaf) { return in.Call(a[1], {leaf}); });
  });
  Function(in, module, "_get_qualified_name", "func", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(QualifiedName(in, a[0]))); });
  Function(in, module, "_type_repr", "obj", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(TypeRepr(in, a[0]))); });
  Function(in, module, "_format_arg", "arg", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(FormatArg(in, a[0]))); });
}

// torch.fx.graph._Namespace.
class NamespaceObject final : public py::Object {
 public:
  Namespace names;
};

struct NamespaceType {
  explicit NamespaceType(Interpreter& in) {
    py::NativeType d;
    d.name = "_Namespace";
    d.module = "torch.fx.graph";
    d.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<NamespaceObject>(cls)); };
    d.methods = {{"create_name", "self, candidate, obj", [](Interpreter& in, BoundArgs& a) {
                    auto* self = a[0].As<NamespaceObject>();
                    return Value(in.NewStr(self->names.CreateName(a.Text(1), a[2].object_or_null())));
                  }}};
    type = in.DefineType(d);
  }
  py::Type* type;
};

void BuildGraph(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("Graph"), Value(in.State<Types>().graph));
  module.SetNow(in.Intern("_node_list"), Value(in.State<Types>().node_list));
  module.SetNow(in.Intern("_Namespace"), Value(in.State<NamespaceType>().type));
}

void BuildProxy(Interpreter& in, Module& module) {
  const ProxyTypes& types = in.State<ProxyTypes>();
  module.SetNow(in.Intern("Proxy"), Value(types.proxy));
  module.SetNow(in.Intern("Attribute"), Value(types.attribute));
  module.SetNow(in.Intern("ParameterProxy"), Value(types.parameter));
  module.SetNow(in.Intern("TraceError"), Value(types.trace_error));
  module.SetNow(in.Intern("TracerBase"), Value(in.State<TracerTypes>().base));
  module.SetNow(in.Intern("GraphAppendingTracer"), Value(in.State<TracerTypes>().appending));
}

void BuildSymbolicTrace(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("Tracer"), Value(in.State<TracerTypes>().tracer));
  Function(in, module, "is_fx_tracing", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(in.State<TracingState>().tracing); });
  Function(in, module, "is_fx_symbolic_tracing", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(in.State<TracingState>().tracing); });
  Function(in, module, "_compile_function", "source, file, name, globals", [](Interpreter& in, BoundArgs& a) -> Value {
    auto* given = a[3].As<py::Dict>();
    if (given == nullptr) a.Wrong(3, "dict");
    std::vector<std::pair<std::string, Value>> globals;
    for (const auto& entry : given->table.entries()) {
      if (entry.key) globals.emplace_back(in.ToStr(entry.key), entry.value);
    }
    return CompileFunction(in, a.Text(0), a.Text(1), a.Text(2), globals);
  });
}

void BuildImmutableCollections(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("immutable_list"), Value(in.State<ImmutableTypes>().list));
  module.SetNow(in.Intern("immutable_dict"), Value(in.State<ImmutableTypes>().dict));
}

}  // namespace

Value CompileFunction(Interpreter& in, const std::string& source, const std::string& file, const std::string& name,
                      const std::vector<std::pair<std::string, Value>>& globals) {
  const auto module = in.NewSourceModule(file, file, source, false, &in.importer());
  for (const auto& [global, value] : globals) module->SetNow(in.Intern(global), value);
  const Value function = module->Get(in, in.Intern(name));
  if (!function) in.Raise(in.types().name_error, "generated code defines no '" + name + "'");
  return function;
}

void RegisterFx(Interpreter& in) {
  in.RegisterNativeModule("torch.fx.node", BuildNode);
  in.RegisterNativeModule("torch.fx.graph", BuildGraph);
  in.RegisterNativeModule("torch.fx.proxy", BuildProxy);
  in.RegisterNativeModule("torch.fx._symbolic_trace", BuildSymbolicTrace);
  in.RegisterNativeModule("torch.fx.immutable_collections", BuildImmutableCollections);
}

}  // namespace fusepack::fx
