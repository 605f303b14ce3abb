// ZipReader: a strict reader of zip files, as PyTorch and Python's zipfile write them.
//
// The whole structure is checked when the file is opened: every byte must belong to exactly one local header, record,
// data descriptor, central directory entry or end record, so no two zip readers can disagree about what is inside.
// Content is checked (CRC-32) when it is read: Read() never returns bytes whose checksum is wrong.
//
// Ownership: records stay in the mapped file; a stored record's Bytes is a view of it, a deflated one's own memory.
// Threads: any number may read. Errors: kBadInput for a broken or forbidden structure, kLimit for what is over a limit.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/base/status.h"
#include "package_format/mapped_file.h"

namespace fusepack::archive {

inline constexpr uint64_t kMaxZipEntries = 65536;
inline constexpr size_t kMaxZipNameBytes = 512;
// Uncompressed over compressed bytes of a deflated record. Source text reaches about 10; deflate's own bound is 1032.
inline constexpr uint64_t kMaxZipRatio = 200;
// The largest deflated record that is inflated; stored records are views and have no limit of their own.
inline constexpr uint64_t kMaxInflatedBytes = uint64_t{512} << 20;

struct ZipRecord {
  std::string name;           // "resnet/.data/0.storage"
  uint64_t size = 0;          // bytes of content
  uint64_t stored_bytes = 0;  // bytes in the file: less than size when deflated
  uint64_t offset = 0;        // of the first stored byte
  uint32_t crc = 0;           // CRC-32 of the content
  bool deflated = false;
};

class ZipReader {
 public:
  static Result<std::shared_ptr<const ZipReader>> Open(std::shared_ptr<const MappedFile> file);

  const std::string& path() const { return file_->path(); }
  uint64_t file_bytes() const { return file_->bytes().size(); }
  // In the order of the central directory.
  const std::vector<ZipRecord>& records() const { return records_; }
  // nullptr if there is none of that name.
  const ZipRecord* Find(std::string_view name) const;
  // `record` must be one of records(). kLimit if it is larger than max_bytes.
  Result<Bytes> Read(const ZipRecord& record, uint64_t max_bytes = UINT64_MAX) const;
  // Reads every record.
  Status CheckAll() const;

 private:
  struct Directory;
  struct Entry;
  ZipReader() = default;
  Status Parse();
  Status ParseEnd(Directory* directory) const;
  Status ParseCentral(const Directory& directory, std::vector<Entry>* entries);
  Status CheckLocal(const Directory& directory, const std::vector<Entry>& entries);
  Status Inflate(const ZipRecord& record, uint8_t* content) const;

  std::shared_ptr<const MappedFile> file_;
  std::vector<ZipRecord> records_;
  std::unordered_map<std::string_view, size_t> by_name_;  // views of records_' names
  std::unique_ptr<std::atomic<bool>[]> checked_;          // [i]: the CRC of stored record i has been found right
};

// CRC-32 (the zip and zlib one); long inputs are divided over threads.
uint32_t Crc32(std::span<const uint8_t> bytes);

}  // namespace fusepack::archive
