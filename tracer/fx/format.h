// How nodes, arguments and types print in torch.fx's graphs, tables and code.
#pragma once

#include <string>

#include "tracer/fx/graph.h"

namespace fusepack::fx {

// "%relu : [num_users=1] = call_function[target=torch.relu](args = (%x,), kwargs = {})".
std::string FormatNode(py::Interpreter& in, Node& node);
// An argument as FormatNode shows it: nodes with a %, texts without quotes.
std::string FormatArg(py::Interpreter& in, const py::Value& argument);
// A target as FormatNode shows it: "torch.relu", "operator.add", "builtins.len"; a str as it is.
std::string FormatTargetName(py::Interpreter& in, const py::Value& target);
// Where the innermost Python code outside our own libraries is, and that line of source; line 0: nowhere.
struct SourceLine {
  std::string file, text;  // "gate.py", "if x > 0:"
  int line = 0, column = 0;
};
SourceLine UserLine(py::Interpreter& in);
// A class by module and qualified name, a function by its name, everything else by its repr.
std::string TypeRepr(py::Interpreter& in, const py::Value& type);
// torch.fx's name of a callable: "torch.flatten", "_operator.add", "getattr" for a built-in.
std::string QualifiedName(py::Interpreter& in, const py::Value& function);
// "torch.nn.modules.linear.Linear", "int": the class of a value, as torch.typename says it.
std::string TypeName(py::Interpreter& in, const py::Value& value);
// An attribute that is a str; empty where there is none.
std::string TextAttr(py::Interpreter& in, const py::Value& v, std::string_view name);

}  // namespace fusepack::fx
