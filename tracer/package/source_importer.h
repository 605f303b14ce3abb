// SourceImporter: imports from folders of Python source, as sys.path gives them, the first that has a module; everything
// else from the interpreter's own importer. Reads files below its roots and nothing else.
//
// The importer must outlive the modules. One thread.
#pragma once

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
  const std::vector<Source>& sources() const { return sources_; }

 private:
  // The module's file below the first root that has one; a folder without __init__.py has an empty file.
  bool Find(const std::string& name, std::string* root, std::string* file, bool* is_package) const;

  std::vector<std::string> roots_;
  GlobGroup externs_;
  std::vector<Source> sources_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
};

}  // namespace fusepack
