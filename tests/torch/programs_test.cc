// programs/*.py print the same here and in a real PyTorch (programs/*.txt is its output, of
// `for p in tests/torch/programs/*.py; do python $p > ${p%.py}.txt; done`).
#include <fstream>
#include <sstream>

#include "tests/torch/evaluator.h"

namespace fusepack {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Programs : public testing::TestWithParam<const char*> {};

TEST_P(Programs, PrintAsPyTorch) {
  const std::string path = std::string("tests/torch/programs/") + GetParam();
  Evaluator evaluator;
  evaluator.Run(Read(path + ".py"));
  std::istringstream got(evaluator.printed()), expected(Read(path + ".txt"));
  std::string a, b;
  for (int line = 1; std::getline(expected, b); line++) {
    ASSERT_TRUE(std::getline(got, a)) << "nothing printed where PyTorch's line " << line << " is: " << b;
    ASSERT_EQ(a, b) << "line " << line;
  }
  EXPECT_FALSE(std::getline(got, a)) << "printed beyond PyTorch's end: " << a;
}

INSTANTIATE_TEST_SUITE_P(All, Programs, testing::Values("indexing", "values", "modules"));

}  // namespace
}  // namespace fusepack
