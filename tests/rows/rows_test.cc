// The eight rows of issue 4, each a class of test_rows.py, run by our evaluator: packaged, loaded, traced, saved again, equal.
#include <gtest/gtest.h>

#include <string>

#include "tracer/test_file.h"

namespace fusepack {
namespace {

class Rows : public testing::TestWithParam<const char*> {};

TEST_P(Rows, Holds) {
  std::string report;
  TestFileOptions options{.file = "tests/rows/test_rows.py", .arguments = {"-v", GetParam()}};
  options.report = [&](std::string_view text) { report += text; };
  const Result<int> status = RunTestFile(options);
  ASSERT_TRUE(status.ok()) << status.status().error().traceback << status.status().ToString();
  EXPECT_EQ(*status, 0) << report;
  EXPECT_EQ(report.find("Ran 0 tests"), std::string::npos) << report;
  EXPECT_EQ(report.find("skipped"), std::string::npos) << report;
}

INSTANTIATE_TEST_SUITE_P(Issue4, Rows,
                         testing::Values("Row1Simple", "Row2ThenFx", "Row3Package", "Row4WithImports", "Row5CustomTracer", "Row6Wrap",
                                         "Row7Residual", "Row8Script"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace fusepack
