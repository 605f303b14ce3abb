#include "tools/predict/file_list.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace fusepack {
namespace {

constexpr const char* kExtensions[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".npy"};

}  // namespace

bool HasExtension(const std::string& path, const std::string& extension) {
  if (path.size() < extension.size()) return false;
  return std::equal(extension.begin(), extension.end(), path.end() - static_cast<std::ptrdiff_t>(extension.size()),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

void FileList::Add(uint32_t folder, const std::string& name) {
  entries_.push_back({folder, names_.size()});
  names_.append(name.c_str(), name.size() + 1);
}

std::string FileList::operator[](size_t i) const {
  return folders_[entries_[i].folder] + (names_.c_str() + entries_[i].name);
}

Status FileList::AddFolder(const std::string& path, bool recursive, int depth) {
  if (depth > kMaxDepth) return WithFile(LimitExceeded("folders", "nesting deeper than " + std::to_string(kMaxDepth)), path);
  namespace fs = std::filesystem;
  std::error_code error;
  struct Found {
    std::string name;
    bool folder;
  };
  std::vector<Found> found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // between listing and looking, or a link to nothing: its turn will tell
    const std::string name = it->path().filename().string();
    // A link to a folder could lead round in a circle.
    const bool folder = it->is_directory(gone) && !it->is_symlink(gone);
    const bool wanted = std::any_of(std::begin(kExtensions), std::end(kExtensions), [&](const char* e) { return HasExtension(name, e); });
    if (folder ? recursive : wanted && !it->is_directory(gone)) found.push_back({name, folder});
  }
  if (error) return IoError(path, error.message());
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
  const std::string with_slash = path.ends_with('/') ? path : path + "/";
  const uint32_t own = static_cast<uint32_t>(folders_.size());
  folders_.push_back(with_slash);
  for (const Found& entry : found) {
    if (entry.folder) {
      FP_RETURN_IF_ERROR(AddFolder(with_slash + entry.name, recursive, depth + 1));
    } else {
      Add(own, entry.name);
    }
  }
  return OkStatus();
}

Result<FileList> FileList::Collect(const std::vector<std::string>& paths, bool recursive) {
  FileList list;
  list.folders_.push_back("");
  for (const std::string& path : paths) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      FP_RETURN_IF_ERROR(list.AddFolder(path, recursive, 0));
    } else {
      list.Add(0, path);
    }
  }
  return list;
}

void FileList::KeepShard(size_t index, size_t count) {
  const size_t n = entries_.size(), each = n / count, longer = n % count;
  const auto begin_of = [&](size_t i) { return i * each + std::min(i, longer); };
  entries_.assign(entries_.begin() + static_cast<std::ptrdiff_t>(begin_of(index)),
                  entries_.begin() + static_cast<std::ptrdiff_t>(begin_of(index + 1)));
}

}  // namespace fusepack
