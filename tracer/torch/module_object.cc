// PyTorch's Module.__setattr__, as it decides: a Parameter goes to _parameters and leaves the other places; a name that
// is a parameter takes only Parameters and None; a Module goes to _modules; a tensor (or None) whose name is a buffer
// goes to _buffers; a Buffer makes one; everything else is a plain attribute.
#include "tracer/torch/module_object.h"

#include "tracer/torch/overrides.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::Dict;
using py::Interpreter;
using py::Str;
using py::Value;

namespace {

struct ModuleState {
  explicit ModuleState(Interpreter& in)
      : parameters(in.Intern("_parameters")), buffers(in.Intern("_buffers")), modules(in.Intern("_modules")),
        non_persistent(in.Intern("_non_persistent_buffers_set")), forward(in.Intern("forward")),
        forward_hooks(in.Intern("_forward_hooks")), pre_hooks(in.Intern("_forward_pre_hooks")),
        call_with_hooks(in.Intern("_call_with_hooks")), dict(in.Intern("__dict__")), cls(in.Intern("__class__")) {}
  Str *parameters, *buffers, *modules, *non_persistent, *forward, *forward_hooks, *pre_hooks, *call_with_hooks, *dict, *cls;
  py::Type* parameter_type = nullptr;  // found when first needed: the prelude makes them
  py::Type* buffer_type = nullptr;
  py::Type* base = nullptr;

  bool IsParameter(Interpreter& in, const Value& v) {
    if (AsTensor(v) == nullptr) return false;
    Load(in);
    return in.IsInstance(v, parameter_type);
  }
  bool IsBuffer(Interpreter& in, const Value& v) {
    if (AsTensor(v) == nullptr) return false;
    Load(in);
    return in.IsInstance(v, buffer_type);
  }

 private:
  void Load(Interpreter& in) {
    if (parameter_type != nullptr) return;
    const Value module = in.Import("torch.nn.parameter");
    buffer_type = in.GetAttr(module, "Buffer").As<py::Type>();
    parameter_type = in.GetAttr(module, "Parameter").As<py::Type>();
  }
};

Dict* Members(ModuleObject* self, Str* name) {
  if (self->dict() == nullptr) return nullptr;
  return self->dict()->Get(name).As<Dict>();
}

bool NotEmpty(ModuleObject* self, Str* name) {
  Dict* dict = Members(self, name);
  return dict != nullptr && dict->size() > 0;
}

ModuleObject* Self(Interpreter& in, const Value& v) {
  auto* module = v.As<ModuleObject>();
  if (module == nullptr) in.RaiseTypeError("expected a torch.nn.Module, not " + in.TypeName(v));
  return module;
}

}  // namespace

Value ModuleObject::FindMember(Interpreter& in, Str* name) {
  ModuleState& state = in.State<ModuleState>();
  for (Str* place : {state.parameters, state.buffers, state.modules}) {
    if (Dict* dict = Members(this, place)) {
      if (Value found = dict->Get(name)) return found;
    }
  }
  return Value();
}

bool ModuleObject::GetAttr(Interpreter& in, Str* name, Value* out) {
  if (py::Object::GetAttr(in, name, out)) return true;
  const Value found = FindMember(in, name);
  if (!found) return false;
  ModuleHooks& hooks = in.State<ModuleHooks>();
  *out = hooks.getattr ? hooks.getattr(in, Value(this), name, found) : found;
  return true;
}

bool ModuleObject::SetAttr(Interpreter& in, Str* name, const Value& value) {
  ModuleState& state = in.State<ModuleState>();
  Dict *parameters = Members(this, state.parameters), *buffers = Members(this, state.buffers),
       *modules = Members(this, state.modules);
  const auto leave = [&](std::initializer_list<Dict*> places) {
    if (dict() != nullptr) dict()->table.Erase(name);
    for (Dict* place : places) {
      if (place != nullptr) place->table.Erase(name);
    }
    if (dict() != nullptr) {
      if (auto* set = dict()->Get(state.non_persistent).As<py::Set>()) set->table.Erase(name);
    }
  };
  const auto refuse = [&](const char* as, const char* expected) {
    in.RaiseTypeError("cannot assign '" + in.TypeOf(value)->FullName() + "' as " + as + " '" + name->text() + "' (" + expected + " expected)");
  };
  if (state.IsParameter(in, value)) {
    if (parameters == nullptr) in.Raise(in.types().attribute_error, "cannot assign parameters before Module.__init__() call");
    leave({buffers, modules});
    parameters->Set(name, value);
    return true;
  }
  if (parameters != nullptr && parameters->Get(name)) {
    if (!value.is_none()) refuse("parameter", "torch.nn.Parameter or None");
    parameters->Set(name, value);
    return true;
  }
  if (value.As<ModuleObject>()) {
    if (modules == nullptr) in.Raise(in.types().attribute_error, "cannot assign module before Module.__init__() call");
    leave({parameters, buffers});
    modules->Set(name, value);
    return true;
  }
  if (modules != nullptr && modules->Get(name)) {
    if (!value.is_none()) refuse("child module", "torch.nn.Module or None");
    modules->Set(name, value);
    return true;
  }
  const bool is_buffer = state.IsBuffer(in, value);
  if (is_buffer || (buffers != nullptr && buffers->Get(name))) {
    if (!value.is_none() && AsTensor(value) == nullptr) refuse("buffer", "torch.nn.Buffer, torch.Tensor or None");
    if (buffers == nullptr) in.Raise(in.types().attribute_error, "cannot assign buffer before Module.__init__() call");
    if (is_buffer && !buffers->Get(name)) {
      const Value persistent = in.GetAttr(value, "persistent");
      in.CallMethod(Value(this), "register_buffer", {Value(name), value, persistent});
    } else {
      buffers->Set(name, value);
    }
    return true;
  }
  return py::Object::SetAttr(in, name, value);
}

bool ModuleObject::DelAttr(Interpreter& in, Str* name) {
  ModuleState& state = in.State<ModuleState>();
  for (Str* place : {state.parameters, state.buffers, state.modules}) {
    Dict* members = Members(this, place);
    if (members == nullptr || !members->Get(name)) continue;
    members->table.Erase(name);
    if (auto* set = dict()->Get(state.non_persistent).As<py::Set>()) set->table.Erase(name);
    return true;
  }
  return py::Object::DelAttr(in, name);
}

namespace {

// The qualified name of the running module, for the nodes of a trace.
class Scope {
 public:
  Scope(Interpreter& in, ModuleObject* module) : trace_(StateOf(in).trace) {
    if (trace_ == nullptr) return;
    const auto found = trace_->module_names.find(module);
    trace_->scopes.push_back(found != trace_->module_names.end() ? found->second
                             : trace_->scopes.empty()            ? ""
                                                                 : trace_->scopes.back());
  }
  ~Scope() {
    if (trace_ != nullptr) trace_->scopes.pop_back();
  }

 private:
  Trace* trace_;
};

Value Forward(Interpreter& in, ModuleObject* self, const Args& args) {
  ModuleState& state = in.State<ModuleState>();
  Scope scope(in, self);
  if (NotEmpty(self, state.forward_hooks) || NotEmpty(self, state.pre_hooks)) {
    return in.Call(in.GetAttr(Value(self), state.call_with_hooks), args);
  }
  return in.Call(in.GetAttr(Value(self), state.forward), args);
}

}  // namespace

Value ModuleObject::Call(Interpreter& in, const Args& args) {
  py::CallScope guard(in);
  const py::Ref<ModuleObject> kept(this);
  ModuleHooks& hooks = in.State<ModuleHooks>();
  if (!hooks.call) return Forward(in, this, args);
  return hooks.call(in, Value(this), args, [&in, this](const Args& given) { return Forward(in, this, given); });
}

py::Type* DefineModuleBase(Interpreter& in) {
  ModuleState& state = in.State<ModuleState>();
  if (state.base != nullptr) return state.base;
  py::NativeType type;
  type.name = "_ModuleBase";
  type.module = "torch._C";
  type.dunders = "__call__ __setattr__ __delattr__";
  type.instances_have_dict = true;
  type.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<ModuleObject>(cls)); };
  type.methods.push_back({"__getattr__", "self, name", [](Interpreter& in, py::BoundArgs& a) {
    const Value found = Self(in, a[0])->FindMember(in, in.Intern(a.Text(1)));
    if (!found) in.RaiseAttributeError(a[0], in.Intern(a.Text(1)));
    return found;
  }});
  return state.base = in.DefineType(type);
}

}  // namespace fusepack::torch
