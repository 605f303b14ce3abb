// Writing TorchScript archives: a scripted or loaded module as torch.jit.save writes it, for real torch.jit.load and ours.
//
//   data.pkl, data/N                the module: objects of the program's classes, tensors, attributes
//   constants.pkl, constants/N      CONSTANTS.c0, c1, ...
//   code/**.py                      the program, as it was compiled or read
//
// The same module gives the same bytes. Errors: kBadInput for what TorchScript cannot keep; kIo of the file system.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/archive/zip_writer.h"
#include "tracer/python/interpreter.h"

namespace fusepack::torchscript {

// `extra`: records of the user's, below extra/.
using ExtraFiles = std::vector<std::pair<std::string, std::string>>;

// `module`: a torch.jit.ScriptModule. Records below the archive's root, the container's own included.
Result<std::vector<archive::NewRecord>> TorchScriptRecords(py::Interpreter& in, const py::Value& module, const ExtraFiles& extra = {});
Status SaveTorchScript(py::Interpreter& in, const py::Value& module, const std::string& path);

}  // namespace fusepack::torchscript
