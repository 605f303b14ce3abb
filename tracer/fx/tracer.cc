// Symbolic tracing (torch/fx/_symbolic_trace.py): placeholders for the parameters of forward, one run of its body with
// the hooks in place, one output node. A parameter is one get_attr node, cached; a buffer or constant a new one a use.
#include "tracer/fx/tracer.h"

#include <set>

#include "tracer/fx/python_code.h"
#include "tracer/python/callables.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::Interpreter;
using py::Keyword;
using py::Value;

struct ProxyTypes {
  explicit ProxyTypes(Interpreter& in) {
    py::NativeType definition;
    definition.name = "Proxy";
    definition.module = "torch.fx.proxy";
    definition.subclassable = false;
    definition.dunders =
        "__add__ __sub__ __mul__ __matmul__ __truediv__ __floordiv__ __mod__ __pow__ __lshift__ __rshift__ __and__ "
        "__xor__ __or__ __neg__ __pos__ __invert__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __getitem__ __len__ "
        "__iter__ __bool__ __call__";
    definition.methods.push_back({"__abs__", "self", [](Interpreter& interpreter, py::BoundArgs& args) {
                                    const Value function = interpreter.GetAttr(interpreter.Import("operator"), "abs");
                                    const std::vector<Value> operands = {args[0]};
                                    return args[0].As<Proxy>()->tracer().CreateProxy(NodeOp::kCallFunction, function,
                                                                                     Args(operands));
                                  }});
    proxy = in.DefineType(definition);
    trace_error = in.NewClass("TraceError", {Value(in.types().value_error)}, in.NewDict(), "torch.fx.proxy");
  }
  py::Type *proxy, *trace_error;
};

// A proxy anywhere among the arguments, inside containers too.
bool HasProxy(const Value& v) {
  if (v.As<Proxy>() != nullptr) return true;
  if (const auto* tuple = v.As<py::Tuple>()) {
    for (const Value& item : tuple->items()) {
      if (HasProxy(item)) return true;
    }
  } else if (const auto* list = v.As<py::List>()) {
    for (const Value& item : list->items()) {
      if (HasProxy(item)) return true;
    }
  } else if (const auto* dict = v.As<py::Dict>()) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key && HasProxy(entry.value)) return true;
    }
  } else if (const auto* slice = v.As<py::Slice>()) {
    return HasProxy(slice->start) || HasProxy(slice->stop) || HasProxy(slice->step);
  }
  return false;
}

bool HasProxy(const Args& args) {
  for (const Value& v : args.positional) {
    if (HasProxy(v)) return true;
  }
  for (const Keyword& k : args.keywords) {
    if (HasProxy(k.value)) return true;
  }
  return false;
}

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

}  // namespace

// The hooks and patched names of one trace.
class Tracer::Patches {
 public:
  explicit Patches(Tracer& tracer)
      : in_(tracer.in_),
        tracer_(tracer),
        hooks_(in_.State<torch::ModuleHooks>()),
        registry_(in_.State<torch::WrapRegistry>()),
        old_hooks_(hooks_),
        old_on_add_(registry_.on_add) {
    hooks_.call = [&tracer](Interpreter&, const Value& module, const Args& args, const torch::ModuleHooks::Forward& forward) {
      return tracer.CallModule(module, args, forward);
    };
    hooks_.getattr = [&tracer](Interpreter&, const Value&, py::Str*, const Value& found) {
      return tracer.GetModuleAttr(found);
    };
    registry_.on_add = [this](const torch::WrapRegistry::Entry& entry) { Patch(entry.module, entry.name); };
    const std::vector<torch::WrapRegistry::Entry> entries = registry_.entries;
    for (const auto& entry : entries) Patch(entry.module, entry.name);
    const Value math = in_.Import("math");
    if (auto* module = math.As<py::Module>()) {
      std::vector<std::string> names;
      for (const auto& entry : module->globals()->table.entries()) {
        if (entry.key && in_.IsCallable(entry.value)) names.push_back(in_.ToStr(entry.key));
      }
      for (const std::string& name : names) {
        if (name[0] != '_') Patch(py::Ref<py::Module>(module), name);
      }
    }
  }

  ~Patches() {
    *live_ = false;
    hooks_ = old_hooks_;
    registry_.on_add = old_on_add_;
    for (auto it = patched_.rbegin(); it != patched_.rend(); ++it) {
      if (it->own) {
        it->module->globals()->Set(it->name, it->original);
      } else {
        it->module->globals()->table.Erase(it->name);
      }
    }
  }

 private:
  struct Patched {
    py::Ref<py::Module> module;
    py::Str* name;
    Value original;
    bool own;  // the module had it; else it was a built-in
  };

  void Patch(const py::Ref<py::Module>& module, const std::string& name) {
    if (!seen_.insert({module.get(), name}).second) return;
    py::Str* interned = in_.Intern(name);
    Value original = module->Get(in_, interned);
    const bool own = static_cast<bool>(original);
    if (!own) original = in_.GetBuiltin(name);
    if (!original) return;  // wrapped a name that the module never defines: nothing calls it
    Tracer& tracer = tracer_;
    const Value wrapper = in_.NewRawFunction(name, [original, &tracer, live = live_](Interpreter& in, const Args& args) {
      if (!*live || !HasProxy(args)) return in.Call(original, args);
      const Value proxy = tracer.CreateProxy(NodeOp::kCallFunction, original, args);
      proxy.As<Proxy>()->node(in)->is_wrapped = true;
      return proxy;
    });
    module->Set(in_, interned, wrapper);
    patched_.push_back({module, interned, original, own});
  }

  Interpreter& in_;
  Tracer& tracer_;
  torch::ModuleHooks& hooks_;
  torch::WrapRegistry& registry_;
  torch::ModuleHooks old_hooks_;
  std::function<void(const torch::WrapRegistry::Entry&)> old_on_add_;
  std::set<std::pair<const py::Module*, std::string>> seen_;
  std::vector<Patched> patched_;
  // A module that ran `from math import sqrt` during the trace keeps the wrapper; it is transparent afterwards.
  std::shared_ptr<bool> live_ = std::make_shared<bool>(true);
};

Tracer::Tracer(Interpreter& in)
    : in_(in), proxy_type_(in.State<ProxyTypes>().proxy), graph_(in.New<Graph>(in.State<Types>().graph)) {}

void Tracer::RaiseTraceError(std::string message) { in_.Raise(in_.State<ProxyTypes>().trace_error, std::move(message)); }

bool Tracer::IsLeafModule(const Value& module, const std::string&) {
  const std::string& home = in_.TypeOf(module)->module();
  const bool of_torch = home.rfind("torch.nn", 0) == 0 || home.rfind("torch.ao.nn", 0) == 0;
  return of_torch && !in_.IsInstance(module, in_.GetAttr(in_.Import("torch.nn"), "Sequential"));
}

std::string Tracer::PathOfModule(const Value& module) {
  const auto found = module_paths_.find(module.object_or_null());
  if (found == module_paths_.end()) in_.Raise(in_.types().name_error, "module is not installed as a submodule");
  return found->second;
}

Value Tracer::CallModule(const Value& module, const Args& args, const torch::ModuleHooks::Forward& forward) {
  const std::string path = PathOfModule(module);
  if (!IsLeafModule(module, path)) return forward(args);
  return CreateProxy(NodeOp::kCallModule, in_.NewStr(path), args);
}

Value Tracer::GetModuleAttr(const Value& found) {
  const auto name = parameter_names_.find(found.object_or_null());
  if (name == parameter_names_.end()) return found;
  Value& proxy = parameter_proxies_[name->second];
  if (!proxy) proxy = CreateProxy(NodeOp::kGetAttr, in_.NewStr(name->second), Args());
  return proxy;
}

Value Tracer::CreateProxy(NodeOp op, Value target, const Args& args, const std::string& name, Value type) {
  std::vector<Value> positional;
  for (const Value& v : args.positional) positional.push_back(CreateArg(v));
  const auto keywords = in_.NewDict();
  for (const Keyword& k : args.keywords) keywords->Set(k.name, CreateArg(k.value));
  Node* node = graph_->CreateNode(in_, op, std::move(target), in_.NewTuple(std::move(positional)), keywords, name,
                                  std::move(type));
  return in_.New<Proxy>(proxy_type_, this, node);
}

Value Tracer::CreateArg(const Value& value) {
  py::CallScope scope(in_);
  if (auto* proxy = value.As<Proxy>()) return Value(proxy->node(in_));
  if (value.As<torch::TensorObject>() != nullptr) return CreateTensorArg(value);
  if (const auto* tuple = value.As<py::Tuple>()) {
    std::vector<Value> items;
    for (const Value& item : tuple->items()) items.push_back(CreateArg(item));
    const Value fields = in_.FindAttr(value, "_fields");
    if (!fields) return in_.NewTuple(std::move(items));  // torch.Size too
    const Value result = CreateProxy(NodeOp::kCallFunction, Value(in_.TypeOf(value)), Args(tuple->items()));
    return Value(result.As<Proxy>()->node(in_));
  }
  if (const auto* list = value.As<py::List>()) {
    std::vector<Value> items;
    for (const Value& item : list->items()) items.push_back(CreateArg(item));
    return in_.NewList(std::move(items));
  }
  if (const auto* dict = value.As<py::Dict>()) {
    const auto out = in_.NewDict();
    for (const auto& entry : dict->table.entries()) {
      if (!entry.key) continue;
      if (HasProxy(entry.key)) in_.Raise(in_.types().runtime_error, "Keys for dictionaries used as an argument cannot contain a Node. Got key: " + in_.Repr(entry.key));
      out->table.Set(in_, entry.key, CreateArg(entry.value));
    }
    return out;
  }
  if (const auto* slice = value.As<py::Slice>()) {
    return in_.NewSlice(CreateArg(slice->start), CreateArg(slice->stop), CreateArg(slice->step));
  }
  if (const Value fields = in_.FindAttr(value, "__dataclass_fields__"); fields && value.As<py::Type>() == nullptr) {
    std::vector<Keyword> keywords;
    const Value iterator = in_.Iter(fields);
    for (Value name; in_.Next(iterator, &name);) {
      const std::string text = in_.ToStr(name);
      keywords.push_back({in_.Intern(text), in_.GetAttr(value, text)});
    }
    const Value result = CreateProxy(NodeOp::kCallFunction, Value(in_.TypeOf(value)), Args({}, keywords));
    return Value(result.As<Proxy>()->node(in_));
  }
  const bool opaque = value.As<py::Instance>() != nullptr || value.As<py::Module>() != nullptr;
  if (opaque && !in_.IsInstance(value, in_.GetAttr(in_.Import("enum"), "Enum"))) {
    in_.Raise(in_.types().not_implemented_error, "argument of type: " + in_.Repr(Value(in_.TypeOf(value))));
  }
  return value;
}

Value Tracer::CreateTensorArg(const Value& tensor) {
  const py::Object* object = tensor.object();
  std::string name;
  if (const auto parameter = parameter_names_.find(object); parameter != parameter_names_.end()) {
    name = parameter->second;
  } else if (const auto known = tensor_names_.find(object); known != tensor_names_.end()) {
    name = known->second;
  } else {
    for (int i = 0;; i++) {
      name = "_tensor_constant" + std::to_string(i);
      bool taken = static_cast<bool>(in_.FindAttr(root_, name));
      for (const auto& constant : tensor_constants_) taken |= constant.first == name;
      if (!taken) break;
    }
    tensor_names_[object] = name;
    tensor_constants_.emplace_back(name, tensor);
  }
  return Value(graph_->CreateNode(in_, NodeOp::kGetAttr, in_.NewStr(name), in_.NewTuple({}), in_.NewDict()));
}

void Tracer::CollectTensorAttributes(const Value& module, const std::string& prefix) {
  if (const py::Dict* dict = in_.InstanceDict(module)) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key && entry.value.As<torch::TensorObject>() != nullptr) {
        tensor_names_.emplace(entry.value.object(), prefix + in_.ToStr(entry.key));
      }
    }
  }
  ForEachNamed(in_, module, "named_children", [&](const std::string& name, const Value& child) {
    CollectTensorAttributes(child, prefix + name + ".");
  });
}

py::Ref<Graph> Tracer::Trace(const Value& root) {
  root_ = root;
  ForEachNamed(in_, root, "named_modules", [&](const std::string& n, const Value& m) { module_paths_.emplace(m.object(), n); });
  ForEachNamed(in_, root, "named_parameters", [&](const std::string& n, const Value& p) { parameter_names_.emplace(p.object(), n); });
  ForEachNamed(in_, root, "named_buffers", [&](const std::string& n, const Value& b) { tensor_names_.emplace(b.object(), n); });
  CollectTensorAttributes(root, "");

  const Value forward = in_.GetAttr(Value(in_.TypeOf(root)), "forward");
  Value definition = forward;
  while (definition.As<py::Function>() == nullptr) {
    const Value wrapped = in_.FindAttr(definition, "__wrapped__");
    if (!wrapped) RaiseTraceError("forward of " + in_.TypeName(root) + " is no Python function");
    definition = wrapped;
  }
  auto* function = definition.As<py::Function>();
  const py::Code& code = *function->code;

  Value annotations;  // one that cannot be evaluated here is left out, as nothing runs by it
  try {
    annotations = in_.FindAttr(definition, "__annotations__");
  } catch (const py::Raised&) {
  }
  const auto annotation = [&](const std::string& name) -> Value {
    const auto* dict = annotations ? annotations.As<py::Dict>() : nullptr;
    if (dict == nullptr) return {};
    const Value* found = const_cast<py::Dict*>(dict)->table.Find(in_.Intern(name));
    return found != nullptr ? *found : Value();
  };

  // Placeholders: positional parameters, then keyword-only ones, then *args and **kwargs as a proxy each.
  const int named = code.positional + code.keyword_only;
  std::vector<Value> defaults(code.parameter_names.size());
  if (const auto* tuple = function->defaults.As<py::Tuple>()) {
    for (size_t i = 0; i < tuple->size(); i++) defaults[code.positional - tuple->size() + i] = (*tuple)[i];
  }
  if (auto* dict = function->keyword_defaults.As<py::Dict>()) {
    for (int i = code.positional; i < named; i++) {
      if (const Value* found = dict->table.Find(code.parameter_names[i])) defaults[i] = *found;
    }
  }
  std::vector<Value> proxies = {root};
  for (size_t i = 1; i < code.parameter_names.size(); i++) {
    const std::string& name = code.parameter_names[i]->text();
    const bool varargs = code.has_varargs && static_cast<int>(i) == named;
    const bool varkw = code.has_varkw && static_cast<int>(i) == named + code.has_varargs;
    const std::string target = (varargs ? "*" : varkw ? "**" : "") + name;
    const std::vector<Value> args = defaults[i] ? std::vector<Value>{defaults[i]} : std::vector<Value>{};
    proxies.push_back(CreateProxy(NodeOp::kPlaceholder, in_.NewStr(target), Args(args), "", annotation(name)));
  }

  Value result;
  {
    Patches patches(*this);
    if (forward.Is(definition)) {
      // The frame is filled by hand, so that *args and **kwargs are proxies themselves.
      std::vector<Value> positional(proxies.begin(), proxies.begin() + code.positional);
      std::vector<Keyword> keywords;
      for (int i = code.positional; i < named; i++) keywords.push_back({code.parameter_names[i], proxies[i]});
      const auto frame = py::BindFrame(in_, function, nullptr, Args(positional, keywords));
      for (size_t i = named; i < proxies.size(); i++) frame->locals[i] = proxies[i];
      bool yielded = false;
      result = py::RunFrame(in_, frame.get(), &yielded);
    } else {
      result = in_.Call(forward, Args(proxies));
    }
  }
  const std::vector<Value> output = {CreateArg(result)};
  graph_->CreateNode(in_, NodeOp::kOutput, in_.NewStr("output"), in_.NewTuple(output), in_.NewDict(), "", annotation("return"));
  return graph_;
}

Result<GraphText> SymbolicTrace(Interpreter& in, const Value& root) {
  GraphText text;
  auto traced = in.Try([&] {
    Tracer tracer(in);
    const auto graph = tracer.Trace(root);
    text.code = PythonCode(in, *graph).code;
    text.tracer_class = "torch.fx._symbolic_trace.Tracer";
    text.root_class = in.TypeOf(root)->FullName();
    for (const auto& node : graph->nodes()) {
      NodeText row;
      row.op = NodeOpName(node->op);
      row.name = node->name;
      row.target = node->target.As<py::Str>() != nullptr ? node->target_text() : QualifiedName(in, node->target);
      row.args = in.Repr(node->args);
      row.kwargs = in.Repr(node->kwargs);
      row.where = node->where;
      text.nodes.push_back(std::move(row));
    }
    return Value::None();
  });
  if (!traced.ok()) return traced.status();
  return text;
}

}  // namespace fusepack::fx
