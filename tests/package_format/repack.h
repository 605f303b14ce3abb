// Takes a .fpk apart and puts it together again with right places and checksums, whatever has become of its parts.
#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "package_format/fusepack_generated.h"
#include "package_format/layout.h"
#include "package_format/read.h"

namespace fusepack {

struct Unpacked {
  std::unique_ptr<fbs::ManifestT> manifest = std::make_unique<fbs::ManifestT>();
  std::vector<std::vector<uint8_t>> segments;  // as stored
  uint16_t minor_version = fpk::kMinorVersion;
};

inline std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// REQUIRES: a good file.
inline Unpacked Unpack(const std::vector<uint8_t>& file) {
  Unpacked out;
  const fpk::FileLayout layout = fpk::ReadLayout(file).value();
  out.manifest.reset(fbs::GetManifest(file.data() + layout.manifest_offset)->UnPack());
  for (const auto& s : out.manifest->segments) {
    out.segments.emplace_back(file.begin() + s->offset, file.begin() + s->offset + s->stored_size);
  }
  return out;
}

inline std::vector<uint8_t> PackManifest(const Unpacked& parts) {
  flatbuffers::FlatBufferBuilder builder;
  fbs::FinishManifestBuffer(builder, fbs::Manifest::Pack(builder, parts.manifest.get()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// The file of these segments and this manifest.
inline std::vector<uint8_t> Assemble(const Unpacked& parts, const std::vector<uint8_t>& manifest) {
  const auto header = fpk::EncodeHeader(parts.minor_version);
  std::vector<uint8_t> file(header.begin(), header.end());
  for (const auto& segment : parts.segments) {
    file.resize(fpk::AlignUp(file.size(), fpk::kMinSegmentAlignment));
    file.insert(file.end(), segment.begin(), segment.end());
  }
  file.resize(fpk::AlignUp(file.size(), fpk::kManifestAlignment));
  fpk::FileLayout layout;
  layout.manifest_offset = file.size();
  layout.manifest_bytes = manifest.size();
  layout.manifest_checksum = fpk::Checksum(manifest);
  file.insert(file.end(), manifest.begin(), manifest.end());
  file.resize(fpk::AlignUp(file.size(), fpk::kManifestAlignment));
  const auto footer = fpk::EncodeFooter(layout, header);
  file.insert(file.end(), footer.begin(), footer.end());
  return file;
}

// The same after each segment's place, stored size and checksum have been put right in the manifest; a stored
// segment's raw size, too.
inline std::vector<uint8_t> Repack(Unpacked& parts) {
  uint64_t at = fpk::kHeaderBytes;
  for (size_t i = 0; i < parts.segments.size() && i < parts.manifest->segments.size(); i++) {
    fbs::SegmentT& s = *parts.manifest->segments[i];
    s.offset = at = fpk::AlignUp(at, fpk::kMinSegmentAlignment);
    s.stored_size = parts.segments[i].size();
    if (s.codec == fbs::Codec::Stored) s.raw_size = s.stored_size;
    s.checksum = fpk::Checksum(parts.segments[i]);
    at += s.stored_size;
  }
  return Assemble(parts, PackManifest(parts));
}
inline std::vector<uint8_t> Repack(Unpacked&& parts) { return Repack(parts); }

// Makes the checksum over header and footer right again.
inline void MendFooter(std::vector<uint8_t>* file) {
  std::vector<uint8_t> covered(file->begin(), file->begin() + 64);
  covered.insert(covered.end(), file->end() - 64, file->end() - 24);
  const uint64_t sum = fpk::Checksum(covered);
  for (int i = 0; i < 8; i++) (*file)[file->size() - 24 + i] = static_cast<uint8_t>(sum >> (8 * i));
}

}  // namespace fusepack
