// FileList: the files that a list of paths names, in the order of the output.
//
// A path that is a folder stands for its images and arrays (.jpg .jpeg .jpe .jfif .png .npy, in any case) by the bytes of
// their names; with `recursive`, folders in it are entered where their name stands. Any other path stands for itself, there
// or not: what cannot be read is found out when its turn comes. A million names take some 50 MB. Immutable once collected.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack {

class FileList {
 public:
  // kIo for a folder that cannot be read, kLimit for folders nested deeper than kMaxDepth.
  static Result<FileList> Collect(const std::vector<std::string>& paths, bool recursive);

  static constexpr int kMaxDepth = 64;

  size_t size() const { return entries_.size(); }
  std::string operator[](size_t i) const;

  // Part `index` of `count` of nearly equal length; the parts, one after the other, are the whole.
  void KeepShard(size_t index, size_t count);

 private:
  struct Entry {
    uint32_t folder;
    uint64_t name;  // offset in names_, which end in NUL
  };
  void Add(uint32_t folder, const std::string& name);
  Status AddFolder(const std::string& path, bool recursive, int depth);

  std::vector<std::string> folders_;  // with their slash; "" for paths that were given
  std::string names_;
  std::vector<Entry> entries_;
};

// Case does not matter: HasExtension("a/B.NPY", ".npy").
bool HasExtension(const std::string& path, const std::string& extension);

}  // namespace fusepack
