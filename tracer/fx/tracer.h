// Tracer: torch.fx.Tracer in C++. Runs a module's forward on Proxies and gives the Graph of what happened.
//
//   FP_ASSIGN_OR_RETURN(fx::TraceResult traced, fx::SymbolicTrace(in, module));
//
// A Tracer belongs to one trace of one root. While it runs, its hooks stand in ModuleHooks and the names in
// WrapRegistry are patched in their modules; both are put back at the end, however it ends.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/fx/graph.h"
#include "tracer/fx/proxy.h"
#include "tracer/torch/overrides.h"

namespace fusepack::fx {

class Tracer {
 public:
  explicit Tracer(py::Interpreter& in);
  virtual ~Tracer() = default;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // Throws py::Raised or py::Fatal.
  py::Ref<Graph> Trace(const py::Value& root);

  // True for torch.nn's own modules but containers of the user's: classes of torch.nn that are no Sequential.
  virtual bool IsLeafModule(const py::Value& module, const std::string& path);
  // NameError "module is not installed as a submodule" where it has no path.
  std::string PathOfModule(const py::Value& module);

  // Appends a node, its arguments lowered by CreateArg, and gives its Proxy.
  py::Value CreateProxy(NodeOp op, py::Value target, const py::Args& args, const std::string& name = "",
                        py::Value type = {});
  // What a node stores of an argument: proxies become their nodes, parameters get_attr nodes, tensors constants.
  py::Value CreateArg(const py::Value& value);

  [[noreturn]] void RaiseTraceError(std::string message);
  py::Type* proxy_type() const { return proxy_type_; }
  // Tensors that the graph refers to by a made-up name (_tensor_constant0).
  const std::vector<std::pair<std::string, py::Value>>& tensor_constants() const { return tensor_constants_; }

 private:
  class Patches;
  py::Value CallModule(const py::Value& module, const py::Args& args, const torch::ModuleHooks::Forward& forward);
  py::Value GetModuleAttr(const py::Value& found);
  py::Value CreateTensorArg(const py::Value& tensor);
  void CollectTensorAttributes(const py::Value& module, const std::string& prefix);

  py::Interpreter& in_;
  py::Type* proxy_type_;
  py::Ref<Graph> graph_;
  py::Value root_;
  std::unordered_map<const py::Object*, std::string> module_paths_;      // first path in named_modules()
  std::unordered_map<const py::Object*, std::string> parameter_names_;   // first name in named_parameters()
  std::unordered_map<const py::Object*, std::string> tensor_names_;      // buffers and plain tensor attributes
  std::map<std::string, py::Value> parameter_proxies_;
  std::vector<std::pair<std::string, py::Value>> tensor_constants_;
};

// One node as `inspect --fx` and the package show it: Python text of everything.
struct NodeText {
  std::string op, name, target, args, kwargs, where;
};

// A traced forward as text, free of the Interpreter.
struct GraphText {
  std::string code;           // torch.fx's GraphModule.code
  std::string tracer_class;   // "torch.fx.Tracer" or the subclass's qualified name
  std::string root_class;     // "torchvision.models.resnet.ResNet"
  std::vector<NodeText> nodes;
};

// torch.fx.symbolic_trace(root).graph, as text.
Result<GraphText> SymbolicTrace(py::Interpreter& in, const py::Value& root);

}  // namespace fusepack::fx
