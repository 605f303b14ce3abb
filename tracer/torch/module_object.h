// torch._C._ModuleBase: the C++ half of torch.nn.Module.
//
// torch.nn.Module (prelude/torch/nn/modules/module.py) derives from it. Here are what runs at every attribute access and
// call: parameters, buffers and submodules as attributes, assignment by PyTorch's rules, and __call__ with hooks,
// ModuleHooks (overrides.h) and the scope that a running trace puts on its nodes.
#pragma once

#include "tracer/python/interpreter.h"

namespace fusepack::torch {

class ModuleObject : public py::Object {
 public:
  bool GetAttr(py::Interpreter& in, py::Str* name, py::Value* out) override;
  bool SetAttr(py::Interpreter& in, py::Str* name, const py::Value& value) override;
  bool DelAttr(py::Interpreter& in, py::Str* name) override;
  py::Value Call(py::Interpreter& in, const py::Args& args) override;
  bool IsCallable() const override { return true; }

  // What `name` is among _parameters, _buffers and _modules; null: nothing.
  py::Value FindMember(py::Interpreter& in, py::Str* name);
};

py::Type* DefineModuleBase(py::Interpreter& in);

}  // namespace fusepack::torch
