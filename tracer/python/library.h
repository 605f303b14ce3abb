// Python's standard library, as far as models need it: modules in our own Python (lib/), and in C++ where Python's own
// are and where speed or a limit asks for it (math, operator, sys, re's matcher).
//
// No I/O, clock, environment or randomness: such modules are absent (ImportError), or hold only their pure parts; files
// exist where a command grants them (files.h), and then in memory only.
#pragma once

#include <span>

#include "tracer/python/interpreter.h"

namespace fusepack::py {

// Registers every module, and what `list[int]` and `int | None` make. Call it once, before anything runs.
void RegisterStandardLibrary(Interpreter& in);

// lib/**/*.py, embedded.
struct LibraryFile {
  const char* module;  // "collections.abc"
  const char* path;    // "collections/abc.py"; tracebacks show "<lib>/collections/abc.py"
  bool is_package;
  const char* source;
};
std::span<const LibraryFile> LibraryFiles();

// Builders of the native parts, by file.
void BuildMath(Interpreter& in, Module& module);
void BuildOperator(Interpreter& in, Module& module);
void BuildSys(Interpreter& in, Module& module);
void BuildImportlib(Interpreter& in, Module& module);
void BuildRegex(Interpreter& in, Module& module);      // _re
void BuildTraceback(Interpreter& in, Module& module);  // _traceback; _io is in bytes_io.h

}  // namespace fusepack::py
