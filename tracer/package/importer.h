// PackageImporter: imports from a torch.package archive, as torch.package.PackageImporter does.
//
// A module that the archive has is evaluated from its source, under a mangled name ("<torch_package_0>.crate.nets"), so
// that its classes are never taken for the environment's. What the archive lists as extern is handed to the
// environment's importer (user folders, native and prelude modules). Everything else is the ModuleNotFoundError of
// PyTorch's words. Statements run on demand (module.h), so an import of something that is not here matters when it is
// used.
//
//   Environment environment;
//   FP_ASSIGN_OR_RETURN(auto importer, PackageImporter::Open(environment.interpreter(), "resnet18.pt"));
//   FP_ASSIGN_OR_RETURN(py::Value model, importer->load_pickle("model", "model.pkl"));
//
// The methods with PyTorch's names are the border: they return Results, whose `found` begins with the Python exception's
// class ("ModuleNotFoundError: ..."). The interpreter must outlive the importer's last use; the importer must outlive
// the modules and objects that came from it. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracer/archive/package_layout.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

class PackageImporter : public py::Importer {
 public:
  PackageImporter(py::Interpreter& in, std::shared_ptr<const archive::Archive> archive);

  // Of a file (or a folder that one was unpacked to), or of its bytes. The structure is checked as PyTorch checks it ("inconsistent module structure").
  static Result<std::unique_ptr<PackageImporter>> Open(py::Interpreter& in, const std::string& path);
  static Result<std::unique_ptr<PackageImporter>> OpenBytes(py::Interpreter& in, std::vector<uint8_t> archive);

  Result<py::Value> import_module(const std::string& name);  // mangled or not
  Result<py::Value> load_pickle(const std::string& package, const std::string& resource);
  Result<std::string> load_text(const std::string& package, const std::string& resource);
  Result<std::string> load_binary(const std::string& package, const std::string& resource);
  // str(importer.file_structure(include=..., exclude=...))
  Result<std::string> file_structure(const std::vector<std::string>& include = {"**"}, const std::vector<std::string>& exclude = {});
  std::optional<std::string> python_version() const;
  const std::string& id() const { return prefix_; }  // "<torch_package_0>"

  // --- For code inside tracer/, which may throw.

  // `name` may be mangled or not.
  py::Module* Import(py::Interpreter& in, const std::string& name) override;
  // Text of a module that was imported from here, line ends normalised; null Value: it has none.
  py::Value SourceOf(py::Interpreter& in, const std::string& name);
  // Raises ImportError where a file lies below a module that is no package. (Below an extern: OpenArchive refuses it.)
  void CheckStructure(py::Interpreter& in) const;
  // Made so far, by name without the prefix.
  const std::unordered_map<std::string, py::Ref<py::Module>>& modules() const { return modules_; }

  // importer.load_pickle(package, resource): the object, its modules' classes taken from here.
  Result<py::Value> LoadPickle(py::Interpreter& in, const std::string& package, const std::string& resource);
  Result<py::Value> LoadPickle(py::Interpreter& in, const archive::ArchiveResource& resource);

  const archive::Archive& archive() const { return *archive_; }
  const std::string& mangle_prefix() const { return prefix_; }  // "<torch_package_0>"
  // The torch.package.PackageImporter that Python code sees, which `callable(importer, *args)` of a packaged call gets.
  py::Value PythonObject(py::Interpreter& in);
  void set_python_object(py::Value object) { object_ = std::move(object); }

 private:
  void MarkPackaged(py::Interpreter& in, py::Module& module);
  py::Ref<py::Module> EmptyPackage(py::Interpreter& in, const std::string& name);
  Result<py::Value> Load(py::Interpreter& in, std::shared_ptr<const archive::PickleTree> tree);
  py::Interpreter& in_;
  std::shared_ptr<const archive::Archive> archive_;
  std::string prefix_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
  py::Value object_;
};

// "<torch_package_7>", a number that no importer of the interpreter has had.
std::string NewManglePrefix(py::Interpreter& in);
// "<torch_package_0>.a.b" -> "a.b"; itself where it is not mangled.
std::string_view Demangle(std::string_view name);

// What stands behind a Python PackageImporter (torch.package._native.Reader); null for another value.
PackageImporter* FindPackageImporter(py::Interpreter& in, const py::Value& python_importer);
// The Python type of that handle.
py::Type* ReaderType(py::Interpreter& in);
// A handle for an importer that the interpreter keeps.
py::Value NewReader(py::Interpreter& in, std::unique_ptr<PackageImporter> importer);

}  // namespace fusepack
