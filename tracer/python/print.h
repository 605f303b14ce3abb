// A syntax tree back to text.
#pragma once

#include <string>

#include "tracer/python/ast.h"

namespace fusepack::py {

// Python source that parses to the same tree (positions apart). Comments and layout are gone; four-space blocks.
std::string PrintSource(const ast::Tree& tree);
std::string PrintSource(const ast::Expr& expr);
std::string PrintSource(const ast::Stmt& stmt);

// The text that CPython's ast.dump() gives, for comparison with it; `positions` as with include_attributes=True,
// except inside f-strings. PEP 695 apart, which 3.11 has not.
std::string DumpTree(const ast::Tree& tree, bool positions);

// A string literal of Python for UTF-8 `text` (bytes: with b), single-quoted where that needs no escape.
std::string QuoteString(std::string_view text, bool bytes);

}  // namespace fusepack::py
