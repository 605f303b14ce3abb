// SourceImporter: imports from folders of Python source, as sys.path gives them, the first that has a module; everything
// else from the interpreter's own importer. Reads files below its roots and nothing else.
//
// The importer must outlive the modules. One thread.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/package/globs.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

class SourceImporter : public py::Importer {
 public:
  struct Source {
    std::string module;  // "resnet"
    std::string file;    // "resnet.py", below its root
    std::string text;
  };

  SourceImporter() = default;
  // Modules that `externs` matches are never looked for below root.
  SourceImporter(std::string root, GlobGroup externs) : roots_{std::move(root)}, externs_(std::move(externs)) {}

  void AddRoot(std::string root) { roots_.push_back(std::move(root)); }  // searched after those before it

  // A module that exists already: `__main__`.
  void Adopt(const py::Ref<py::Module>& module) { modules_[module->name()] = module; }

  py::Module* Import(py::Interpreter& in, const std::string& name) override;

  // What has been read so far, in that order.
  const std::deque<Source>& sources() const { return sources_; }
  // Of a module that has been imported from here; null where it came from elsewhere or is a folder without source.
  const Source* FindSource(const std::string& module) const;
  // The file of a C extension that would be this module ("torchvision/_C.so" for torchvision._C); empty: there is none.
  std::string FindExtension(const std::string& module) const;
  // Whether the top-level package lies below a root and has C extensions somewhere in it (numpy, PIL).
  bool HasExtensions(const std::string& top_level) const;

 private:
  // The module's file below the first root that has one; a folder without __init__.py has an empty file.
  bool Find(const std::string& name, std::string* root, std::string* file, bool* is_package) const;

  std::vector<std::string> roots_;
  GlobGroup externs_;
  std::deque<Source> sources_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
};

// What `import` outside every package finds: in.State<SysImporter>(). Without one, only native and prelude modules.
struct SysImporter {
  SourceImporter* sources = nullptr;  // outlives the interpreter's use of it
};
py::Importer& SysImporterOf(py::Interpreter& in);

}  // namespace fusepack
