// Little-endian numbers and UTF-8 checks on raw bytes of a file.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fusepack::archive {

static_assert(std::endian::native == std::endian::little, "big-endian machines are not supported");

// At any alignment; the caller has checked that the bytes are there.
template <typename T>
T LoadLe(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline uint16_t Le16(const uint8_t* at) { return LoadLe<uint16_t>(at); }
inline uint32_t Le32(const uint8_t* at) { return LoadLe<uint32_t>(at); }
inline uint64_t Le64(const uint8_t* at) { return LoadLe<uint64_t>(at); }

// Strict UTF-8: no overlong forms and nothing over U+10FFFF. Surrogates are refused too, unless Python's
// "surrogatepass" (its pickles have it) is asked for.
inline bool IsUtf8(std::string_view text, bool surrogates_pass = false) {
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      i++;
      continue;
    }
    const size_t tail = c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 0;
    if (tail == 0 || tail >= text.size() - i) return false;
    uint32_t code = c & (0x3fu >> tail);
    for (size_t k = 1; k <= tail; k++) {
      const unsigned char next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fu);
    }
    if ((tail == 2 && code < 0x800) || (tail == 3 && (code < 0x10000 || code > 0x10ffff))) return false;
    if (!surrogates_pass && code >= 0xd800 && code < 0xe000) return false;
    i += tail + 1;
  }
  return true;
}

}  // namespace fusepack::archive
