// GraphModule: torch.fx.GraphModule for C++ users, over the very class that Python code sees (tracer/torch/prelude).
//
//   FP_ASSIGN_OR_RETURN(fx::GraphModule traced, fx::GraphModule::Trace(in, module));
//   FP_ASSIGN_OR_RETURN(py::Value y, traced.Call(in, {x}));
//   std::cout << traced.code(in);
//
// A handle: copies are the same module. It must not outlive the Interpreter. Used by the thread that owns it.
#pragma once

#include <string>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/fx/tracer.h"

namespace fusepack::fx {

class GraphModule {
 public:
  // torch.fx.symbolic_trace(root, concrete_args); root: a torch.nn.Module or a Python function.
  static Result<GraphModule> Trace(py::Interpreter& in, const py::Value& root, const py::Value& concrete_args = {});
  // By a tracer of one's own.
  static Result<GraphModule> Trace(py::Interpreter& in, Tracer& tracer, const py::Value& root);
  // torch.fx.GraphModule(root, graph, class_name); root: a torch.nn.Module, or a dict from targets to what they are.
  static Result<GraphModule> Create(py::Interpreter& in, const py::Value& root, Graph& graph,
                                    const std::string& class_name = "GraphModule");
  // A GraphModule that is there already (loaded, or made by Python code); kBadInput for anything else.
  static Result<GraphModule> From(py::Interpreter& in, const py::Value& module);

  const py::Value& module() const { return module_; }
  Graph& graph() const { return *graph_; }
  // Makes the code anew after the graph was changed.
  Status Recompile(py::Interpreter& in);
  Result<py::Value> Call(py::Interpreter& in, const std::vector<py::Value>& args,
                         const std::vector<std::pair<std::string, py::Value>>& kwargs = {}) const;
  std::string code(py::Interpreter& in) const;        // "\n\n\ndef forward(self, x):..."
  std::string class_name(py::Interpreter& in) const;  // "ResNet"
  Result<std::string> PrintReadable(py::Interpreter& in) const;

 private:
  GraphModule(py::Value module, py::Ref<Graph> graph) : module_(std::move(module)), graph_(std::move(graph)) {}
  py::Value module_;
  py::Ref<Graph> graph_;
};

}  // namespace fusepack::fx
