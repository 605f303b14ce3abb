// TraceToEngine: a module's forward, evaluated on tensors that are not there, as an engine Graph.
//
//   FP_ASSIGN_OR_RETURN(Graph graph, TraceToEngine(in, module, {{DType::kF32, {1, 3, 224, 224}}}));
//
// Every input size is a symbol with the example's value as hint, unless it is said to be fixed; sizes that the model
// pins (the number of channels) become constants. Parameters and buffers become constants under their qualified names.
// Python branches on sizes are decided by the example and recorded as guards. Operators outside the table, and branches
// on elements, are errors that name the packaged source.
//
// In training mode (as the module's own `training` flags say) batch norm uses batch statistics and its running buffers
// are not written: a graph keeps no state.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/tensor.h"
#include "tracer/python/interpreter.h"

namespace fusepack::torch {

struct InputSpec {
  DType dtype = DType::kF32;
  Dims sizes;
  std::string name = "";                 // empty: forward's parameter name
  std::vector<bool> fixed_sizes = {};    // [d]: dimension d is a constant; shorter: symbols
};

struct TraceOptions {
  std::string name = "forward";    // of the graph
  std::string method = "forward";  // what is called: through the module's hooks if it is forward
  bool symbolic = true;            // false: all sizes are constants
};

// Graph outputs are named by their place in what forward returned: "" for a lone tensor, "0", "1.2", "out".
Result<Graph> TraceToEngine(py::Interpreter& in, const py::Value& module, const std::vector<InputSpec>& inputs,
                            const TraceOptions& options = {});

struct EvaluatedOutput {
  std::string path;
  Tensor value;
};
// The same forward on real tensors, with the reference kernels: the oracle.
Result<std::vector<EvaluatedOutput>> EvalModule(py::Interpreter& in, const py::Value& module,
                                                const std::vector<Tensor>& inputs,
                                                const std::string& method = "forward");

// Names and tensors of all parameters and buffers, each once, in the order of named_parameters and named_buffers.
struct NamedTensor {
  std::string name;
  Tensor tensor;
  bool is_parameter = false;
};
Result<std::vector<NamedTensor>> ModuleState(py::Interpreter& in, const py::Value& module);

}  // namespace fusepack::torch
