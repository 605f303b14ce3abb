// The evaluator against CPython: every programs/*.py prints what CPython 3.11 printed (programs/*.out, made by
// make_expected.py), and every chunk of errors.txt ends in the error that stands on its own line.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/library.h"

namespace fusepack::py {
namespace {

const std::string kFolder = "tests/python/";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Program : public testing::TestWithParam<std::string> {};

TEST_P(Program, PrintsWhatCPythonPrints) {
  Interpreter in;
  RegisterStandardLibrary(in);
  std::string printed;
  in.set_print([&](std::string_view s) { printed += s; });
  std::string path = kFolder + "programs/" + GetParam();
  auto result = in.Run(path + ".py", ReadFile(path + ".py"));
  EXPECT_TRUE(result.ok()) << result.status().ToString() << "\n" << result.error().traceback;
  std::istringstream expected(ReadFile(path + ".out")), found(printed);
  std::string a, b;
  for (int line = 1; std::getline(expected, a); ++line) {
    ASSERT_TRUE(std::getline(found, b)) << "line " << line << " of the output is missing: " << a;
    EXPECT_EQ(a, b) << "line " << line << " of the output";
  }
  EXPECT_FALSE(std::getline(found, b)) << "more than CPython: " << b;
}

std::vector<std::string> Programs() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder + "programs")) {
    if (entry.path().extension() == ".py") out.push_back(entry.path().stem());
  }
  std::sort(out.begin(), out.end());
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, Program, testing::ValuesIn(Programs()),
                         [](const auto& info) { return info.param; });

// A chunk is source up to a line of three dashes. `### text` at the end of a line: the chunk's error is placed there
// and its text begins so; "limit: " before the text says that it is a limit and not a mistake (its place is not checked).
class Errors : public testing::TestWithParam<std::string> {};

TEST_P(Errors, EndInTheErrorOnTheirLine) {
  std::istringstream chunks(ReadFile(kFolder + GetParam()));
  std::string line, source, expected;
  int lines = 0, expected_line = 0, first = 1, count = 0;
  for (int at = 1;; ++at) {
    bool end = !std::getline(chunks, line);
    if (!end && line != "---") {
      ++lines;
      size_t mark = line.find("### ");
      if (mark != std::string::npos) {
        expected = line.substr(mark + 4);
        expected_line = lines;
        line = line.substr(0, mark);
      }
      source += line + "\n";
      continue;
    }
    ++count;
    bool limit = expected.starts_with("limit: ");
    if (limit) expected = expected.substr(7);
    // The defaults, scaled down for limits.txt: what a loop may do is the same.
    Interpreter in(GetParam() == "limits.txt" ? Limits{.steps = 2'000'000, .memory_bytes = 64 << 20, .seconds = 100} : Limits{});
    RegisterStandardLibrary(in);
    auto result = in.Run("chunk.py", source);
    EXPECT_FALSE(result.ok()) << "the chunk from line " << first << " of " << GetParam() << " ran, expected " << expected;
    if (!result.ok()) {
      const Error& error = result.error();
      EXPECT_TRUE(error.found.starts_with(expected)) << GetParam() << ":" << first << ": " << error.ToString() << "\nexpected " << expected;
      // Which instruction a limit is met at is nobody's business.
      if (!limit) {
        EXPECT_EQ(error.where.substr(0, error.where.find(':')), std::to_string(expected_line))
            << GetParam() << ":" << first << ": " << error.ToString() << "\n" << error.traceback;
      }
      EXPECT_EQ(error.file, "chunk.py");
      EXPECT_EQ(static_cast<int>(error.code), static_cast<int>(limit ? ErrorCode::kLimit : ErrorCode::kBadInput))
          << GetParam() << ":" << first << ": " << error.ToString();
    }
    source.clear();
    expected.clear();
    lines = 0;
    first = at + 1;
    if (end) break;
  }
  EXPECT_GT(count, 3);
}
INSTANTIATE_TEST_SUITE_P(All, Errors, testing::Values("errors.txt", "limits.txt"), [](const auto& info) {
  return info.param.substr(0, info.param.find('.'));
});

TEST(Limits, Defaults) {
  Limits limits;
  EXPECT_EQ(limits.steps, 50'000'000);
  EXPECT_EQ(limits.memory_bytes, int64_t{512} << 20);
  EXPECT_EQ(limits.call_depth, 512);
  EXPECT_EQ(limits.seconds, 5.0);
  Interpreter in;
  auto result = in.Run("chunk.py", "while True:\n    pass\n");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(static_cast<int>(result.error().code), 71);
}

}  // namespace
}  // namespace fusepack::py
