// The trace runs twice where the first run pinned sizes: guards "s1 == 3" say which symbols are constants, and the second
// run has them as such from the start, so no expression mentions them.
#include "tracer/torch/trace.h"

#include <optional>
#include <set>

#include "tracer/torch/dispatch.h"
#include "tracer/torch/module_object.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::Interpreter;
using py::Value;

namespace {

constexpr int kMaxOutputDepth = 32;

// Qualified names of all submodules, root first.
struct ModuleTree {
  std::vector<std::pair<std::string, py::Ref<ModuleObject>>> modules;
};

void Walk(Interpreter& in, ModuleObject* module, const std::string& name, std::set<py::Object*>* seen, ModuleTree* out,
          int depth) {
  if (depth > 200 || !seen->insert(module).second) return;
  out->modules.emplace_back(name, py::Ref<ModuleObject>(module));
  if (module->dict() == nullptr) return;
  auto* children = module->dict()->Get(in.Intern("_modules")).As<py::Dict>();
  if (children == nullptr) return;
  for (const auto& entry : std::vector(children->table.entries())) {
    if (!entry.key) continue;
    auto* child = entry.value.As<ModuleObject>();
    auto* key = entry.key.As<py::Str>();
    if (child != nullptr && key != nullptr) {
      Walk(in, child, name.empty() ? key->text() : name + "." + key->text(), seen, out, depth + 1);
    }
  }
}

ModuleTree TreeOf(Interpreter& in, const Value& module) {
  ModuleTree tree;
  std::set<py::Object*> seen;
  if (auto* root = module.As<ModuleObject>()) Walk(in, root, "", &seen, &tree, 0);
  return tree;
}

template <typename F>  // f(name, TensorObject&, is_parameter)
void ForEachState(Interpreter& in, const ModuleTree& tree, F f) {
  for (const bool parameters : {true, false}) {
    for (const auto& item : tree.modules) {
      const std::string& name = item.first;
      ModuleObject* module = item.second.get();
      if (module->dict() == nullptr) continue;
      auto* members = module->dict()->Get(in.Intern(parameters ? "_parameters" : "_buffers")).As<py::Dict>();
      if (members == nullptr) continue;
      for (const auto& entry : members->table.entries()) {
        if (!entry.key) continue;
        TensorObject* tensor = AsTensor(entry.value);
        auto* key = entry.key.As<py::Str>();
        if (tensor != nullptr && key != nullptr && !tensor->traced()) {
          f(name.empty() ? key->text() : name + "." + key->text(), *tensor, parameters);
        }
      }
    }
  }
}

// Calls f(path, value) for every tensor or number of what forward returned.
template <typename F>
void ForEachOutput(Interpreter& in, const Value& v, const std::string& path, int depth, F& f) {
  if (depth > kMaxOutputDepth) RaiseRuntime(in, "forward returned a structure nested more than 32 deep");
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (v.is_none()) return;
  if (auto* tuple = v.As<py::Tuple>()) {
    for (size_t i = 0; i < tuple->size(); i++) ForEachOutput(in, (*tuple)[i], below(std::to_string(i)), depth + 1, f);
  } else if (auto* list = v.As<py::List>()) {
    for (size_t i = 0; i < list->size(); i++) ForEachOutput(in, (*list)[i], below(std::to_string(i)), depth + 1, f);
  } else if (auto* dict = v.As<py::Dict>()) {
    for (const auto& entry : std::vector(dict->table.entries())) {
      if (entry.key) ForEachOutput(in, entry.value, below(in.ToStr(entry.key)), depth + 1, f);
    }
  } else {
    f(path, v);
  }
}

class TraceGuard {
 public:
  TraceGuard(TorchState& state, Trace* trace) : state_(state) { state_.trace = trace; }
  ~TraceGuard() { state_.trace = nullptr; }

 private:
  TorchState& state_;
};

// forward's parameter names, without self; fewer than there are inputs where it takes *args.
std::vector<std::string> ParameterNames(Interpreter& in, const Value& function) {
  std::vector<std::string> names;
  try {
    const Value code = in.FindAttr(function, "__code__");
    if (!code) return names;
    const Value all = in.FindAttr(code, "co_varnames");
    const Value count = in.FindAttr(code, "co_argcount");
    if (!all || !count) return names;
    const std::vector<Value> items = in.ToVector(all);
    const size_t n = std::min<size_t>(items.size(), static_cast<size_t>(in.Index(count)));
    for (size_t i = 1; i < n; i++) names.push_back(in.ToStr(items[i]));
  } catch (const py::Raised&) {
    names.clear();
  }
  return names;
}

Graph Run(Interpreter& in, const Value& module, const std::vector<InputSpec>& inputs, const TraceOptions& options,
          const std::vector<std::vector<bool>>& fixed) {
  TorchState& state = StateOf(in);
  if (state.trace != nullptr) RaiseRuntime(in, "a trace inside a trace");
  Trace trace(options.name);
  const ModuleTree tree = TreeOf(in, module);
  for (const auto& [name, object] : tree.modules) trace.module_names[object.get()] = name;
  ForEachState(in, tree, [&](const std::string& name, TensorObject& tensor, bool) {
    const Tensor& real = tensor.real(in);
    trace.names.emplace(Trace::KeyOf(real), name);
    trace.state_storages.emplace(real.storage().get(), name);
  });
  const Value method = in.GetAttr(module, options.method);
  const std::vector<std::string> names = ParameterNames(in, method);
  std::vector<Value> arguments;
  for (size_t i = 0; i < inputs.size(); i++) {
    const InputSpec& spec = inputs[i];
    std::vector<Dim> sizes;
    for (int d = 0; d < spec.sizes.size(); d++) {
      if (!options.symbolic || fixed[i][d]) {
        sizes.push_back(Dim(spec.sizes[d]));
      } else {
        sizes.push_back(Dim::Symbol(static_cast<int>(trace.graph.symbol_hints.size()), spec.sizes[d]));
        trace.graph.symbol_hints.push_back(spec.sizes[d]);
      }
    }
    std::string name = spec.name;
    if (name.empty()) name = i < names.size() ? names[i] : "input" + std::to_string(i);
    arguments.push_back(NewTraced(in, trace, trace.graph.AddInput(name, spec.dtype, std::move(sizes))));
  }
  TraceGuard guard(state, &trace);
  const Value result = options.method == "forward" ? in.Call(module, Args(arguments)) : in.Call(method, Args(arguments));
  auto add = [&](const std::string& path, const Value& v) {
    Value tensor = v;
    if (AsTensor(v) == nullptr) {
      if (v.As<SymIntObject>()) {
        tensor = CallOp(in, "dim_to_tensor", {v});
      } else if (v.is_int() || v.is_bool() || v.is_float()) {
        tensor = NewTensor(in, ScalarTensor(in, v));
      } else {
        RaiseRuntime(in, "forward returned a " + in.TypeName(v) + (path.empty() ? "" : " at '" + path + "'") +
                             "; tensors, numbers, tuples, lists and dicts can be traced");
      }
    }
    trace.graph.outputs.push_back({AsTensor(tensor)->Read(in, trace), path});
  };
  ForEachOutput(in, result, "", 0, add);
  if (trace.graph.outputs.empty()) RaiseRuntime(in, "forward returned no tensor");
  trace.builder.Finish();
  return std::move(trace.graph);
}

// Marks the symbols that a guard "sK == number" pins. True if there are any.
bool MarkPinned(const Graph& graph, const std::vector<InputSpec>& inputs, std::vector<std::vector<bool>>* fixed) {
  std::set<std::string> pinned;
  for (const Guard& guard : graph.guards) {
    if (guard.op != Compare::kEq) continue;
    if (guard.rhs.is_constant() && !guard.lhs.is_constant()) pinned.insert(guard.lhs.ToString());
    if (guard.lhs.is_constant() && !guard.rhs.is_constant()) pinned.insert(guard.rhs.ToString());
  }
  bool any = false;
  for (size_t i = 0; i < inputs.size(); i++) {
    const std::vector<Dim>& sizes = graph.value(graph.inputs[i]).sizes;
    for (size_t d = 0; d < sizes.size(); d++) {
      if (!sizes[d].is_constant() && pinned.count(sizes[d].ToString())) {
        (*fixed)[i][d] = true;
        any = true;
      }
    }
  }
  return any;
}

Status CheckSpecs(const std::vector<InputSpec>& inputs) {
  for (const InputSpec& spec : inputs) {
    for (int64_t s : spec.sizes) {
      if (s < 0) return BadInput("input", "sizes " + spec.sizes.ToString(), "sizes of at least 0");
    }
  }
  return OkStatus();
}

}  // namespace

Result<Graph> TraceToEngine(Interpreter& in, const Value& module, const std::vector<InputSpec>& inputs,
                            const TraceOptions& options) {
  FP_RETURN_IF_ERROR(CheckSpecs(inputs));
  std::optional<Graph> graph;
  Result<Value> done = in.Try([&] {
    std::vector<std::vector<bool>> fixed;
    for (const InputSpec& spec : inputs) {
      fixed.emplace_back(spec.sizes.size(), false);
      for (size_t d = 0; d < spec.fixed_sizes.size() && d < fixed.back().size(); d++) fixed.back()[d] = spec.fixed_sizes[d];
    }
    graph = Run(in, module, inputs, options, fixed);
    // A size fixed in the second run may pin another that was compared with it.
    for (int rounds = 0; rounds < 4 && MarkPinned(*graph, inputs, &fixed); rounds++) {
      graph = Run(in, module, inputs, options, fixed);
    }
    return Value::None();
  });
  if (!done.ok()) return done.status();
  return std::move(*graph);
}

Result<std::vector<EvaluatedOutput>> EvalModule(Interpreter& in, const Value& module, const std::vector<Tensor>& inputs,
                                                const std::string& method) {
  std::vector<EvaluatedOutput> out;
  Result<Value> done = in.Try([&] {
    std::vector<Value> arguments;
    for (const Tensor& t : inputs) arguments.push_back(NewTensor(in, t));
    const Value result = method == "forward" ? in.Call(module, Args(arguments)) : in.CallMethod(module, method, Args(arguments));
    auto add = [&](const std::string& path, const Value& v) {
      const Value tensor = AsTensor(v) ? v : NewTensor(in, ScalarTensor(in, v));
      out.push_back({path, AsTensor(tensor)->real(in)});
    };
    ForEachOutput(in, result, "", 0, add);
    return Value::None();
  });
  if (!done.ok()) return done.status();
  return out;
}

Result<std::vector<NamedTensor>> ModuleState(Interpreter& in, const Value& module) {
  std::vector<NamedTensor> out;
  Result<Value> done = in.Try([&] {
    std::set<const py::Object*> seen;
    ForEachState(in, TreeOf(in, module), [&](const std::string& name, TensorObject& tensor, bool is_parameter) {
      if (seen.insert(&tensor).second) out.push_back({name, tensor.real(in), is_parameter});
    });
    return Value::None();
  });
  if (!done.ok()) return done.status();
  return out;
}

}  // namespace fusepack::torch
