#include "tracer/fx/graph_module.h"

namespace fusepack::fx {

using py::Interpreter;
using py::Value;

Result<GraphModule> GraphModule::From(Interpreter& in, const Value& module) {
  py::Ref<Graph> graph;
  const auto found = in.Try([&] {
    graph = GraphOfModule(in, module);
    return Value::None();
  });
  if (!found.ok()) return found.status();
  if (!graph) return BadInput("module", "a value of type " + in.TypeName(module), "a torch.fx.GraphModule");
  return GraphModule(module, graph);
}

Result<GraphModule> GraphModule::Trace(Interpreter& in, const Value& root, const Value& concrete_args) {
  FP_ASSIGN_OR_RETURN(const Value made, in.Try([&] {
    return in.CallMethod(in.Import("torch.fx"), "symbolic_trace", {root, concrete_args ? concrete_args : Value::None()});
  }));
  return From(in, made);
}

Result<GraphModule> GraphModule::Trace(Interpreter& in, Tracer& tracer, const Value& root) {
  const py::Ref<Tracer> kept(&tracer);
  py::Ref<Graph> graph;
  std::string name;
  FP_ASSIGN_OR_RETURN(const Value traced, in.Try([&] {
    graph = tracer.Trace(in, root);
    name = tracer.root().Is(root) ? in.TypeName(root) : in.ToStr(in.GetAttr(root, "__name__"));
    return tracer.root();
  }));
  return Create(in, traced, *graph, name);
}

Result<GraphModule> GraphModule::Create(Interpreter& in, const Value& root, Graph& graph, const std::string& class_name) {
  const py::Ref<Graph> kept(&graph);
  FP_ASSIGN_OR_RETURN(const Value made, in.Try([&] {
    return in.CallMethod(in.Import("torch.fx"), "GraphModule", {root, Value(kept), Value(in.NewStr(class_name))});
  }));
  return From(in, made);
}

Status GraphModule::Recompile(Interpreter& in) {
  const auto done = in.Try([&] { return in.CallMethod(module_, "recompile"); });
  return done.ok() ? OkStatus() : done.status();
}

Result<Value> GraphModule::Call(Interpreter& in, const std::vector<Value>& args,
                                const std::vector<std::pair<std::string, Value>>& kwargs) const {
  std::vector<py::Keyword> keywords;
  for (const auto& [name, value] : kwargs) keywords.push_back({in.Intern(name), value});
  return in.Try([&] { return in.Call(module_, py::Args(args, keywords)); });
}

std::string GraphModule::code(Interpreter& in) const {
  const auto text = in.Try([&] { return in.GetAttr(module_, "code"); });
  return text.ok() ? in.ToStr(*text) : "";
}

std::string GraphModule::class_name(Interpreter& in) const { return in.TypeName(module_); }

Result<std::string> GraphModule::PrintReadable(Interpreter& in) const {
  const auto text = in.Try([&] { return in.CallMethod(module_, "print_readable", {Value::Bool(false)}); });
  if (!text.ok()) return text.status();
  return in.ToStr(*text);
}

}  // namespace fusepack::fx
