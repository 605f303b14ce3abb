#include "tracer/package/source_importer.h"

#include <algorithm>
#include <filesystem>

#include "package_format/mapped_file.h"

namespace fusepack {

namespace fs = std::filesystem;

constexpr uint64_t kMaxSourceBytes = uint64_t{4} << 20;
constexpr int kMaxFolderEntries = 50'000;  // that HasExtensions looks at

namespace {
bool IsExtensionFile(const fs::path& path) { return path.extension() == ".so" || path.extension() == ".pyd"; }
}  // namespace

bool SourceImporter::Find(const std::string& name, std::string* root, std::string* file, bool* is_package) const {
  std::string path = name;
  for (char& c : path) c = c == '.' ? '/' : c;
  std::error_code ignored;
  for (const std::string& r : roots_) {
    for (const auto& [candidate, package] : {std::pair{path + "/__init__.py", true}, {path + ".py", false}}) {
      if (fs::is_regular_file(r + "/" + candidate, ignored)) {
        *root = r;
        *file = candidate;
        *is_package = package;
        return true;
      }
    }
  }
  file->clear();
  *is_package = true;
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](const std::string& r) { return fs::is_directory(r + "/" + path, ignored); });
}

const SourceImporter::Source* SourceImporter::FindSource(const std::string& module) const {
  for (const Source& source : sources_) {
    if (source.module == module) return &source;
  }
  return nullptr;
}

std::string SourceImporter::FindExtension(const std::string& module) const {
  std::string path = module;
  for (char& c : path) c = c == '.' ? '/' : c;
  const std::string folder = path.substr(0, path.rfind('/') + 1), stem = path.substr(folder.size());
  std::error_code ignored;
  for (const std::string& root : roots_) {
    // _C.so, _C.abi3.so, _C.cpython-311-x86_64-linux-gnu.so, _C.pyd
    for (const auto& entry : fs::directory_iterator(root + "/" + folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(stem + ".") && IsExtensionFile(entry.path())) return folder + name;
    }
  }
  return "";
}

bool SourceImporter::HasExtensions(const std::string& top_level) const {
  std::error_code ignored;
  for (const std::string& root : roots_) {
    if (!fs::is_directory(root + "/" + top_level, ignored)) continue;
    int left = kMaxFolderEntries;
    for (fs::recursive_directory_iterator at(root + "/" + top_level, ignored), end; at != end && left > 0; at.increment(ignored), left--) {
      if (IsExtensionFile(at->path())) return true;
    }
    return false;
  }
  return false;
}

py::Importer& SysImporterOf(py::Interpreter& in) {
  SourceImporter* sources = in.State<SysImporter>().sources;
  return sources != nullptr ? *sources : in.importer();
}

py::Module* SourceImporter::Import(py::Interpreter& in, const std::string& name) {
  const auto known = modules_.find(name);
  if (known != modules_.end()) return known->second.get();
  std::string root, file;
  bool is_package = false;
  const bool plain = name.find('/') == std::string::npos && name.find('\\') == std::string::npos &&
                     name.find('\0') == std::string::npos && name.find("..") == std::string::npos;
  // A folder of site-packages holds torch and parts of the standard library too; here they are the evaluator's own.
  const bool native = in.IsRegistered(name.substr(0, name.find('.')));
  if (!plain || native || externs_.Matches(name) || !Find(name, &root, &file, &is_package)) return in.importer().Import(in, name);

  py::Ref<py::Module> made;
  if (file.empty()) {
    made = in.NewEmptyModule(name, true, this);
  } else {
    auto bytes = MappedFile::Open(root + "/" + file, FileAccess::kRead);
    if (!bytes.ok()) throw py::Fatal{bytes.error()};
    const auto span = (*bytes)->bytes();
    if (span.size() > kMaxSourceBytes) in.OverLimit(file + " of " + std::to_string(span.size()) + " bytes", "at most 4 MiB of source");
    std::string text(reinterpret_cast<const char*>(span.data()), span.size());
    sources_.push_back({name, file, text});
    made = in.NewSourceModule(name, file, std::move(text), is_package, this);
  }
  modules_[name] = made;
  return made.get();
}

}  // namespace fusepack
