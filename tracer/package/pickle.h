// Pickle: an object of the evaluator as CPython's pickle and torch.package's pickler write it, protocol 3 or 4.
//
// Atoms, containers, classes and functions by name, and everything else by its reduction: __reduce_package__ (a persistent
// id), copyreg's table, __reduce_ex__, __reduce__, or object's own (NEWOBJ and BUILD, with __getnewargs__, __getstate__
// and __slots__). Tensors are torch._utils._rebuild_tensor_v2 over persistent storages. A shared object is written once,
// recursion included. Text is memoised by value, and nothing written depends on addresses, so the same objects give
// the same bytes.
//
// Raises what CPython raises: pickle.PicklingError for a class that is not found under its name or a reduction of no
// known form, TypeError for what cannot be pickled. Nesting beyond the evaluator's call depth is its limit (Fatal). User
// code (reductions) runs on the way.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

struct PickledGlobal {
  std::string module, name;  // nested names dotted, as the importer knows them
};

// What a pickle needs of the archive that it goes into.
class PickleTarget {
 public:
  virtual ~PickleTarget() = default;
  struct Found {
    std::string module, name;
    py::Value module_object;
  };
  // Where `object` is found by name; `name` is what a reduction said, or empty. Raises.
  virtual Found NameOf(py::Interpreter& in, const py::Value& object, const std::string& name) = 0;
  // The number of this storage in the archive, written there at the first call.
  virtual int64_t StorageKey(py::Interpreter& in, const std::shared_ptr<Storage>& storage) = 0;
  // The number and the (function, arguments) of an object's __reduce_package__, asked once for an object.
  virtual std::pair<int64_t, py::Value> ReducePackage(py::Interpreter& in, const py::Value& object) = 0;
};

// *globals: every module-level name that the pickle refers to, in order of first use.
std::string Pickle(py::Interpreter& in, const py::Value& object, int protocol, PickleTarget& target,
                   std::vector<PickledGlobal>* globals);

}  // namespace fusepack
