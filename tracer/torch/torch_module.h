// RegisterTorch: makes `import torch` work in an Interpreter.
//
// Registers the native modules (torch, torch._C and kin: the operator table's names and what needs C++) and the prelude
// (torch.nn and the rest, in our own Python, tracer/torch/prelude). A module may be both: native names first.
#pragma once

#include "tracer/python/interpreter.h"

namespace fusepack::torch {

void RegisterTorch(py::Interpreter& in);

}  // namespace fusepack::torch
