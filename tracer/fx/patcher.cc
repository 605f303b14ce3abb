// torch.fx patches a wrapped name in the globals of the module that registered it; a name taken elsewhere by `from m
// import f` is traced through. Modules run their statements on demand here, so such an import may happen during the trace
// and take the wrapper: a call from a module that holds the wrapper as a global of its own goes to the original.
#include "tracer/fx/patcher.h"

#include "tracer/python/callables.h"

namespace fusepack::fx {

using py::Args;
using py::Interpreter;
using py::Value;

namespace {

struct WrapperType {
  explicit WrapperType(Interpreter& in) {
    py::NativeType definition;
    definition.name = "function";
    definition.module = "builtins";
    definition.dunders = "__call__";
    definition.subclassable = false;
    type = in.DefineType(definition);
  }
  py::Type* type;
};

bool HoldsAsGlobal(const py::Module* module, const py::Object* wrapper) {
  for (const auto& entry : module->globals()->table.entries()) {
    if (entry.key && entry.value.object_or_null() == wrapper) return true;
  }
  return false;
}

}  // namespace

bool WrappedFunction::GetAttr(Interpreter& in, py::Str* name, Value* out) {
  *out = in.FindAttr(original, name);
  return static_cast<bool>(*out);
}

Value WrappedFunction::Call(Interpreter& in, const Args& args) {
  Proxy* proxy = FindProxy(args);
  if (proxy == nullptr) return in.Call(original, args);
  if (home != nullptr) {
    const py::Module* caller = in.CurrentModule();
    if (caller != nullptr && caller != home && HoldsAsGlobal(caller, this)) return in.Call(original, args);
  }
  const Value made = RecordCall(in, proxy->tracer(in), NodeOp::kCallFunction, original, args);
  if (Proxy* result = made.As<Proxy>()) result->node(in)->meta(in).Set(in.Intern("is_wrapped"), Value::Bool(true));
  return made;
}

Patcher::Patcher(Interpreter& in, Tracer& tracer)
    : in_(in),
      tracer_(tracer),
      hooks_(in.State<torch::ModuleHooks>()),
      registry_(in.State<torch::WrapRegistry>()),
      old_hooks_(hooks_),
      old_on_add_(registry_.on_add),
      parameter_proxies_(in.NewDict()) {
  const py::Ref<Tracer> kept(&tracer);
  hooks_.call = [this, kept](Interpreter& in, const Value& module, const Args& args, const torch::ModuleHooks::Forward& forward) {
    const Value method = in.FindAttr(module, "forward");
    const Value function = method && method.As<py::BoundMethod>() ? method.As<py::BoundMethod>()->function : method;
    if (const auto* definition = function ? function.As<py::Function>() : nullptr) CheckAutowrap(definition->module.get());
    return dispatch::CallModule(in, *kept, module, forward, args);
  };
  hooks_.getattr = [kept, cache = parameter_proxies_](Interpreter& in, const Value&, py::Str* name, const Value& found) {
    return dispatch::GetModuleAttr(in, *kept, name->text(), found, cache.get());
  };
  registry_.on_add = [this](const torch::WrapRegistry::Entry& entry, const Value& function) -> Value {
    if (!function) {
      Wrap(entry.module, entry.name, Value());
      return Value();
    }
    // A decorator: the name is not bound yet, so what it binds is the wrapper.
    if (!seen_.insert({entry.module.get(), entry.name}).second) return function;
    Wrap(entry.module, entry.name, function);
    return patched_.back().wrapper;
  };
  const std::vector<torch::WrapRegistry::Entry> entries = registry_.entries;
  for (const auto& entry : entries) Wrap(entry.module, entry.name, Value());
  for (const Value& module : tracer.autowrap_modules_) {
    if (auto* m = module.As<py::Module>()) CheckAutowrap(m);
  }
}

Patcher::~Patcher() {
  hooks_ = old_hooks_;
  registry_.on_add = old_on_add_;
  for (auto it = patched_.rbegin(); it != patched_.rend(); ++it) {
    py::Dict* globals = it->module->globals();
    if (!globals->Get(it->name).Is(it->wrapper)) continue;  // somebody bound the name anew
    if (it->own) globals->Set(it->name, it->original);
    else globals->table.Erase(it->name);
  }
}

void Patcher::Wrap(const py::Ref<py::Module>& module, const std::string& name, const Value& made) {
  if (!made && !seen_.insert({module.get(), name}).second) return;
  py::Str* interned = in_.Intern(name);
  Value original = made ? made : module->Get(in_, interned);
  const bool own = static_cast<bool>(original);
  if (!own) original = in_.GetBuiltin(name);
  if (!original) return;  // a name that the module never defines: nothing calls it
  // Imported from a module where it is wrapped too.
  if (const auto* wrapped = original.As<WrappedFunction>()) original = Value(wrapped->original);
  const auto wrapper = in_.New<WrappedFunction>(in_.State<WrapperType>().type, original);
  wrapper->home = module.get();
  if (!made) module->Set(in_, interned, Value(wrapper));
  patched_.push_back({module, interned, original, Value(wrapper), own});
}

void Patcher::CheckAutowrap(py::Module* module) {
  if (!checked_.insert(module).second) return;
  std::vector<std::pair<std::string, Value>> found;
  for (const auto& entry : module->globals()->table.entries()) {
    const auto* name = entry.key ? entry.key.As<py::Str>() : nullptr;
    if (name == nullptr || name->text().starts_with("_") || !entry.value.is_object()) continue;
    if (tracer_.autowrap_.count(entry.value.object()) != 0) found.emplace_back(name->text(), entry.value);
  }
  for (const auto& [name, function] : found) {
    if (!seen_.insert({module, name}).second) continue;
    const auto wrapper = in_.New<WrappedFunction>(in_.State<WrapperType>().type, function);
    py::Str* interned = in_.Intern(name);
    module->globals()->Set(interned, Value(wrapper));
    patched_.push_back({py::Ref<py::Module>(module), interned, function, Value(wrapper), true});
  }
}

}  // namespace fusepack::fx
