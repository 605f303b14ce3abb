#include "tracer/package/source_importer.h"

#include <algorithm>
#include <filesystem>

#include "package_format/mapped_file.h"

namespace fusepack {

namespace fs = std::filesystem;

constexpr uint64_t kMaxSourceBytes = uint64_t{4} << 20;

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

py::Module* SourceImporter::Import(py::Interpreter& in, const std::string& name) {
  const auto known = modules_.find(name);
  if (known != modules_.end()) return known->second.get();
  std::string root, file;
  bool is_package = false;
  const bool plain = name.find('/') == std::string::npos && name.find('\\') == std::string::npos &&
                     name.find('\0') == std::string::npos && name.find("..") == std::string::npos;
  if (!plain || externs_.Matches(name) || !Find(name, &root, &file, &is_package)) return in.importer().Import(in, name);

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
