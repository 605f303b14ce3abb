// AtomicWriter: writes a file so that at any moment, a kill or a full disk included, the old or the new one is there, whole.
//
//   FP_ASSIGN_OR_RETURN(auto writer, AtomicWriter::Create(path));
//   FP_RETURN_IF_ERROR(writer->Append(header));
//   FP_RETURN_IF_ERROR(writer->Commit());        // without it nothing of `path` changes
//
// The new bytes go to a nameless file in the target's folder (or, where the file system has none, to
// `.<name>.fusepack-<pid>-<n>` beside it), are fsynced, renamed over the target, and the folder is fsynced. A writer
// that is destroyed without Commit leaves nothing behind. A symbolic link is followed: what it names is replaced.
// A target that is a pipe or a device (/dev/stdout, /dev/null) cannot be replaced and is written directly.
//
// Errors: kIo (exit status 74) for everything that the system refuses; after one, every later call fails too.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack {

class AtomicWriter {
 public:
  static Result<std::unique_ptr<AtomicWriter>> Create(const std::string& path);

  AtomicWriter(const AtomicWriter&) = delete;
  AtomicWriter& operator=(const AtomicWriter&) = delete;
  ~AtomicWriter();

  // Bytes appended so far: the offset at which the next Append lands.
  uint64_t size() const { return size_; }

  Status Append(std::span<const uint8_t> bytes);
  Status Append(std::string_view text);
  // `count` zero bytes; long runs become a hole in a regular file.
  Status AppendZeros(uint64_t count);
  // Replaces bytes that were appended before (a header written last). Not for a pipe.
  Status Overwrite(uint64_t offset, std::span<const uint8_t> bytes);
  // Makes the new file the target. Nothing may follow.
  Status Commit();

 private:
  AtomicWriter() = default;
  Status Fail(const char* what);
  Status Flush();
  Status WriteAll(const uint8_t* data, size_t size);
  Status Publish();

  std::string path_;        // as the caller named it, for messages
  std::string target_;      // what is replaced: path_ with symbolic links followed
  std::string folder_;      // of target_
  std::string temporary_;   // the temporary name while it exists; empty for a nameless file
  int fd_ = -1;
  bool direct_ = false;     // a pipe or device: no rename
  uint32_t mode_ = 0;       // of the file that is replaced; 0 for a new one
  uint64_t size_ = 0;
  std::vector<uint8_t> pending_;  // appended, not yet written
  Status failed_;
  bool committed_ = false;
};

// A whole file in one call.
Status WriteFileAtomically(const std::string& path, std::span<const uint8_t> bytes);
Status WriteFileAtomically(const std::string& path, std::string_view text);

}  // namespace fusepack
