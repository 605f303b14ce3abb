// RegisterFx: torch.fx as evaluated Python sees it. The native halves of torch.fx.{node,graph,proxy,_symbolic_trace,
// immutable_collections} are the C++ classes of this folder; the rest (GraphModule, CodeGen, symbolic_trace, wrap) is
// Python in tracer/torch/prelude/torch/fx.
#pragma once

#include "tracer/python/interpreter.h"

namespace fusepack::fx {

// Call it once, after torch::RegisterTorch.
void RegisterFx(py::Interpreter& in);

// Compiles `source` as a module of that file name, its globals filled beforehand, and gives its function `name`.
py::Value CompileFunction(py::Interpreter& in, const std::string& source, const std::string& file, const std::string& name,
                          const std::vector<std::pair<std::string, py::Value>>& globals);

}  // namespace fusepack::fx
