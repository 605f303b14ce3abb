// BuildZip: a zip archive byte by byte, with the place of every structure, so that a test can make one field wrong.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace fusepack::archive {

struct ZipPart {
  std::string name;
  std::string content;
  bool deflated = false;
  int descriptor = 0;         // bytes of data descriptor (12, 16, 20 or 24); 0 = not streamed
  std::string local_extra;    // whole extra fields
  std::string central_extra;
  bool zip64 = false;         // sizes and header offset as markers with a ZIP64 extra field in the central directory
  size_t align = 0;           // pad the data to a multiple of this with an 'FB' field, as PyTorch does
};

struct BuiltZip {
  std::string bytes;
  std::vector<size_t> local;       // [i]: offset of part i's local header
  std::vector<size_t> data;        // [i]: of its first stored byte
  std::vector<size_t> descriptor;  // [i]: of its data descriptor, or of the byte after its data
  std::vector<size_t> central;     // [i]: of its central directory entry
  size_t directory = 0;
  size_t end64 = 0;                // of the ZIP64 end record, when there is one
  size_t end = 0;                  // of the end record

  void Put16(size_t at, uint16_t value) { std::memcpy(&bytes[at], &value, 2); }
  void Put32(size_t at, uint32_t value) { std::memcpy(&bytes[at], &value, 4); }
  void Put64(size_t at, uint64_t value) { std::memcpy(&bytes[at], &value, 8); }
};

inline std::string Le(uint64_t value, int bytes) { return {reinterpret_cast<const char*>(&value), static_cast<size_t>(bytes)}; }

inline std::string RawDeflate(const std::string& content) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline uint32_t CrcOf(const std::string& content) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
}

inline BuiltZip BuildZip(const std::vector<ZipPart>& parts, bool end64 = false) {
  BuiltZip zip;
  std::string central;
  for (const ZipPart& part : parts) {
    const std::string stored = part.deflated ? RawDeflate(part.content) : part.content;
    const uint32_t crc = CrcOf(part.content);
    const uint16_t flags = (part.descriptor != 0 ? 8 : 0) | 0x800, method = part.deflated ? 8 : 0;
    const bool streamed = part.descriptor != 0;
    const size_t start = zip.bytes.size();
    std::string local_extra = part.local_extra;
    if (part.align != 0) {
      const size_t base = start + 30 + part.name.size() + local_extra.size() + 4;
      const size_t pad = (part.align - base % part.align) % part.align;
      local_extra += "FB" + Le(pad, 2) + std::string(pad, 'Z');
    }
    zip.local.push_back(start);
    zip.bytes += "PK\x03\x04" + Le(20, 2) + Le(flags, 2) + Le(method, 2) + Le(0, 4) + Le(streamed ? 0 : crc, 4) +
                 Le(streamed ? 0 : stored.size(), 4) + Le(streamed ? 0 : part.content.size(), 4) + Le(part.name.size(), 2) +
                 Le(local_extra.size(), 2) + part.name + local_extra;
    zip.data.push_back(zip.bytes.size());
    zip.bytes += stored;
    zip.descriptor.push_back(zip.bytes.size());
    const int width = part.descriptor >= 20 ? 8 : 4;
    if (part.descriptor == 16 || part.descriptor == 24) zip.bytes += "PK\x07\x08";
    if (streamed) zip.bytes += Le(crc, 4) + Le(stored.size(), width) + Le(part.content.size(), width);

    std::string central_extra = part.central_extra;
    if (part.zip64) central_extra += Le(1, 2) + Le(24, 2) + Le(part.content.size(), 8) + Le(stored.size(), 8) + Le(start, 8);
    const uint64_t marker = 0xffffffff;
    zip.central.push_back(central.size());
    central += "PK\x01\x02" + Le(20, 2) + Le(20, 2) + Le(flags, 2) + Le(method, 2) + Le(0, 4) + Le(crc, 4) +
               Le(part.zip64 ? marker : stored.size(), 4) + Le(part.zip64 ? marker : part.content.size(), 4) +
               Le(part.name.size(), 2) + Le(central_extra.size(), 2) + Le(0, 2) + Le(0, 2) + Le(0, 2) + Le(0, 4) +
               Le(part.zip64 ? marker : start, 4) + part.name + central_extra;
  }
  zip.directory = zip.bytes.size();
  for (size_t& at : zip.central) at += zip.directory;
  zip.bytes += central;
  if (end64) {
    zip.end64 = zip.bytes.size();
    zip.bytes += "PK\x06\x06" + Le(44, 8) + Le(45, 2) + Le(45, 2) + Le(0, 4) + Le(0, 4) + Le(parts.size(), 8) +
                 Le(parts.size(), 8) + Le(central.size(), 8) + Le(zip.directory, 8);
    zip.bytes += "PK\x06\x07" + Le(0, 4) + Le(zip.end64, 8) + Le(1, 4);
  }
  zip.end = zip.bytes.size();
  zip.bytes += "PK\x05\x06" + Le(0, 4) + Le(parts.size(), 2) + Le(parts.size(), 2) + Le(central.size(), 4) +
               Le(zip.directory, 4) + Le(0, 2);
  return zip;
}

}  // namespace fusepack::archive
