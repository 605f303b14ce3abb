// PythonCode: the source that torch.fx's GraphModule.code would show for a graph, to the letter.
#pragma once

#include <string>
#include <vector>

#include "tracer/fx/graph.h"

namespace fusepack::fx {

struct PythonCodeResult {
  std::string code;  // "\n\n\ndef forward(self, x):\n    ...": GraphModule.code
  // Names in `code` that stand for objects from outside, in order of first use.
  std::vector<std::pair<std::string, py::Value>> globals;
};

// May run Python code of the evaluator (repr of arguments): throws py::Raised or py::Fatal.
PythonCodeResult PythonCode(py::Interpreter& in, const Graph& graph);

// torch.fx's name of a callable: "torch.flatten", "_operator.add", "getattr" for a built-in.
std::string QualifiedName(py::Interpreter& in, const py::Value& function);

}  // namespace fusepack::fx
