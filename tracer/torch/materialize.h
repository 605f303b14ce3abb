// Materialize: a pickle's inert tree as objects of the evaluator.
//
// Classes and functions are found by name through `importer` (a package's own, or the interpreter's). Instances are made
// without __init__ and get their state as pickle gives it: __setstate__ where the class has one, else into __dict__.
// Tensors are views of the archive's storages, which stay mapped and read-only: the first write copies (tensor_value.h).
// An object that the tree shares is one object. What a class or function does when it is called is evaluated code and
// nothing else.
#pragma once

#include <memory>

#include "tracer/archive/pickle_value.h"
#include "tracer/python/interpreter.h"

namespace fusepack::torch {

// `importer_object` is what a packaged call (__reduce_package__) gets first; None where there is no package.
Result<py::Value> Materialize(py::Interpreter& in, std::shared_ptr<const archive::PickleTree> tree,
                              py::Importer& importer, const py::Value& importer_object);

// The same for code inside tracer/: raises what the pickle's classes raise.
py::Value MaterializeInside(py::Interpreter& in, std::shared_ptr<const archive::PickleTree> tree, py::Importer& importer,
                            const py::Value& importer_object);

}  // namespace fusepack::torch
