// MappedFile: the bytes of one input file, mapped read-only or read into memory, and Bytes, a piece of it that keeps it alive.
//
// Ownership: a MappedFile is shared; every Bytes that was cut from it holds it, so a span is valid as long as its
// Bytes is. Threads: immutable after Open, any number may read.
// Errors: kIo (exit status 74) for what cannot be opened or read, directories, pipes and devices included.
//
// A file that another process truncates while it is mapped raises SIGBUS at the next touch of a lost page (a file
// that is replaced by rename, as atomic_write.h does, is not affected). Where that can happen, FUSEPACK_READ=1 in the
// environment, or FileAccess::kRead, reads the whole file up front instead; both ways give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack {

// A read-only piece of memory and what keeps it alive.
struct Bytes {
  std::shared_ptr<const void> owner;
  std::span<const uint8_t> span;

  const uint8_t* data() const { return span.data(); }
  size_t size() const { return span.size(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(span.data()), span.size()}; }
  // Takes over `buffer`.
  static Bytes FromVector(std::vector<uint8_t> buffer);
  // Zeroed memory that starts at a multiple of 64 bytes, to be filled through `*data` before it is shared.
  // kLimit if there is no memory.
  static Result<Bytes> Allocate(size_t size, uint8_t** data);
};

enum class FileAccess { kMap, kRead };

class MappedFile : public std::enable_shared_from_this<MappedFile> {
 public:
  static Result<std::shared_ptr<const MappedFile>> Open(const std::string& path, FileAccess access = FileAccess::kMap);
  // A file that exists only in memory; `path` is what error messages call it.
  static std::shared_ptr<const MappedFile> FromBytes(const std::string& path, std::vector<uint8_t> bytes);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::string& path() const { return path_; }
  std::span<const uint8_t> bytes() const { return bytes_; }
  // bytes()[offset, offset + size), which must lie inside the file.
  Bytes Cut(uint64_t offset, uint64_t size) const;

 private:
  MappedFile() = default;

  std::string path_;
  std::span<const uint8_t> bytes_;
  void* mapping_ = nullptr;  // what munmap gets; null when read or empty
  Bytes buffer_;             // owns bytes_ when not mapped
};

}  // namespace fusepack
