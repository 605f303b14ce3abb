// The native module torch._C._torchscript, under the prelude's torch.jit: script, load, save, code.
#pragma once

#include "tracer/python/interpreter.h"

namespace fusepack::torchscript {

void RegisterTorchScript(py::Interpreter& in);

}  // namespace fusepack::torchscript
