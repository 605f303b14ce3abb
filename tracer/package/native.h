// torch.package._native: what the prelude's torch/package/*.py stands on. Records of an archive in the making, the pickler,
// the scan for imports, sources of modules, globs, and handles of archives that are read.
//
// No files: the prelude opens paths through Python's own open(), which does what the program was granted.
#pragma once

#include <vector>

#include "tracer/archive/zip_writer.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

// Once an interpreter; further calls do nothing.
void RegisterPackage(py::Interpreter& in);

// The records that a Python PackageExporter has written so far, in order.
const std::vector<archive::NewRecord>& RecordsOf(py::Interpreter& in, const py::Value& python_exporter);

}  // namespace fusepack
