// Where things lie in a .fpk file: header, segments, manifest, footer (FORMAT.md has the picture).
//
// The writer goes through the file once, front to back, so everything that is known late -- where the manifest lies
// and every checksum -- stands at the end.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/base/status.h"

namespace fusepack::fpk {

inline constexpr uint16_t kMajorVersion = 1;  // another one is refused
inline constexpr uint16_t kMinorVersion = 1;  // a newer one is read, without what it added

inline constexpr uint64_t kHeaderBytes = 64;
inline constexpr uint64_t kFooterBytes = 64;
inline constexpr uint64_t kManifestAlignment = 64;
inline constexpr uint64_t kMinSegmentAlignment = 64;    // bytes; a tensor's, too
inline constexpr uint64_t kMaxSegmentAlignment = 4096;  // a memory page: a mapped segment cannot be aligned further

// `offset` rounded up to a multiple of `alignment`, a power of two. REQUIRES: offset <= 2^63.
constexpr uint64_t AlignUp(uint64_t offset, uint64_t alignment) { return (offset + alignment - 1) & ~(alignment - 1); }

struct FileLayout {
  uint16_t minor_version = kMinorVersion;
  uint64_t manifest_offset = 0;
  uint64_t manifest_bytes = 0;
  uint64_t manifest_checksum = 0;
};

std::array<uint8_t, kHeaderBytes> EncodeHeader(uint16_t minor_version = kMinorVersion);
// REQUIRES: the footer follows the manifest at the next multiple of 64; `header` is what stands at offset 0.
std::array<uint8_t, kFooterBytes> EncodeFooter(const FileLayout& layout, std::span<const uint8_t, kHeaderBytes> header);

// Reads and checks header and footer of a whole file; the manifest is then known to lie inside, aligned, with the
// checksum that it should have and nothing but zeros between it and the footer.
Result<FileLayout> ReadLayout(std::span<const uint8_t> file);

bool HasMagic(std::span<const uint8_t> file);

uint64_t Checksum(std::span<const uint8_t> bytes);  // XXH3-64, seed 0

bool AllZero(std::span<const uint8_t> bytes);

}  // namespace fusepack::fpk
