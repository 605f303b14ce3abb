// The root folder is the first path part of entry 0; everything must lie in it. What the archive is follows from which
// records it has:
//
//   .data/extern_modules      -> torch.package: .data/N.storage, sources, pickles and other resources
//   data.pkl, constants.pkl   -> TorchScript: data/N, constants/N, code/**.py
//   data.pkl                  -> torch.save: data/N
#include "tracer/archive/package_layout.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "tracer/archive/printable.h"
#include "tracer/archive/raw_bytes.h"

namespace fusepack::archive {
namespace {

// PyTorch aligns records to this; a storage that lies otherwise (another zip writer) is copied.
constexpr uintptr_t kStorageAlignment = 64;

std::string N(uint64_t value) { return std::to_string(value); }

std::string Dotted(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), '/', '.');
  return out;
}

bool IsUnder(std::string_view name, std::string_view top) {
  return name.size() > top.size() && name.substr(0, top.size()) == top && name[top.size()] == '.';
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// A whole pickle, by its first and last bytes.
bool LooksLikePickle(std::span<const uint8_t> bytes) {
  return bytes.size() >= 4 && bytes[0] == 0x80 && bytes[1] <= kMaxPickleProtocol && bytes.back() == '.';
}

}  // namespace

std::string_view ArchiveKindName(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::kTorchPackage: return "torch.package archive";
    case ArchiveKind::kTorchScript: return "TorchScript archive";
    case ArchiveKind::kTorchSave: return "torch.save file";
  }
  return "";
}

Result<std::shared_ptr<const Archive>> OpenArchive(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  return OpenArchive(std::move(file));
}

Result<std::shared_ptr<const Archive>> OpenArchive(std::shared_ptr<const MappedFile> file) {
  const std::span<const uint8_t> bytes = file->bytes();
  if (bytes.size() > 2 && bytes[0] == 0x80 && bytes[1] <= kMaxPickleProtocol) {
    return WithFile(BadInput("", "a bare pickle (torch.save of PyTorch before 1.6)", "a torch.package archive"), file->path());
  }
  std::shared_ptr<Archive> archive(new Archive);
  FP_ASSIGN_OR_RETURN(archive->zip_, ZipReader::Open(std::move(file)));
  const Status status = archive->Parse();
  if (!status.ok()) return WithFile(status, archive->path());
  return std::shared_ptr<const Archive>(archive);
}

const ZipRecord* Archive::Record(std::string_view path) const { return zip_->Find(root_ + "/" + std::string(path)); }

Result<std::string> Archive::ReadText(std::string_view path) const {
  const ZipRecord* record = Record(path);
  FP_CHECK(record != nullptr);
  FP_ASSIGN_OR_RETURN(const Bytes bytes, zip_->Read(*record, kMaxMetadataBytes));
  return std::string(bytes.text());
}

Status Archive::Parse() {
  const std::string& first = zip_->records()[0].name;
  root_ = first.substr(0, first.find('/'));
  for (const ZipRecord& record : zip_->records()) {
    if (record.name.size() <= root_.size() || record.name.compare(0, root_.size(), root_) != 0 || record.name[root_.size()] != '/') {
      return BadInput("record " + Printable(record.name), "lies outside the archive's root folder", "a path below " + Printable(root_ + "/"));
    }
  }
  if (Record(".data/extern_modules") != nullptr) {
    kind_ = ArchiveKind::kTorchPackage;
  } else if (Record("data.pkl") != nullptr) {
    kind_ = Record("constants.pkl") != nullptr ? ArchiveKind::kTorchScript : ArchiveKind::kTorchSave;
  } else if (Record("archive_format") != nullptr) {
    return BadInput("", "a torch.export archive (.pt2)", "a torch.package archive");
  } else {
    return BadInput("", "a zip file without .data/extern_modules or data.pkl", "a torch.package archive");
  }
  FP_RETURN_IF_ERROR(ParseMetadata());
  if (kind_ == ArchiveKind::kTorchPackage) FP_RETURN_IF_ERROR(ParseExterns());

  uint64_t source_bytes = 0;
  for (const ZipRecord& record : zip_->records()) {
    const std::string_view path = std::string_view(record.name).substr(root_.size() + 1);
    if (!path.empty() && path.back() != '/') FP_RETURN_IF_ERROR(AddRecord(record, path, &source_bytes));
  }
  for (auto& [name, module] : by_name_) modules_.push_back(std::move(module));
  by_name_.clear();
  return FindPickles();
}

Status Archive::ParseMetadata() {
  const char* version_path = Record(".data/version") != nullptr ? ".data/version" : "version";
  if (Record(version_path) == nullptr) return BadInput("", "no version record", ".data/version or version");
  FP_ASSIGN_OR_RETURN(const std::string version_text, ReadText(version_path));
  const std::string_view digits = Trim(version_text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version_);
  if (error != std::errc() || end != digits.data() + digits.size() || version_ < kMinContainerVersion || version_ > kMaxContainerVersion) {
    return BadInput("record " + Printable(version_path), "version " + Printable(digits),
                    "a number from " + N(kMinContainerVersion) + " to " + N(kMaxContainerVersion));
  }
  if (Record("byteorder") != nullptr) {
    FP_ASSIGN_OR_RETURN(const std::string order, ReadText("byteorder"));
    if (Trim(order) != "little") {
      return BadInput("record 'byteorder'", Printable(Trim(order)),
                      "'little' (save the model again on a little-endian machine)");
    }
  }
  if (Record(".data/python_version") != nullptr) {
    FP_ASSIGN_OR_RETURN(const std::string python, ReadText(".data/python_version"));
    python_version_ = Trim(python);
    const bool plain = std::all_of(python_version_.begin(), python_version_.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!plain || python_version_.size() > 64) return BadInput("record '.data/python_version'", Printable(python_version_), "a version");
  }
  return OkStatus();
}

Status Archive::ParseExterns() {
  FP_ASSIGN_OR_RETURN(const std::string text, ReadText(".data/extern_modules"));
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = Trim(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) continue;
    const bool plain = std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; });
    if (!plain || !IsUtf8(line) || line.size() > kMaxGlobalNameBytes) {
      return BadInput("record '.data/extern_modules'", Printable(line), "the name of a module");
    }
    externs_.emplace_back(line);
  }
  return OkStatus();
}

bool Archive::IsExtern(std::string_view module) const {
  return std::any_of(externs_.begin(), externs_.end(),
                     [&](const std::string& name) { return module == name || IsUnder(module, name); });
}

Status Archive::AddRecord(const ZipRecord& record, std::string_view path, uint64_t* source_bytes) {
  const std::string where = "record " + Printable(record.name);
  const auto below = [&](std::string_view folder) { return path.substr(0, folder.size()) == folder; };
  const auto ends = [&](std::string_view tail) { return path.size() >= tail.size() && path.substr(path.size() - tail.size()) == tail; };
  const bool package = kind_ == ArchiveKind::kTorchPackage;

  const bool storage = package ? below(".data/") && ends(".storage") : below("data/") || (below("constants/"));
  if (storage) {
    return record.deflated ? BadInput(where, "a deflated tensor storage", "a stored one") : OkStatus();
  }
  const bool metadata = below(".data/") || path == "byteorder" || path == "version" || path == ".format_version" ||
                        path == ".storage_alignment";
  if (metadata && !ends(".pkl")) return OkStatus();

  const std::string_view code = kind_ == ArchiveKind::kTorchScript ? "code/" : "";
  if (kind_ != ArchiveKind::kTorchSave && ends(".py") && below(code) && !metadata) {
    if (record.size > kMaxSourceBytes) return LimitExceeded(where, "a source of " + N(record.size) + " bytes", "at most " + N(kMaxSourceBytes));
    *source_bytes += record.size;
    if (*source_bytes > kMaxAllSourcesBytes) {
      return LimitExceeded(where, "sources of more bytes in all", "at most " + N(kMaxAllSourcesBytes));
    }
    return AddSource(path, path.substr(code.size()));
  }
  const size_t slash = path.rfind('/');
  ArchiveResource resource;
  resource.path = path;
  resource.name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  const std::string_view folder = slash == std::string_view::npos ? "" : path.substr(0, slash);
  resource.package = Dotted(folder);
  resource.bytes = record.size;
  if (package && !metadata) {
    AddFolders(folder);
    for (const std::string& name : externs_) {
      if (resource.package == name || IsUnder(resource.package, name)) {
        return BadInput(where, "lies in module " + Printable(name), kNothingBelowExterns);
      }
    }
  }
  resources_.push_back(std::move(resource));
  return OkStatus();
}

// `file` is the record's path, `module_path` what of it makes the module's name.
Status Archive::AddSource(std::string_view file, std::string_view module_path) {
  std::string_view stem = module_path.substr(0, module_path.size() - 3);
  const size_t slash = stem.rfind('/');
  const std::string_view folder = slash == std::string_view::npos ? "" : stem.substr(0, slash);
  AddFolders(folder);
  const bool init = stem.substr(slash == std::string_view::npos ? 0 : slash + 1) == "__init__";
  if (init && folder.empty()) return OkStatus();  // PyTorch cannot import it either
  ArchiveModule module;
  module.name = Dotted(init ? folder : stem);
  module.file = file;
  module.is_package = init;
  for (const std::string& name : externs_) {
    if (IsUnder(module.name, name)) {
      return BadInput("record " + Printable(file), "defines a module below " + Printable(name), kNothingBelowExterns);
    }
  }
  ArchiveModule& slot = by_name_[module.name];
  if (!slot.file.empty()) {
    return BadInput("record " + Printable(file), "a second source of module " + Printable(module.name), Printable(slot.file) + " alone");
  }
  slot = std::move(module);
  return OkStatus();
}

// Folders are packages, with or without __init__.py.
void Archive::AddFolders(std::string_view folder) {
  for (size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
    const std::string name = Dotted(folder.substr(0, end));
    if (!name.empty() && by_name_.count(name) == 0) by_name_[name] = {name, "", true};
    if (end == std::string_view::npos) return;
  }
}

// By name, or (what PyTorch stores under any name) by content. A deflated record is never looked into for this: inflating
// every resource of a hostile archive could take minutes.
Status Archive::FindPickles() {
  for (ArchiveResource& resource : resources_) {
    const std::string_view name = resource.name;
    const ZipRecord& record = *Record(resource.path);
    if (name.size() > 4 && name.substr(name.size() - 4) == ".pkl") {
      resource.is_pickle = true;
    } else if (kind_ == ArchiveKind::kTorchPackage && !record.deflated) {
      FP_ASSIGN_OR_RETURN(const Bytes bytes, zip_->Read(record));
      resource.is_pickle = LooksLikePickle(bytes.span);
    }
  }
  return OkStatus();
}

const ArchiveModule* Archive::FindModule(std::string_view name) const {
  const auto found = std::lower_bound(modules_.begin(), modules_.end(), name,
                                      [](const ArchiveModule& module, std::string_view key) { return module.name < key; });
  return found != modules_.end() && found->name == name ? &*found : nullptr;
}

const ArchiveResource* Archive::FindResource(std::string_view path) const {
  for (const ArchiveResource& resource : resources_) {
    if (resource.path == path) return &resource;
  }
  return nullptr;
}

Result<Bytes> Archive::ReadSource(const ArchiveModule& module) const {
  FP_CHECK(!module.file.empty());
  return zip_->Read(*Record(module.file), kMaxSourceBytes);
}

Result<Bytes> Archive::ReadResource(const ArchiveResource& resource) const { return zip_->Read(*Record(resource.path)); }

Result<const ArchiveResource*> Archive::DefaultPickle() const {
  if (kind_ != ArchiveKind::kTorchPackage) return FindResource("data.pkl");
  const ArchiveResource* only = nullptr;
  std::string names;
  int count = 0;
  for (const ArchiveResource& resource : resources_) {
    if (!resource.is_pickle || resource.path.compare(0, 6, ".data/") == 0) continue;
    only = &resource;
    count++;
    if (count <= 8) names += (count == 1 ? "" : ", ") + Printable(resource.path);
    if (count == 9) names += ", ...";
  }
  if (count == 1) return only;
  if (count == 0) return WithFile(BadInput("", "no pickle in the archive", "one"), path());
  return WithFile(BadInput("", N(count) + " pickles: " + names, "one, or its name (--pickle)"), path());
}

std::shared_ptr<StorageTable> Archive::Storages(const std::string& prefix, const std::string& suffix) const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<StorageTable>& table = storages_[prefix];
  if (table != nullptr) return table;
  // The table outlives the archive with the trees that use it, so it holds the zip and not `this`.
  const auto read = [zip = zip_, begin = root_ + "/" + prefix, suffix](const std::string& key) -> Result<Bytes> {
    const ZipRecord* record = zip->Find(begin + key + suffix);
    if (record == nullptr) return BadInput("", "no record for storage " + Printable(key), Printable(begin + key + suffix));
    FP_ASSIGN_OR_RETURN(Bytes bytes, zip->Read(*record));
    if (reinterpret_cast<uintptr_t>(bytes.data()) % kStorageAlignment == 0) return bytes;
    uint8_t* data = nullptr;
    FP_ASSIGN_OR_RETURN(Bytes aligned, Bytes::Allocate(bytes.size(), &data));
    if (bytes.size() > 0) std::memcpy(data, bytes.data(), bytes.size());
    return aligned;
  };
  table = std::make_shared<StorageTable>(read);
  return table;
}

Result<std::shared_ptr<const PickleTree>> Archive::LoadPickle(const std::string& package, const std::string& resource) const {
  std::string path = package;
  std::replace(path.begin(), path.end(), '.', '/');
  if (!path.empty()) path += "/";
  path += resource;
  const ArchiveResource* found = FindResource(path);
  if (found == nullptr) {
    return WithFile(BadInput("", "no pickle " + Printable(path) + " in the archive", "one that `inspect` lists"), this->path());
  }
  return LoadPickle(*found);
}

Result<std::shared_ptr<const PickleTree>> Archive::LoadPickle(const ArchiveResource& resource, const UnpickleLimits& limits) const {
  FP_ASSIGN_OR_RETURN(Bytes bytes, ReadResource(resource));
  const bool package = kind_ == ArchiveKind::kTorchPackage;
  const std::string prefix = package ? ".data/" : resource.path == "constants.pkl" ? "constants/" : "data/";
  auto tree = Unpickle("pickle " + Printable(resource.path), std::move(bytes), Storages(prefix, package ? ".storage" : ""), limits);
  if (!tree.ok()) return WithFile(tree.status(), path());
  return tree;
}

}  // namespace fusepack::archive
