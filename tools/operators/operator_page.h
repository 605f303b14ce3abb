// The operator page of the documentation, made from the operator table.
#pragma once

#include <string>

namespace fusepack {

// Markdown: docs/operators.md, byte for byte (tests/ops/operator_page_test.cc).
std::string OperatorPage();

}  // namespace fusepack
