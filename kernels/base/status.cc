#include "kernels/base/status.h"

#include <cstdio>

namespace fusepack {
namespace {

// One line that a terminal can show: control characters, which a hostile file's names may hold, are escaped.
std::string OneLine(const std::string& text) {
  std::string out;
  for (unsigned char c : text) {
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", c);
    out += c >= 0x20 && c != 0x7f ? std::string(1, static_cast<char>(c)) : escaped;
  }
  return out;
}

}  // namespace

std::string Error::ToString() const {
  std::string out;
  // A place in a text, LINE:COLUMN, stands right behind its file, as compilers write it.
  bool line_and_column = !where.empty() && where[0] >= '0' && where[0] <= '9' && where.find(':') != std::string::npos;
  if (!file.empty()) out += file + (line_and_column ? ":" : ": ");
  if (!where.empty()) out += where + ": ";
  out += found;
  if (!expected.empty()) out += ", expected " + expected;
  return OneLine(out);
}

static Status Make(ErrorCode code, std::string file, std::string where, std::string found, std::string expected) {
  return Error{code, std::move(file), std::move(where), std::move(found), std::move(expected), ""};
}

Status BadInput(std::string where, std::string found, std::string expected) {
  return Make(ErrorCode::kBadInput, "", std::move(where), std::move(found), std::move(expected));
}
Status LimitExceeded(std::string where, std::string found, std::string expected) {
  return Make(ErrorCode::kLimit, "", std::move(where), std::move(found), std::move(expected));
}
Status IoError(std::string file, std::string found) {
  return Make(ErrorCode::kIo, std::move(file), "", std::move(found), "");
}
Status Unsupported(std::string where, std::string found, std::string expected) {
  return Make(ErrorCode::kBadInput, "", std::move(where), std::move(found), std::move(expected));
}
Status UsageError(std::string found, std::string expected) {
  return Make(ErrorCode::kUsage, "", "", std::move(found), std::move(expected));
}
Status InternalError(std::string found) { return Make(ErrorCode::kInternal, "", "", std::move(found), ""); }

Status WithFile(Status status, const std::string& file) {
  if (status.ok() || !status.error().file.empty()) return status;
  Error error = status.error();
  error.file = file;
  return error;
}

Status WithPlace(Status status, const std::string& where) {
  if (status.ok() || where.empty()) return status;
  Error error = status.error();
  error.where = error.where.empty() ? where : where + ": " + error.where;
  return error;
}

}  // namespace fusepack
