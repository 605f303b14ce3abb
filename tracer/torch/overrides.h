// Overrides: the three places where a tracer (tracer/fx, tracer/torch/trace) sees what evaluated code does with torch.
// tracer/torch calls them; it knows no tracer.
//
// One set of hooks an Interpreter: `in.State<ModuleHooks>()`, `in.State<WrapRegistry>()`. A tracer puts its hooks in
// when it starts and the former ones back when it ends, also when an exception passes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tracer/python/interpreter.h"

namespace fusepack::torch {

// An object that takes over torch functions called with it, as __torch_function__ does (torch.fx.Proxy). A native
// type derives from py::Object first, then from this. Dispatch looks for one among all arguments, also inside tuples,
// lists and dicts, before it binds them.
class TorchFunctionObject {
 public:
  virtual ~TorchFunctionObject() = default;
  // `function` is what was called ("torch.relu", or torch.nn.functional's Python function); for a method of
  // torch.Tensor, `method` is its name ("add_") and args begin with self. `method` is empty for functions.
  virtual py::Value TorchFunction(py::Interpreter& in, const py::Value& function, const std::string& method,
                                  const py::Args& args) = 0;
};

struct ModuleHooks {
  // torch.nn.Module.__call__(module, *args): `forward` does what a call does without the hook (hooks of the module,
  // then its forward). Empty: no hook.
  using Forward = std::function<py::Value(const py::Args& args)>;
  std::function<py::Value(py::Interpreter& in, const py::Value& module, const py::Args& args, const Forward& forward)> call;
  // torch.nn.Module.__getattr__: what was found among parameters, buffers and submodules, and what the code gets
  // instead. Empty: no hook.
  std::function<py::Value(py::Interpreter& in, const py::Value& module, py::Str* name, const py::Value& found)> getattr;
};

// What torch.fx.wrap("name") calls said, in order.
struct WrapRegistry {
  struct Entry {
    py::Ref<py::Module> module;  // whose global it is
    std::string name;
  };
  std::vector<Entry> entries;
  // A tracer at work patches names that come late; may be empty. `function` is what a decorator wraps, null where a name
  // was given; what is returned is bound instead of it.
  std::function<py::Value(const Entry&, const py::Value& function)> on_add;
};

}  // namespace fusepack::torch
