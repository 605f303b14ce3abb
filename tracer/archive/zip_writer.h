// WriteZip: a zip file as PyTorch lays its archives out, which PyTorch, Python's zipfile and our own reader accept.
//
// Records are stored (not deflated), each record's data at a multiple of 64 bytes (an extra field "FB" of the local header
// makes room), its CRC and sizes in a data descriptor, no time stamps. Always with ZIP64 end records; ZIP64 sizes where a
// record or an offset needs them. The same records give the same bytes.
//
// Errors: kBadInput for names that the reader would refuse (empty, over 512 bytes, twice), the sink's own.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/status.h"
#include "package_format/mapped_file.h"

namespace fusepack::archive {

struct NewRecord {
  std::string name;  // below the root: ".data/0.storage"
  Bytes bytes;
};

using ByteSink = std::function<Status(std::span<const uint8_t>)>;

// Every record is put below the folder `root`.
Status WriteZip(const std::string& root, const std::vector<NewRecord>& records, const ByteSink& sink);

// Adds what PyTorch's container ends with: .data/version, byteorder, .data/serialization_id (20 digits made of the names,
// 20 of the contents); those that `records` has already are replaced and moved to the end.
inline constexpr int kPackageVersion = 6, kTorchScriptVersion = 10;
void FinishContainer(std::vector<NewRecord>* records, int version = kPackageVersion);

// The folder that PyTorch puts an archive's records into: the file's name without folders and extension.
std::string RootForPath(const std::string& path);
inline constexpr char kRootForBuffer[] = "archive";

// The finished archive in memory; `path` only names the root.
Result<std::vector<uint8_t>> ZipBytes(const std::string& root, const std::vector<NewRecord>& records);
// Crash-safe (atomic_write.h).
Status WriteZipFile(const std::string& path, const std::vector<NewRecord>& records);

}  // namespace fusepack::archive
