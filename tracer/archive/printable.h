// Printable: a name from an untrusted file, fit for one line of a message.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace fusepack::archive {

// Longer names are cut and end in "...".
inline constexpr size_t kPrintableBytes = 120;

// In single quotes; quotes, backslashes and everything outside printable ASCII as \xNN.
inline std::string Printable(std::string_view name) {
  std::string out = "'";
  for (size_t i = 0; i < name.size(); i++) {
    if (i == kPrintableBytes) {
      out += "...";
      break;
    }
    const unsigned char c = static_cast<unsigned char>(name[i]);
    if (c < 0x20 || c >= 0x7f || c == '\'' || c == '\\') {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", c);
      out += hex;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "'";
}

}  // namespace fusepack::archive
