// LoadTorchScript: a TorchScript archive as a module in the evaluator, as torch.jit.load gives it.
//
// The archive's classes are evaluated from its code (unit.h); data.pkl gives the objects. The result is a
// torch.jit.RecursiveScriptModule: an nn.Module with parameters, buffers and children, whose methods run eagerly and can
// be traced to the engine's graph (tracer/torch/trace.h).
//
// Errors are kBadInput or kLimit and name what of the archive is meant. The interpreter keeps all that it needs of the
// archive. One thread.
#pragma once

#include <memory>

#include "tracer/archive/package_layout.h"
#include "tracer/python/interpreter.h"

namespace fusepack::torchscript {

// REQUIRES: archive.kind() == kTorchScript.
Result<py::Value> LoadTorchScript(py::Interpreter& in, std::shared_ptr<const archive::Archive> archive);

bool IsScriptModule(py::Interpreter& in, const py::Value& value);

}  // namespace fusepack::torchscript
