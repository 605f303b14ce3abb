// ReadPackage: a .fpk file, checked as a whole and mapped.
//
// The file may be hostile. Everything is checked before anything is believed: the file's frame and every checksum,
// the manifest's structure, then its meaning (numbers of enumerations, indices, types, sizes in checked arithmetic,
// limits of rules.h), the elements of bool tensors, and each graph. Checksums find corruption, they are no
// signature. Errors name file and place: kBadInput, kLimit (a limit or memory), kIo.
//
// Stored segments stay where they are mapped; compressed ones are decoded into memory. Both kinds are read-only.
// Work is split with ParallelFor; any number of threads may read at once.
#pragma once

#include <memory>
#include <string>

#include "package_format/mapped_file.h"
#include "package_format/package.h"

namespace fusepack {

struct ReadOptions {
  FileAccess access = FileAccess::kMap;
  // Memory that compressed segments may take, all together.
  uint64_t max_decoded_bytes = uint64_t{64} << 30;
  // Gets lines about what was left out, for the user to see: parts that a newer fusepack added. May be null.
  std::vector<std::string>* notes = nullptr;
};

Result<Package> ReadPackage(const std::string& path, const ReadOptions& options = {});
// The same from a file that is open already.
Result<Package> ReadPackage(std::shared_ptr<const MappedFile> file, const ReadOptions& options = {});

// True if the file's first bytes are those of a .fpk.
bool IsPackage(std::span<const uint8_t> file);

}  // namespace fusepack
