// PackageImporter: imports from a torch.package archive, as torch.package.PackageImporter does.
//
// A module that the archive has is evaluated from its source, under a mangled name ("<torch_package_0>.crate.nets"), so
// that its classes are never taken for the environment's. What the archive lists as extern is handed to the
// interpreter's own importer (native and prelude modules). Everything else is the ModuleNotFoundError of PyTorch's words.
// Statements run on demand (module.h), so an import of something that is not here matters when it is used.
//
// The interpreter must outlive the importer's last use; the importer must outlive the modules. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tracer/archive/package_layout.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

class PackageImporter : public py::Importer {
 public:
  PackageImporter(py::Interpreter& in, std::shared_ptr<const archive::Archive> archive);

  // `name` may be mangled or not.
  py::Module* Import(py::Interpreter& in, const std::string& name) override;

  // importer.load_pickle(package, resource): the object, its modules' classes taken from here.
  Result<py::Value> LoadPickle(py::Interpreter& in, const std::string& package, const std::string& resource);
  Result<py::Value> LoadPickle(py::Interpreter& in, const archive::ArchiveResource& resource);

  const archive::Archive& archive() const { return *archive_; }
  const std::string& mangle_prefix() const { return prefix_; }  // "<torch_package_0>"
  // The object that `callable(importer, *args)` of a packaged call gets: import_module, load_pickle, load_text, id.
  py::Value PythonObject(py::Interpreter& in);

 private:
  Result<py::Value> Load(py::Interpreter& in, std::shared_ptr<const archive::PickleTree> tree);
  std::shared_ptr<const archive::Archive> archive_;
  std::string prefix_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
  py::Value object_;
};

// "<torch_package_0>.a.b" -> "a.b"; itself where it is not mangled.
std::string_view Demangle(std::string_view name);

}  // namespace fusepack
