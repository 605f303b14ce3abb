// SourceImporter: imports from a folder of Python source, as a sys.path entry gives them; everything else from the
// interpreter's own importer. Reads files below its root and nothing else.
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
    std::string file;    // "resnet.py", below the root
    std::string text;
  };

  // Modules that `externs` matches are never looked for below root.
  SourceImporter(std::string root, GlobGroup externs) : root_(std::move(root)), externs_(std::move(externs)) {}

  py::Module* Import(py::Interpreter& in, const std::string& name) override;

  // What has been read so far, in that order.
  const std::vector<Source>& sources() const { return sources_; }

 private:
  // The module's file below the root, if there is one; a folder without __init__.py has an empty file.
  bool Find(const std::string& name, std::string* file, bool* is_package) const;

  std::string root_;
  GlobGroup externs_;
  std::vector<Source> sources_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
};

}  // namespace fusepack
