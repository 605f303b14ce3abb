// Calls of the prelude's torch/package/package_exporter.py, each inside Interpreter::Try.
#include "tracer/package/exporter.h"

#include <algorithm>
#include <filesystem>

#include "tracer/package/native.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kMaxSourceBytes = archive::kMaxSourceBytes;

py::Value ListOf(py::Interpreter& in, const std::vector<std::string>& items) {
  std::vector<py::Value> values;
  for (const std::string& item : items) values.push_back(py::Value(in.NewStr(item)));
  return py::Value(in.NewList(std::move(values)));
}

Result<std::string> ReadSource(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path, FileAccess::kRead));
  if (file->bytes().size() > kMaxSourceBytes) {
    return WithFile(LimitExceeded("source", std::to_string(file->bytes().size()) + " bytes", "at most 4 MiB"), path);
  }
  return std::string(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
}

}  // namespace

PackageExporter::PackageExporter(py::Interpreter& in, Options options) : in_(in) {
  RegisterPackage(in);
  auto made = in.Try([&] {
    const py::Value package = in.Import("torch.package");
    py::Value importer = in.GetAttr(package, "sys_importer");
    if (!options.importers.empty()) {
      std::vector<py::Value> all;
      for (PackageImporter* one : options.importers) all.push_back(one->PythonObject(in));
      all.push_back(importer);
      importer = py::Value(in.NewTuple(std::move(all)));
    }
    const std::vector<py::Value> positional = {py::Value::None(), importer, py::Value::Bool(options.debug)};
    const std::vector<py::Keyword> keywords = {{in.Intern("strict"), py::Value::Bool(options.strict)}};
    return in.Call(in.GetAttr(package, "PackageExporter"), py::Args(positional, keywords));
  });
  if (made.ok()) object_ = *made;
  else made_ = made.status();
}

py::Value PackageExporter::Str(const std::string& text) { return py::Value(in_.NewStr(text)); }

Result<py::Value> PackageExporter::Call(const std::string& method, std::vector<py::Value> arguments, const std::vector<py::Keyword>& keywords) {
  FP_RETURN_IF_ERROR(made_);
  return in_.Try([&] { return in_.CallMethod(object_, method, py::Args(arguments, keywords)); });
}

Status PackageExporter::Run(const std::string& method, std::vector<py::Value> arguments, const std::vector<py::Keyword>& keywords) {
  auto done = Call(method, std::move(arguments), keywords);
  return done.ok() ? OkStatus() : done.status();
}

Status PackageExporter::Pattern(const std::string& method, const Globs& include, const Globs& exclude, const bool* allow_empty) {
  std::vector<py::Keyword> keywords = {{in_.Intern("exclude"), ListOf(in_, exclude)}};
  if (allow_empty != nullptr) keywords.push_back({in_.Intern("allow_empty"), py::Value::Bool(*allow_empty)});
  return Run(method, {ListOf(in_, include)}, keywords);
}

Status PackageExporter::intern(const Globs& include, const Match& match) { return Pattern("intern", include, match.exclude, &match.allow_empty); }
Status PackageExporter::extern_(const Globs& include, const Match& match) { return Pattern("extern", include, match.exclude, &match.allow_empty); }
Status PackageExporter::mock(const Globs& include, const Match& match) { return Pattern("mock", include, match.exclude, &match.allow_empty); }
Status PackageExporter::deny(const Globs& include, const Globs& exclude) { return Pattern("deny", include, exclude, nullptr); }

Status PackageExporter::save_pickle(const std::string& package, const std::string& resource, const py::Value& object, bool dependencies, int pickle_protocol) {
  return Run("save_pickle", {Str(package), Str(resource), object, py::Value::Bool(dependencies), py::Value::Int(pickle_protocol)});
}
Status PackageExporter::save_text(const std::string& package, const std::string& resource, const std::string& text) {
  return Run("save_text", {Str(package), Str(resource), Str(text)});
}
Status PackageExporter::save_binary(const std::string& package, const std::string& resource, const std::string& bytes) {
  return Run("save_binary", {Str(package), Str(resource), py::Value(in_.NewBytes(bytes))});
}
Status PackageExporter::save_module(const std::string& module, bool dependencies) {
  return Run("save_module", {Str(module), py::Value::Bool(dependencies)});
}
Status PackageExporter::save_source_string(const std::string& module, const std::string& source, bool is_package, bool dependencies) {
  return Run("save_source_string", {Str(module), Str(source), py::Value::Bool(is_package), py::Value::Bool(dependencies)});
}

Status PackageExporter::save_source_file(const std::string& module, const std::string& file_or_directory, bool dependencies) {
  std::error_code ignored;
  const fs::path path = file_or_directory;
  if (!fs::is_directory(path, ignored)) {
    FP_ASSIGN_OR_RETURN(const std::string source, ReadSource(file_or_directory));
    return save_source_string(module, source, path.filename() == "__init__.py", dependencies);
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path, ignored)) {
    if (entry.is_regular_file(ignored) && entry.path().extension() == ".py") files.push_back(entry.path().lexically_relative(path).generic_string());
  }
  std::sort(files.begin(), files.end());
  struct Found {
    std::string name, source;
    bool is_package;
  };
  std::vector<Found> found;
  for (const std::string& file : files) {
    FP_ASSIGN_OR_RETURN(std::string source, ReadSource(file_or_directory + "/" + file));
    std::string name = file.substr(0, file.size() - 3);
    const bool is_package = name == "__init__" || name.ends_with("/__init__");
    if (is_package) name.resize(name.size() < 9 ? 0 : name.size() - 9);
    std::replace(name.begin(), name.end(), '/', '.');
    found.push_back({name.empty() ? module : module + "." + name, std::move(source), is_package});
  }
  // All of the folder is known before its imports are looked at: they may be of one another.
  for (const bool scan : {false, true}) {
    if (scan && !dependencies) break;
    for (const Found& one : found) FP_RETURN_IF_ERROR(save_source_string(one.name, one.source, one.is_package, scan));
  }
  return OkStatus();
}

Status PackageExporter::add_dependency(const std::string& module, bool dependencies) {
  return Run("add_dependency", {Str(module), py::Value::Bool(dependencies)});
}

Status PackageExporter::AddHook(const std::string& method, Hook hook) {
  const py::Value function = in_.NewFunction("hook", "exporter, module_name", [hook = std::move(hook)](py::Interpreter&, py::BoundArgs& a) {
    hook(a.Text(1));
    return py::Value::None();
  });
  return Run(method, {function});
}
Status PackageExporter::register_intern_hook(Hook hook) { return AddHook("register_intern_hook", std::move(hook)); }
Status PackageExporter::register_extern_hook(Hook hook) { return AddHook("register_extern_hook", std::move(hook)); }
Status PackageExporter::register_mock_hook(Hook hook) { return AddHook("register_mock_hook", std::move(hook)); }

Result<std::string> PackageExporter::Text(const std::string& method, std::vector<py::Value> arguments) {
  FP_ASSIGN_OR_RETURN(const py::Value text, Call(method, std::move(arguments)));
  return text.As<py::Str>()->text();
}

Result<std::vector<std::string>> PackageExporter::Names(const std::string& method, std::vector<py::Value> arguments) {
  FP_ASSIGN_OR_RETURN(const py::Value list, Call(method, std::move(arguments)));
  std::vector<std::string> names;
  for (const py::Value& item : list.As<py::List>()->items()) names.push_back(item.As<py::Str>()->text());
  return names;
}

Result<std::string> PackageExporter::get_unique_id() { return Text("get_unique_id"); }
Result<std::string> PackageExporter::dependency_graph_string() { return Text("dependency_graph_string"); }
Result<std::string> PackageExporter::all_paths(const std::string& from, const std::string& to) { return Text("all_paths", {Str(from), Str(to)}); }
Result<std::vector<std::string>> PackageExporter::get_rdeps(const std::string& module) { return Names("get_rdeps", {Str(module)}); }
Result<std::vector<std::string>> PackageExporter::interned_modules() { return Names("interned_modules"); }
Result<std::vector<std::string>> PackageExporter::externed_modules() { return Names("externed_modules"); }
Result<std::vector<std::string>> PackageExporter::mocked_modules() { return Names("mocked_modules"); }
Result<std::vector<std::string>> PackageExporter::denied_modules() { return Names("denied_modules"); }
Result<std::vector<std::string>> PackageExporter::notes() { return Names("_list_notes"); }

Result<std::vector<archive::NewRecord>> PackageExporter::close_to_records() {
  FP_RETURN_IF_ERROR(Run("close", {}));
  return RecordsOf(in_, object_);
}

Status PackageExporter::close(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto records, close_to_records());
  return archive::WriteZipFile(path, records);
}

Result<std::vector<uint8_t>> PackageExporter::close_to_buffer() {
  FP_ASSIGN_OR_RETURN(auto records, close_to_records());
  return archive::ZipBytes(archive::kRootForBuffer, records);
}

}  // namespace fusepack
