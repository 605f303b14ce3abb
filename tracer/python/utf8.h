// UTF-8 by code point. Lone surrogates pass as their three bytes, as the parser makes them. Private to tracer/python.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fusepack::py {

inline size_t Utf8Length(std::string_view s) {
  size_t n = 0;
  for (unsigned char c : s) n += (c & 0xc0) != 0x80;
  return n;
}
inline size_t Utf8Bytes(unsigned char lead) { return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }
// Byte offset of code point `index` (at most the length).
inline size_t Utf8Offset(std::string_view s, size_t index) {
  size_t at = 0;
  while (index-- > 0 && at < s.size()) at += Utf8Bytes(static_cast<unsigned char>(s[at]));
  return at < s.size() ? at : s.size();
}
inline uint32_t Utf8Decode(std::string_view s, size_t at) {
  unsigned char c = static_cast<unsigned char>(s[at]);
  size_t n = Utf8Bytes(c);
  uint32_t code = n == 1 ? c : c & (0xff >> (n + 1));
  for (size_t i = 1; i < n && at + i < s.size(); ++i) code = code << 6 | (static_cast<unsigned char>(s[at + i]) & 0x3f);
  return code;
}
inline void Utf8Append(std::string* out, uint32_t code) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xc0 | code >> 6);
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xe0 | code >> 12);
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *out += static_cast<char>(0xf0 | code >> 18);
    *out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace fusepack::py
