// MendZip: recomputes the CRC-32 of every record of a zip archive, wherever the archive says it is. Without this a
// mutator is stopped by the first checksum.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace fusepack::archive {

inline void MendZip(std::vector<uint8_t>* bytes) {
  std::vector<uint8_t>& b = *bytes;
  const auto u16 = [&](size_t at) { return static_cast<size_t>(b[at] | b[at + 1] << 8); };
  const auto u32 = [&](size_t at) { return u16(at) | u16(at + 2) << 16; };
  const auto put32 = [&](size_t at, uint32_t value) {
    if (at + 4 <= b.size()) std::memcpy(&b[at], &value, 4);
  };
  if (b.size() < 22) return;
  size_t at = u32(b.size() - 22 + 16);
  while (at < b.size() && b.size() - at >= 46 && u32(at) == 0x02014b50) {
    const size_t method = u16(at + 10), stored = u32(at + 20), size = u32(at + 24), header = u32(at + 42);
    const size_t next = at + 46 + u16(at + 28) + u16(at + 30) + u16(at + 32);
    if (header < b.size() && b.size() - header >= 30) {
      const size_t data = header + 30 + u16(header + 26) + u16(header + 28);
      if (data <= b.size() && stored <= b.size() - data) {
        uint32_t crc = static_cast<uint32_t>(crc32(0, &b[0] + data, static_cast<uInt>(stored)));
        if (method == 8 && size <= 1 << 20) {
          std::vector<uint8_t> out(size + 1);
          z_stream stream = {};
          inflateInit2(&stream, -MAX_WBITS);
          stream.next_in = &b[0] + data;
          stream.avail_in = static_cast<uInt>(stored);
          stream.next_out = out.data();
          stream.avail_out = static_cast<uInt>(size);
          inflate(&stream, Z_FINISH);
          crc = static_cast<uint32_t>(crc32(0, out.data(), static_cast<uInt>(stream.total_out)));
          inflateEnd(&stream);
        }
        put32(at + 16, crc);
        const bool streamed = (b[at + 8] & 8) != 0;
        if (!streamed) put32(header + 14, crc);
        else put32(data + stored + (data + stored + 4 <= b.size() && u32(data + stored) == 0x08074b50 ? 4 : 0), crc);
      }
    }
    at = next;
  }
}

}  // namespace fusepack::archive
