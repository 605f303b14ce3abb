// Patcher: what a trace changes around it and puts back: the hooks of torch.nn.Module, and the names that torch.fx.wrap
// and the tracer's autowrap lists replace in the modules that own them. Private to tracer/fx.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tracer/fx/tracer.h"

namespace fusepack::fx {

// Stands for a function while a trace runs: called with a Proxy it becomes a node, otherwise it is the function. Code
// that binds it during the trace may keep it.
class WrappedFunction final : public py::Object {
 public:
  explicit WrappedFunction(py::Value original) : original(std::move(original)) {}
  const py::Value original;
  const py::Module* home = nullptr;  // the module where the name is wrapped

  bool GetAttr(py::Interpreter& in, py::Str* name, py::Value* out) override;
  py::Value Call(py::Interpreter& in, const py::Args& args) override;
  std::string Repr(py::Interpreter& in) override { return in.Repr(original); }
  bool IsCallable() const override { return true; }
};

class Patcher {
 public:
  Patcher(py::Interpreter& in, Tracer& tracer);
  ~Patcher();
  Patcher(const Patcher&) = delete;
  Patcher& operator=(const Patcher&) = delete;

  // Wraps the public globals of `module` that are on the tracer's autowrap lists; once a module.
  void CheckAutowrap(py::Module* module);

 private:
  struct Patched {
    py::Ref<py::Module> module;
    py::Str* name;
    py::Value original, wrapper;
    bool own;  // the module had it; else it was a built-in
  };
  void Wrap(const py::Ref<py::Module>& module, const std::string& name, const py::Value& made);

  py::Interpreter& in_;
  Tracer& tracer_;
  torch::ModuleHooks& hooks_;
  torch::WrapRegistry& registry_;
  torch::ModuleHooks old_hooks_;
  decltype(torch::WrapRegistry::on_add) old_on_add_;
  py::Ref<py::Dict> parameter_proxies_;
  std::set<std::pair<const py::Module*, std::string>> seen_;
  std::set<const py::Module*> checked_;
  std::vector<Patched> patched_;
};

}  // namespace fusepack::fx
