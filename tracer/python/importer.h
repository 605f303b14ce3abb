// Where `import` finds modules.
//
// Each module remembers the importer that made it and resolves its own imports there; a package's importer asks the
// package first and then hands externs to the interpreter's own (native and prelude modules).
#pragma once

#include <string>

#include "tracer/python/object.h"

namespace fusepack::py {

class Module;

class Importer {
 public:
  virtual ~Importer() = default;
  // The module of that full dotted name, made on the first call and the same one after it; null: there is none
  // (the evaluator raises ModuleNotFoundError). May throw Raised (an ImportError that says more) or Fatal.
  // Making a module runs none of its statements (module.h).
  virtual Module* Import(Interpreter& in, const std::string& name) = 0;
};

}  // namespace fusepack::py
