// Script: torch.jit.script. A module in the evaluator becomes a TorchScript module: its forward (its children's, its
// exported methods, and every function that they call) is compiled from its Python source, packaged or not, to
// TorchScript's own source, which then runs in the evaluator as a loaded archive's does, and which real torch.jit.load takes
// once write.h has written it.
//
// Parameters, buffers and attributes are shared with the module. What cannot be compiled is an error of class
// torch.jit.frontend.NotSupportedError (a construct) or RuntimeError (a name, type or argument), one line that begins with
// file:line:column.
#pragma once

#include "tracer/python/interpreter.h"

namespace fusepack::torchscript {

// For code inside tracer/: throws Raised or Fatal. `value`: a torch.nn.Module, a function or a class. Already scripted
// modules and classes are returned as they are.
py::Value Script(py::Interpreter& in, const py::Value& value);

}  // namespace fusepack::torchscript
