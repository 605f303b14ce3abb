// Python source to a syntax tree. The language is grammar.txt; positions and structure are CPython 3.11's.
//
// Errors are one line, `file.py:LINE:COLUMN: found, expected ...`, in the Status (where = "LINE:COLUMN"). Source over
// a limit of ast.h is refused. Time and memory are linear in the source. Reentrant; nothing is kept between calls.
#pragma once

#include <memory>
#include <string>

#include "kernels/base/status.h"
#include "tracer/python/ast.h"

namespace fusepack::py {

// A whole file.
Result<std::shared_ptr<const ast::Tree>> Parse(std::string file, std::string source);

// One expression, as for eval(): its tree's body is one ExprStmt.
Result<std::shared_ptr<const ast::Tree>> ParseExpression(std::string file, std::string source);

}  // namespace fusepack::py
