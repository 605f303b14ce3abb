// PythonCode: the source that torch.fx's GraphModule.code would show for a graph, to the letter.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracer/fx/graph.h"

namespace fusepack::fx {

struct CodeOptions {
  std::string root_module = "self";  // what get_attr and call_module hang on
  bool verbose = false;              // a comment with the stack trace above the nodes
};

struct PythonCodeResult {
  std::string code;  // "\n\n\ndef forward(self, x):\n    ...": GraphModule.code
  // Names in `code` that stand for objects from outside, in order of first use; less torch.fx's own seven.
  std::vector<std::pair<std::string, py::Value>> globals;
  // For each line of the function, counted from its def: the number of its node, -1 for none.
  std::vector<std::pair<int, int>> lines;
  int prologue_start = 0;  // line of `def` in `code`
};

// May run Python code of the evaluator (repr of arguments, a CodeGen subclass): throws py::Raised or py::Fatal.
PythonCodeResult PythonCode(py::Interpreter& in, Graph& graph, const CodeOptions& options = {});

}  // namespace fusepack::fx
