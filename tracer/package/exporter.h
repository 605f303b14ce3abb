// PackageExporter: writes torch.package archives, as torch.package.PackageExporter does.
//
//   Environment environment;
//   environment.sys_importer().AddRoot("src");
//   PackageExporter exporter(environment.interpreter());
//   FP_RETURN_IF_ERROR(exporter.intern({"mymodels.**"}));
//   FP_RETURN_IF_ERROR(exporter.save_pickle("model", "model.pkl", model));
//   FP_RETURN_IF_ERROR(exporter.close("model.pt"));
//
// This is the class that Python source sees (torch.package.PackageExporter of the prelude) behind a border of Results: what
// a method raises there, it returns here, `found` beginning with the exception's class: PackagingError,
// EmptyMatchError, ObjNotFoundError and ObjMismatchError (inside a pickle as PicklingError), ValueError, TypeError.
//
// Objects are found by name through importers in order: package importers given with the constructor, then (always last)
// the environment's sys_importer. Unless `strict`, a catch-all intern("**") records as extern, with a note, what has no
// source here and is reached by import statements alone; `strict` gives PyTorch's errors. Same input, same bytes.
//
// The interpreter, and the importers given, must outlive the exporter. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tracer/archive/zip_writer.h"
#include "tracer/package/importer.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

class PackageExporter {
 public:
  struct Options {
    bool debug = false;   // PackagingErrors say how each module came in
    bool strict = false;
    std::vector<PackageImporter*> importers;  // asked before sys_importer
  };
  // Which modules a pattern is for: it matches what some include glob does and no exclude glob. allow_empty = false: that
  // nothing matched is an error at close.
  struct Match {
    std::vector<std::string> exclude = {};
    bool allow_empty = true;
  };
  using Globs = std::vector<std::string>;
  using Hook = std::function<void(const std::string& module)>;

  explicit PackageExporter(py::Interpreter& in) : PackageExporter(in, Options()) {}
  PackageExporter(py::Interpreter& in, Options options);

  Status intern(const Globs& include, const Match& match = {{}, true});
  Status extern_(const Globs& include, const Match& match = {{}, true});
  Status mock(const Globs& include, const Match& match = {{}, true});
  Status deny(const Globs& include, const Globs& exclude = {});

  Status save_pickle(const std::string& package, const std::string& resource, const py::Value& object, bool dependencies = true,
                     int pickle_protocol = 3);
  Status save_text(const std::string& package, const std::string& resource, const std::string& text);
  Status save_binary(const std::string& package, const std::string& resource, const std::string& bytes);
  Status save_module(const std::string& module, bool dependencies = true);
  Status save_source_string(const std::string& module, const std::string& source, bool is_package = false, bool dependencies = true);
  // A .py file, or a folder of them: read from disk here, by the caller's own path.
  Status save_source_file(const std::string& module, const std::string& file_or_directory, bool dependencies = true);
  Status add_dependency(const std::string& module, bool dependencies = true);

  // Called at close for each module with that action, in order of registration.
  Status register_intern_hook(Hook hook);
  Status register_extern_hook(Hook hook);
  Status register_mock_hook(Hook hook);

  Result<std::string> get_unique_id();
  Result<std::string> dependency_graph_string();
  Result<std::string> all_paths(const std::string& from, const std::string& to);
  Result<std::vector<std::string>> get_rdeps(const std::string& module);
  Result<std::vector<std::string>> interned_modules();
  Result<std::vector<std::string>> externed_modules();
  Result<std::vector<std::string>> mocked_modules();
  Result<std::vector<std::string>> denied_modules();
  // A line each: what was recorded as extern although a pattern interns it, and why.
  Result<std::vector<std::string>> notes();

  // Checks the dependency graph and writes the archive; nothing may follow. The file appears whole or not at all.
  Status close(const std::string& path);
  Result<std::vector<uint8_t>> close_to_buffer();
  // The finished archive's records, for a package (.fpk) that keeps them.
  Result<std::vector<archive::NewRecord>> close_to_records();

  // torch.package.PackageExporter's object; null where it could not be made (the first call then says why).
  const py::Value& python_object() const { return object_; }

 private:
  Result<py::Value> Call(const std::string& method, std::vector<py::Value> arguments, const std::vector<py::Keyword>& keywords = {});
  Status Run(const std::string& method, std::vector<py::Value> arguments, const std::vector<py::Keyword>& keywords = {});
  Status Pattern(const std::string& method, const Globs& include, const Globs& exclude, const bool* allow_empty);
  Result<std::string> Text(const std::string& method, std::vector<py::Value> arguments = {});
  Result<std::vector<std::string>> Names(const std::string& method, std::vector<py::Value> arguments = {});
  Status AddHook(const std::string& method, Hook hook);
  py::Value Str(const std::string& text);

  py::Interpreter& in_;
  Status made_;
  py::Value object_;
};

}  // namespace fusepack
