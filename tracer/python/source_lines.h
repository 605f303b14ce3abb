// SourceLines: the text of source files by the name that tracebacks give them, for whoever prints one. Empty unless a
// command sets `text_of`; the views must live as long as the interpreter.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace fusepack::py {

struct SourceLines {
  std::function<std::string_view(const std::string& file)> text_of;

  // Line `number` (from 1) without its end; empty for one that there is not.
  std::string_view Line(const std::string& file, int64_t number) const;
};

}  // namespace fusepack::py
