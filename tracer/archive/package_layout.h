// OpenArchive: which record of a PyTorch zip file is what. After torch/package/package_importer.py and
// caffe2/serialize (the container), for every container version that PyTorch accepts.
//
//   FP_ASSIGN_OR_RETURN(auto archive, OpenArchive("resnet18.pt"));
//   FP_ASSIGN_OR_RETURN(auto tree, archive->LoadPickle("model", "model.pkl"));
//
// Ownership: an Archive holds its file mapped; trees and bytes that it gave out stay valid after it is gone.
// Threads: any number may use an Archive. Errors: kBadInput, kLimit, kIo; they name the file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/archive/unpickle.h"
#include "tracer/archive/zip.h"

namespace fusepack::archive {

inline constexpr uint64_t kMaxSourceBytes = uint64_t{4} << 20;
inline constexpr uint64_t kMaxAllSourcesBytes = uint64_t{64} << 20;
// Version files, extern lists and the like.
inline constexpr uint64_t kMaxMetadataBytes = uint64_t{1} << 20;
inline constexpr int kMinContainerVersion = 1, kMaxContainerVersion = 10;

enum class ArchiveKind {
  kTorchPackage,  // torch.package.PackageExporter: pickles, Python source, externs
  kTorchScript,   // torch.jit.save: data.pkl, constants.pkl, code/
  kTorchSave,     // torch.save: data.pkl and storages, no source
};
std::string_view ArchiveKindName(ArchiveKind kind);  // "torch.package archive"

// A Python module that the archive can answer an import with.
struct ArchiveModule {
  std::string name;       // "torchvision.models.resnet"
  std::string file;       // "torchvision/models/resnet.py"; empty for a folder without __init__.py
  bool is_package = false;
};

// Any record that is no source, storage or metadata of the container.
struct ArchiveResource {
  std::string package;  // "model", dotted; empty at the top
  std::string name;     // "model.pkl"
  std::string path;     // "model/model.pkl": the record without the archive's root folder
  uint64_t bytes = 0;
  bool is_pickle = false;
};

class Archive {
 public:
  ArchiveKind kind() const { return kind_; }
  const std::string& path() const { return zip_->path(); }
  const std::string& root() const { return root_; }  // "resnet18": the folder around all records
  int version() const { return version_; }
  const std::string& python_version() const { return python_version_; }  // "3.11.2"; may be empty
  const ZipReader& zip() const { return *zip_; }

  // Sorted by name. Folders without __init__.py are listed too, with no file.
  const std::vector<ArchiveModule>& modules() const { return modules_; }
  const ArchiveModule* FindModule(std::string_view name) const;
  // Text of a module that has a file. The caller keeps the Bytes while it uses the text.
  Result<Bytes> ReadSource(const ArchiveModule& module) const;

  // Names that imports find outside the archive, as the exporter listed them. A name covers what is below it.
  const std::vector<std::string>& externs() const { return externs_; }
  bool IsExtern(std::string_view module) const;

  // In the order of the file.
  const std::vector<ArchiveResource>& resources() const { return resources_; }
  const ArchiveResource* FindResource(std::string_view path) const;
  Result<Bytes> ReadResource(const ArchiveResource& resource) const;

  // The one pickle that is loaded when the user names none: the only one of a torch.package archive, data.pkl of the
  // other kinds.
  Result<const ArchiveResource*> DefaultPickle() const;
  // Storages are shared between all trees of an archive.
  Result<std::shared_ptr<const PickleTree>> LoadPickle(const std::string& package, const std::string& resource) const;
  Result<std::shared_ptr<const PickleTree>> LoadPickle(const ArchiveResource& resource, const UnpickleLimits& limits = {}) const;

 private:
  friend Result<std::shared_ptr<const Archive>> OpenArchive(std::shared_ptr<const MappedFile> file);
  Archive() = default;
  Status Parse();
  Status ParseMetadata();
  Status ParseExterns();
  Status AddRecord(const ZipRecord& record, std::string_view path, uint64_t* source_bytes);
  Status AddSource(std::string_view file, std::string_view module_path);
  void AddFolders(std::string_view folder);
  Status FindPickles();
  Result<std::string> ReadText(std::string_view path) const;
  const ZipRecord* Record(std::string_view path) const;
  std::shared_ptr<StorageTable> Storages(const std::string& prefix, const std::string& suffix) const;

  std::shared_ptr<const ZipReader> zip_;
  ArchiveKind kind_ = ArchiveKind::kTorchPackage;
  std::string root_;
  int version_ = 0;
  std::string python_version_;
  std::vector<ArchiveModule> modules_;
  std::map<std::string, ArchiveModule, std::less<>> by_name_;  // while parsing
  std::vector<std::string> externs_;
  std::vector<ArchiveResource> resources_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<StorageTable>> storages_;  // by prefix
};

// What OpenArchive expected where a record lies below an extern: for PyTorch that is an ImportError of its importer.
inline constexpr char kNothingBelowExterns[] = "none there, since it is listed as extern";

Result<std::shared_ptr<const Archive>> OpenArchive(const std::string& path);
Result<std::shared_ptr<const Archive>> OpenArchive(std::shared_ptr<const MappedFile> file);

}  // namespace fusepack::archive
