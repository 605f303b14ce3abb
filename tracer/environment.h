// Environment: an Interpreter in which everything that fusepack has can be imported: Python's standard library as far as
// it is here, torch, and modules of the user's folders of source, as sys.path would give them.
//
//   Environment environment(limits);
//   environment.sys_importer().AddRoot("src");
//   environment.interpreter().Try([&] { return in.Import(environment.sys_importer(), "mymodels.resnet"); });
//
// The environment must outlive every value and importer made from it. One thread.
#pragma once

#include "tracer/package/source_importer.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

class Environment {
 public:
  explicit Environment(py::Limits limits = {});

  py::Interpreter& interpreter() { return interpreter_; }
  // Native and prelude modules, and source below the roots that the user names (none at first).
  SourceImporter& sys_importer() { return sys_importer_; }

 private:
  py::Interpreter interpreter_;
  SourceImporter sys_importer_;
};

}  // namespace fusepack
