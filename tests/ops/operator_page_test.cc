// docs/operators.md is what the table says.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tools/operators/operator_page.h"

namespace fusepack {
namespace {

TEST(OperatorPage, IsUpToDate) {
  std::ifstream in("docs/operators.md");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(text.str() == OperatorPage()) << "bazel run //tools/operators > docs/operators.md";
}

}  // namespace
}  // namespace fusepack
