// Numbers are little-endian and put together byte by byte, so that neither alignment nor the machine matters.
#include "package_format/layout.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

namespace fusepack::fpk {
namespace {

// The first byte is no ASCII, the line ends and the ^Z show a transfer that took the file for text (as in PNG).
constexpr uint8_t kMagic[8] = {0x89, 'F', 'P', 'K', '\r', '\n', 0x1a, '\n'};
constexpr char kEndMagic[17] = "fusepack.fpk.end";

// Header: magic, u16 major, u16 minor, zeros.
constexpr size_t kMajorAt = 8, kMinorAt = 10;
// Footer: u64 each; the checksum covers the header and the footer before it.
constexpr size_t kManifestOffsetAt = 0, kManifestBytesAt = 8, kManifestChecksumAt = 16, kFileBytesAt = 24,
                 kReservedAt = 32, kOwnChecksumAt = 40, kEndMagicAt = 48;

template <typename T>
void Put(uint8_t* to, T value) {
  for (size_t i = 0; i < sizeof(T); i++) to[i] = static_cast<uint8_t>(value >> (8 * i));
}

template <typename T>
T Get(const uint8_t* from) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); i++) value = static_cast<T>(value | static_cast<T>(from[i]) << (8 * i));
  return value;
}

uint64_t OwnChecksum(const uint8_t* header, const uint8_t* footer) {
  uint8_t both[kHeaderBytes + kOwnChecksumAt];
  std::memcpy(both, header, kHeaderBytes);
  std::memcpy(both + kHeaderBytes, footer, kOwnChecksumAt);
  return Checksum(both);
}

std::string Hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

bool HasMagic(std::span<const uint8_t> file) {
  return file.size() >= sizeof kMagic && std::memcmp(file.data(), kMagic, sizeof kMagic) == 0;
}

uint64_t Checksum(std::span<const uint8_t> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

bool AllZero(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return true;
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

std::array<uint8_t, kHeaderBytes> EncodeHeader(uint16_t minor_version) {
  std::array<uint8_t, kHeaderBytes> header{};
  std::memcpy(header.data(), kMagic, sizeof kMagic);
  Put(header.data() + kMajorAt, kMajorVersion);
  Put(header.data() + kMinorAt, minor_version);
  return header;
}

std::array<uint8_t, kFooterBytes> EncodeFooter(const FileLayout& layout, std::span<const uint8_t, kHeaderBytes> header) {
  std::array<uint8_t, kFooterBytes> footer{};
  const uint64_t end = AlignUp(layout.manifest_offset + layout.manifest_bytes, kManifestAlignment);
  Put(footer.data() + kManifestOffsetAt, layout.manifest_offset);
  Put(footer.data() + kManifestBytesAt, layout.manifest_bytes);
  Put(footer.data() + kManifestChecksumAt, layout.manifest_checksum);
  Put(footer.data() + kFileBytesAt, end + kFooterBytes);
  Put(footer.data() + kReservedAt, uint64_t{0});
  Put(footer.data() + kOwnChecksumAt, OwnChecksum(header.data(), footer.data()));
  std::memcpy(footer.data() + kEndMagicAt, kEndMagic, 16);
  return footer;
}

Result<FileLayout> ReadLayout(std::span<const uint8_t> file) {
  const auto bytes = [](uint64_t n) { return std::to_string(n) + " bytes"; };
  if (!HasMagic(file)) {
    return BadInput("header", "other first bytes", "those of a fusepack package");
  }
  if (file.size() < kHeaderBytes + kFooterBytes) {
    return BadInput("header", "a file of " + bytes(file.size()), "at least " + bytes(kHeaderBytes + kFooterBytes));
  }
  const uint8_t* header = file.data();
  const uint16_t major = Get<uint16_t>(header + kMajorAt);
  if (major != kMajorVersion) {
    return BadInput("header", "format version " + std::to_string(major) + "." + std::to_string(Get<uint16_t>(header + kMinorAt)),
                    "version " + std::to_string(kMajorVersion) + (major > kMajorVersion ? " (made by a newer fusepack)" : ""));
  }

  const uint8_t* footer = file.data() + file.size() - kFooterBytes;
  if (std::memcmp(footer + kEndMagicAt, kEndMagic, 16) != 0) {
    return BadInput("footer", "other last bytes", "the end mark (is the file cut off?)");
  }
  const uint64_t found = OwnChecksum(header, footer), stated = Get<uint64_t>(footer + kOwnChecksumAt);
  if (found != stated) return BadInput("header and footer", "checksum " + Hex(found), Hex(stated));
  // From here on accident is excluded; what follows is about files made wrong on purpose or by a broken writer.
  if (!AllZero(file.subspan(kMinorAt + 2, kHeaderBytes - kMinorAt - 2)) || Get<uint64_t>(footer + kReservedAt) != 0) {
    return BadInput("header and footer", "reserved bytes in use", "zeros");
  }
  const uint64_t file_bytes = Get<uint64_t>(footer + kFileBytesAt);
  if (file_bytes != file.size()) return BadInput("footer", "a file of " + bytes(file.size()), bytes(file_bytes));

  FileLayout layout;
  layout.minor_version = Get<uint16_t>(header + kMinorAt);
  layout.manifest_offset = Get<uint64_t>(footer + kManifestOffsetAt);
  layout.manifest_bytes = Get<uint64_t>(footer + kManifestBytesAt);
  layout.manifest_checksum = Get<uint64_t>(footer + kManifestChecksumAt);
  const uint64_t end = file.size() - kFooterBytes;
  if (layout.manifest_offset % kManifestAlignment != 0 || layout.manifest_offset < kHeaderBytes ||
      layout.manifest_offset > end || layout.manifest_bytes > end - layout.manifest_offset ||
      AlignUp(layout.manifest_offset + layout.manifest_bytes, kManifestAlignment) != end) {
    return BadInput("footer",
                    "a manifest at " + std::to_string(layout.manifest_offset) + " of " + bytes(layout.manifest_bytes),
                    "one that starts at a multiple of 64 and ends where the footer at " + std::to_string(end) + " starts");
  }
  const auto manifest = file.subspan(layout.manifest_offset, layout.manifest_bytes);
  if (const uint64_t sum = Checksum(manifest); sum != layout.manifest_checksum) {
    return BadInput("manifest", "checksum " + Hex(sum), Hex(layout.manifest_checksum));
  }
  if (!AllZero(file.subspan(layout.manifest_offset + layout.manifest_bytes, end - layout.manifest_offset - layout.manifest_bytes))) {
    return BadInput("padding after the manifest", "bytes in use", "zeros");
  }
  return layout;
}

}  // namespace fusepack::fpk
