// Symbolic tracing (torch/fx/_symbolic_trace.py): placeholders for the parameters of forward, one run of its body with
// the hooks in place, one output node. A parameter is one get_attr node, cached; a buffer or constant a new one a use.
#include "tracer/fx/tracer.h"

#include "tracer/fx/format.h"
#include "tracer/fx/patcher.h"
#include "tracer/fx/python_code.h"
#include "tracer/python/callables.h"
#include "tracer/torch/module_object.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::Interpreter;
using py::Keyword;
using py::Value;

// Calls f(name, object) for each pair that root.<method>() yields.
template <typename F>
void ForEachNamed(Interpreter& in, const Value& root, const char* method, F f) {
  const Value iterator = in.Iter(in.CallMethod(root, method));
  for (Value pair; in.Next(iterator, &pair);) {
    const auto* tuple = pair.As<py::Tuple>();
    FP_CHECK(tuple != nullptr && tuple->size() == 2);
    f(in.ToStr((*tuple)[0]), (*tuple)[1]);
  }
}

struct ParameterType {
  explicit ParameterType(Interpreter& in) : type(in.GetAttr(in.Import("torch.nn.parameter"), "Parameter").As<py::Type>()) {}
  py::Type* type;
};

bool IsParameter(Interpreter& in, const Value& v) {
  return v.As<torch::TensorObject>() != nullptr && in.IsInstance(v, in.State<ParameterType>().type);
}

// Sets a variable for a scope.
template <typename T>
class Restored {
 public:
  Restored(T& place, T value) : place_(place), old_(std::exchange(place, std::move(value))) {}
  ~Restored() { place_ = std::move(old_); }
  Restored(const Restored&) = delete;
  Restored& operator=(const Restored&) = delete;

 private:
  T& place_;
  T old_;
};

}  // namespace

// First names of what hangs in the root.
struct Tracer::Index {
  std::unordered_map<const py::Object*, std::string> modules, parameters, buffers;
};

Tracer::Tracer(Interpreter& in) : TracerBase(in), tensor_attrs(in.NewDict()), call_counts(in.NewDict()) {
  SetAutowrap(in, in.NewTuple({in.Import("math")}), in.NewTuple({}));
}

void Tracer::SetAutowrap(Interpreter& in, const Value& modules, const Value& functions) {
  autowrap_modules_ = in.ToVector(modules);
  autowrap_functions_ = in.ToVector(functions);
  autowrap_.clear();
  for (const Value& module : autowrap_modules_) {
    auto* m = module.As<py::Module>();
    if (m == nullptr) continue;
    for (const auto& entry : m->globals()->table.entries()) {
      const auto* name = entry.key ? entry.key.As<py::Str>() : nullptr;
      if (name != nullptr && !name->text().starts_with("_") && in.IsCallable(entry.value)) {
        const auto* wrapped = entry.value.As<WrappedFunction>();
        autowrap_.insert(wrapped != nullptr ? wrapped->original.object() : entry.value.object());
      }
    }
  }
  for (const Value& function : autowrap_functions_) autowrap_.insert(function.object_or_null());
}

void Tracer::set_root(Value root) {
  root_ = std::move(root);
  index_.reset();
}

Tracer::Index& Tracer::IndexOfRoot(Interpreter& in, bool fresh) {
  if (!index_ || fresh) {
    if (!root_) in.Raise(in.types().attribute_error, "'" + type()->name() + "' object has no attribute 'root'");
    auto index = std::make_shared<Index>();
    ForEachNamed(in, root_, "named_modules", [&](const std::string& n, const Value& m) { index->modules.emplace(m.object(), n); });
    ForEachNamed(in, root_, "named_parameters", [&](const std::string& n, const Value& p) { index->parameters.emplace(p.object(), n); });
    ForEachNamed(in, root_, "named_buffers", [&](const std::string& n, const Value& b) { index->buffers.emplace(b.object(), n); });
    index_ = std::move(index);
  }
  return *index_;
}

Value Tracer::PathsOfModules(Interpreter& in) {
  if (!tracing_) return Value::None();
  const auto paths = in.NewDict();
  ForEachNamed(in, root_, "named_modules", [&](const std::string& n, const Value& m) { paths->table.Set(in, m, Value(in.NewStr(n))); });
  return paths;
}

bool Tracer::IsLeafModule(Interpreter& in, const Value& module, const std::string&) {
  const std::string home = TextAttr(in, module, "__module__");
  const bool of_torch = home.starts_with("torch.nn") || home.starts_with("torch.ao.nn");
  return of_torch && !in.IsInstance(module, in.GetAttr(in.Import("torch.nn"), "Sequential"));
}

std::string Tracer::PathOfModule(Interpreter& in, const Value& module) {
  const auto& modules = IndexOfRoot(in).modules;
  const auto found = modules.find(module.object_or_null());
  if (found != modules.end()) return found->second;
  in.Raise(in.types().name_error, "module is not installed as a submodule" + SourcePlace(in));
}

Value Tracer::CallModule(Interpreter& in, const Value& module, const Forward& forward, const Args& args) {
  const std::string path = dispatch::PathOfModule(in, *this, module);
  const Value name = in.NewStr(path), type(in.TypeOf(module));
  const Restored<Value> scope(scope_path, name), scope_class(scope_type, type);

  // The stack that nodes carry as nn_module_stack: a key more for each call that is open.
  py::Str* interned = in.Intern(path);
  const Value counted = call_counts->Get(interned);
  const int64_t calls = counted && counted.is_int() ? counted.integer() : 0;
  py::Str* key = calls > 0 ? in.Intern(path + "@" + std::to_string(calls)) : interned;
  call_counts->Set(interned, Value::Int(calls + 1));
  module_stack->Set(key, in.NewTuple({name, type}));
  struct Pop {
    py::Ref<py::Dict> stack;
    py::Str* key;
    ~Pop() { stack->table.Erase(key); }
  } pop{module_stack, key};

  if (!dispatch::IsLeafModule(in, *this, module, path)) return forward(args);
  return RecordCall(in, *this, NodeOp::kCallModule, name, args);
}

Value Tracer::GetModuleAttr(Interpreter& in, const std::string&, const Value& found, py::Dict* cache) {
  if (found.As<torch::TensorObject>() == nullptr) return found;
  const auto proxy_of = [&](const std::unordered_map<const py::Object*, std::string>& names, bool parameter) -> Value {
    const auto name = names.find(found.object());
    if (name == names.end()) return Value();
    py::Str* key = in.Intern(name->second);
    if (Value known = cache->Get(key)) return known;
    Value proxy = RecordCall(in, *this, NodeOp::kGetAttr, in.NewStr(name->second), Args());
    if (parameter && Flag(in, "param_shapes_constant")) {
      const py::Ref<Node> node(proxy.As<Proxy>()->node(in));
      proxy = in.New<ParameterProxy>(in.State<ProxyTypes>().parameter, py::Ref<TracerBase>(this), node, name->second, found);
    }
    cache->Set(key, proxy);
    return proxy;
  };
  if (IsParameter(in, found)) {
    if (const Value proxy = proxy_of(IndexOfRoot(in).parameters, true)) return proxy;
  }
  if (Flag(in, "proxy_buffer_attributes")) {
    if (const Value proxy = proxy_of(IndexOfRoot(in).buffers, false)) return proxy;
  }
  return found;
}

std::string Tracer::FreshQualname(Interpreter& in, const std::string& prefix) {
  const auto taken = [&](const std::string& name) { return static_cast<bool>(in.FindAttr(root_, name)); };
  int64_t& next = qualname_counter_[prefix];
  if (!taken(prefix + "0")) {
    next = 0;
    return prefix + "0";
  }
  std::string name;
  do name = prefix + std::to_string(next++);
  while (taken(name));
  return name;
}

Value Tracer::CreateArg(Interpreter& in, const Value& value) {
  if (!value.is_object()) return value;
  const auto get_attr = [&](const std::string& name) {
    return Value(dispatch::CreateNode(in, *this, {NodeOp::kGetAttr, in.NewStr(name), in.NewTuple({}), Value(in.NewDict()), "", {}}));
  };
  const py::Object* object = value.object();
  if (value.As<torch::TensorObject>() != nullptr) {
    if (IsParameter(in, value)) {
      for (const bool fresh : {false, true}) {
        const auto& names = IndexOfRoot(in, fresh).parameters;
        if (const auto found = names.find(object); found != names.end()) return get_attr(found->second);
      }
      in.Raise(in.types().name_error, "parameter is not a member of this module" + SourcePlace(in));
    }
    const auto& buffers = IndexOfRoot(in).buffers;
    if (const auto found = buffers.find(object); found != buffers.end()) return get_attr(found->second);
    std::string name;
    if (const Value* known = tensor_attrs->table.Find(in, value)) {
      name = in.ToStr(*known);
    } else {
      name = dispatch::FreshQualname(in, *this, "_tensor_constant");
      tensor_attrs->table.Set(in, value, Value(in.NewStr(name)));
      in.SetAttr(root_, name, value);
    }
    return get_attr(name);
  }
  if (value.As<torch::ModuleObject>() != nullptr) {
    const auto& modules = IndexOfRoot(in).modules;
    if (const auto found = modules.find(object); found != modules.end()) return get_attr(found->second);
  }
  if (const auto* tuple = value.As<py::Tuple>(); tuple != nullptr && in.TypeOf(value) != in.types().tuple && in.FindAttr(value, "_fields")) {
    std::vector<Value> items;
    for (const Value& item : tuple->items()) items.push_back(dispatch::CreateArg(in, *this, item));
    return Value(dispatch::CreateNode(
        in, *this, {NodeOp::kCallFunction, Value(in.TypeOf(value)), in.NewTuple(std::move(items)), Value(in.NewDict()), "", {}}));
  }
  const py::Type* type = in.TypeOf(value);
  if (!type->native() && in.IsInstance(Value(const_cast<py::Type*>(type)), in.GetAttr(in.Import("torch.fx._symbolic_trace"), "ProxyableClassMeta"))) {
    const std::string name = dispatch::FreshQualname(in, *this, "_" + type->name() + "_constant_");
    in.SetAttr(root_, name, value);
    return get_attr(name);
  }
  return TracerBase::CreateArg(in, value);
}

void Tracer::CollectTensorAttributes(Interpreter& in, const Value& module, const std::string& prefix) {
  if (const py::Dict* dict = in.InstanceDict(module)) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key && entry.value.As<torch::TensorObject>() != nullptr) {
        tensor_attrs->table.Set(in, entry.value, Value(in.NewStr(prefix + in.ToStr(entry.key))));
      }
    }
  }
  ForEachNamed(in, module, "named_children", [&](const std::string& name, const Value& child) {
    CollectTensorAttributes(in, child, prefix + name + ".");
  });
}

Value Tracer::Placeholder(Interpreter& in, const std::string& name, const Value& default_value, const Value& type) {
  std::vector<Value> args;
  if (default_value) args.push_back(default_value);
  return dispatch::CreateProxy(in, *this, {NodeOp::kPlaceholder, in.NewStr(name), in.NewTuple(std::move(args)), Value(in.NewDict()), "", type});
}

// Calls `function` with one value for each of its parameters: *args and **kwargs get theirs as they are, so that the
// frame is filled by hand where there are such.
Value Tracer::Run(Interpreter& in, const Value& callable, std::vector<Value> args) {
  auto* function = callable.As<py::Function>();
  if (function == nullptr) return in.Call(callable, Args(args));
  const py::Code& code = *function->code;
  const size_t positional = static_cast<size_t>(code.positional), named = positional + static_cast<size_t>(code.keyword_only);
  if (args.size() != code.parameter_names.size() || code.is_generator || (named == positional && named == args.size())) {
    return in.Call(callable, Args(args));
  }
  std::vector<Keyword> keywords;
  for (size_t i = positional; i < named; i++) keywords.push_back({code.parameter_names[i], args[i]});
  const auto frame = py::BindFrame(in, function, nullptr, Args(std::span(args).first(positional), keywords));
  for (size_t i = named; i < args.size(); i++) frame->locals[i] = args[i];
  for (const auto& [cell, slot] : code.cell_parameters) frame->cells[cell]->value = frame->locals[slot];
  bool yielded = false;
  return py::RunFrame(in, frame.get(), &yielded);
}

py::Ref<Graph> Tracer::Trace(Interpreter& in, const Value& root, const Value& concrete_args) {
  const py::Ref<Tracer> kept(this);
  const bool is_module = root.As<torch::ModuleObject>() != nullptr;
  Value fn = root;
  if (is_module) {
    set_root(root);
    std::string name = "forward";
    if (const Value given = in.FindAttr(Value(this), "traced_func_name")) name = in.ToStr(given);
    fn = in.FindAttr(Value(in.TypeOf(root)), name);
    if (!fn) in.Raise(in.types().assertion_error, "traced_func_name=" + name + " doesn't exist in " + in.TypeName(root));
    root_module_name = in.TypeName(root);
  } else {
    set_root(in.Call(in.GetAttr(in.Import("torch.nn"), "Module"), Args()));
  }
  graph_ = NewGraph(in);
  graph_->tracer_class = Value(type());
  tensor_attrs = in.NewDict();
  CollectTensorAttributes(in, root_, "");
  IndexOfRoot(in, true);
  if (fn.As<py::Function>() == nullptr) {
    in.Raise(in.types().assertion_error, "Expected FunctionType, got " + in.Repr(Value(in.TypeOf(fn))));
  }
  const Restored<bool> tracing(tracing_, true), flag(in.State<TracingState>().tracing, true);

  // The function that says what the parameters are: below decorators.
  Value definition = fn;
  while (const Value inner = in.FindAttr(definition, "__wrapped__")) definition = inner;
  auto* function = definition.As<py::Function>();
  if (function == nullptr) in.Raise(in.types().attribute_error, "'" + in.TypeName(definition) + "' object has no attribute '__code__'");
  const std::shared_ptr<py::Code> shared = function->code;
  const py::Code& code = *shared;
  graph_->code_fields = in.NewTuple({in.NewStr(code.name), in.NewStr(code.source->file), Value::Int(code.first_line)});

  Value annotations;  // one that cannot be evaluated here is left out, as nothing runs by it
  try {
    annotations = in.FindAttr(definition, "__annotations__");
  } catch (const py::Raised&) {
  }
  const auto annotation = [&](const std::string& name) -> Value {
    auto* dict = annotations ? annotations.As<py::Dict>() : nullptr;
    const Value found = dict == nullptr ? Value() : dict->Get(in.Intern(name));
    return found && !found.is_none() ? found : Value();
  };

  // Placeholders: positional parameters, then keyword-only ones, then *args and **kwargs as a proxy each.
  const size_t named = static_cast<size_t>(code.positional + code.keyword_only), first = is_module ? 1 : 0;
  if (is_module && named == 0) in.Raise(in.types().runtime_error, "``self`` argument cannot be part of *args expansion!");
  std::vector<Value> defaults(code.parameter_names.size());
  if (const auto* tuple = function->defaults.As<py::Tuple>()) {
    for (size_t i = 0; i < tuple->size(); i++) defaults[static_cast<size_t>(code.positional) - tuple->size() + i] = (*tuple)[i];
  }
  if (auto* dict = function->keyword_defaults.As<py::Dict>()) {
    for (size_t i = static_cast<size_t>(code.positional); i < named; i++) {
      if (const Value* found = dict->table.Find(code.parameter_names[i])) defaults[i] = *found;
    }
  }
  std::vector<Value> names;
  for (size_t i = first; i < named; i++) names.push_back(Value(code.parameter_names[i]));
  Value concrete;  // dict, or null
  std::vector<Value> args;
  if (is_module) args.push_back(root_);
  bool expanded = false;
  if (concrete_args && !concrete_args.is_none()) {
    const auto* tuple = concrete_args.As<py::Tuple>();
    if (tuple != nullptr && tuple->size() > 0 && (code.has_varargs || code.has_varkw) && named == 1) {
      // forward(self, *args): an input for each of the tuple.
      for (size_t i = 0; i < tuple->size(); i++) args.push_back(Placeholder(in, "input_" + std::to_string(i), Value(), Value()));
      expanded = true;
    } else if (tuple != nullptr) {
      if (tuple->size() != names.size()) {
        in.Raise(in.types().runtime_error, "Tracing expected " + std::to_string(names.size()) + " arguments but got " +
                                               std::to_string(tuple->size()) + " concrete arguments");
      }
      const auto dict = in.NewDict();
      for (size_t i = 0; i < names.size(); i++) dict->table.Set(in, names[i], (*tuple)[i]);
      concrete = Value(dict);
    } else {
      concrete = concrete_args;
    }
  }
  Value run;
  if (!expanded) {
    for (size_t i = first; i < code.parameter_names.size(); i++) {
      const std::string& name = code.parameter_names[i]->text();
      const bool varargs = code.has_varargs && i == named;
      const bool varkw = code.has_varkw && i == named + (code.has_varargs ? 1 : 0);
      auto* dict = concrete ? concrete.As<py::Dict>() : nullptr;
      const Value given = dict != nullptr && i < named ? dict->Get(code.parameter_names[i]) : Value();
      if (given) {
        const Value default_args = defaults[i] ? in.NewTuple({defaults[i]}) : in.NewTuple({});
        args.push_back(in.CallMethod(in.Import("torch.fx._symbolic_trace"), "_concrete_placeholder",
                                     {Value(this), Value(in.NewStr(name)), given, default_args}));
      } else {
        args.push_back(Placeholder(in, (varargs ? "*" : varkw ? "**" : "") + name, defaults[i], annotation(name)));
      }
    }
    if (concrete) {
      // Containers among the arguments: the graph takes their leaves, and a CodeGen says so.
      const Value call = in.NewRawFunction("root_fn", [kept, fn](Interpreter& in, const Args& given) {
        return kept->Run(in, fn, std::vector<Value>(given.positional.begin(), given.positional.end()));
      });
      std::vector<Value> all_names;
      for (size_t i = 0; i < named; i++) all_names.push_back(Value(code.parameter_names[i]));
      const Value flat = in.CallMethod(in.Import("torch.fx._symbolic_trace"), "_flatten_arguments",
                                       {Value(this), call, Value(in.NewTuple(args)), Value(in.NewList(std::move(all_names)))});
      if (!flat.is_none()) {
        run = in.GetItem(flat, Value::Int(0));
        args = in.ToVector(in.GetItem(flat, Value::Int(1)));
      }
    }
  }

  Value result;
  {
    Patcher patcher(in, *this);
    patcher.CheckAutowrap(function->module.get());
    if (run) result = in.Call(run, Args(args));
    else result = fn.Is(definition) && !expanded ? Run(in, fn, args) : in.Call(fn, Args(args));
    const Value output = dispatch::CreateArg(in, *this, result);
    dispatch::CreateNode(in, *this, {NodeOp::kOutput, in.NewStr("output"), in.NewTuple({output}), Value(in.NewDict()), "", annotation("return")});
  }
  return graph_;
}

GraphText TextOf(Interpreter& in, Graph& graph) {
  GraphText text;
  text.code = PythonCode(in, graph).code;
  text.graph = graph.ToString(in);
  if (const auto* cls = graph.tracer_class.As<py::Type>()) text.tracer_class = cls->module() + "." + cls->qualname();
  for (Node* node : graph.nodes()) {
    NodeText row;
    row.op = NodeOpName(node->op);
    row.name = node->name;
    row.target = node->target.As<py::Str>() != nullptr ? node->target_text() : QualifiedName(in, node->target);
    row.args = in.Repr(node->args());
    row.kwargs = in.Repr(node->kwargs());
    row.where = node->where;
    text.nodes.push_back(std::move(row));
  }
  return text;
}

py::Ref<Graph> GraphOfModule(Interpreter& in, const Value& module) {
  if (module.As<torch::ModuleObject>() == nullptr) return {};
  for (const py::Type* cls : in.TypeOf(module)->mro()) {
    if (cls->qualname() == "GraphModule" && cls->module() == "torch.fx.graph_module") {
      return py::Ref<Graph>(in.GetAttr(module, "graph").As<Graph>());
    }
  }
  return {};
}

Result<GraphText> SymbolicTrace(Interpreter& in, const Value& root) {
  GraphText text;
  auto traced = in.Try([&] {
    if (const auto graph = GraphOfModule(in, root)) {
      text = TextOf(in, *graph);
      text.root_class = in.TypeOf(root)->module() + "." + in.TypeName(root);
      return Value::None();
    }
    text = TextOf(in, *NewTracer(in)->Trace(in, root));
    text.root_class = in.TypeOf(root)->FullName();
    return Value::None();
  });
  if (!traced.ok()) return traced.status();
  return text;
}

}  // namespace fusepack::fx
