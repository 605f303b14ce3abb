// `fusepack test`'s reports against those of CPython's unittest (make_expected.py), its limits and what it may touch.
#include "tracer/test_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "tracer/environment.h"

namespace fusepack {
namespace {

const std::string kFolder = "tests/test_file/";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Ran {
  Result<int> status = 0;
  std::string prints, report;
};

Ran RunFile(const std::string& name, std::vector<std::string> arguments = {}, py::Limits limits = TestFileOptions{}.limits) {
  Ran ran;
  TestFileOptions options{.file = kFolder + name, .arguments = std::move(arguments), .limits = limits};
  options.print = [&](std::string_view text) { ran.prints += text; };
  options.report = [&](std::string_view text) { ran.report += text; };
  ran.status = RunTestFile(options);
  return ran;
}

// As make_expected.py's plain(): no times, no folders.
std::string Plain(std::string report) {
  report = std::regex_replace(report, std::regex("File \"[^\"]*/"), "File \"");
  return std::regex_replace(report, std::regex("in \\d+\\.\\d+s"), "in ?s");
}

void ExpectReport(const std::string& name, std::vector<std::string> arguments, const std::string& expected) {
  const Ran ran = RunFile(name, std::move(arguments));
  ASSERT_TRUE(ran.status.ok()) << ran.status.status().ToString();
  EXPECT_EQ(Plain(ran.report) + "--- prints\n" + ran.prints + "--- exit " + std::to_string(*ran.status) + "\n", ReadFile(kFolder + expected));
}

TEST(TestFile, ReportIsCPythons) { ExpectReport("cases.py", {}, "cases.report"); }
TEST(TestFile, VerboseReportIsCPythons) { ExpectReport("cases.py", {"-v"}, "cases-v.report"); }

TEST(TestFile, ChoosesTests) {
  const Ran named = RunFile("cases.py", {"Ends.test_passes", "Holds"});
  ASSERT_TRUE(named.status.ok());
  EXPECT_EQ(*named.status, 0);
  EXPECT_NE(named.report.find("Ran 6 tests"), std::string::npos) << named.report;
  const Ran pattern = RunFile("cases.py", {"-k", "*Ends.test_sub*"});
  EXPECT_NE(pattern.report.find("Ran 2 tests"), std::string::npos) << pattern.report;
  const Ran first = RunFile("cases.py", {"-f", "Ends"});
  EXPECT_NE(first.report.find("Ran 1 test in"), std::string::npos) << first.report;
  EXPECT_NE(RunFile("cases.py", {"-k", "nothing has this name"}).report.find("Ran 0 tests"), std::string::npos);
}

TEST(TestFile, ALimitIsAnErrorOfItsTest) {
  const std::string before = ReadFile(kFolder + "limits.py");
  const Ran ran = RunFile("limits.py", {}, {.steps = 100'000});
  ASSERT_TRUE(ran.status.ok()) << ran.status.status().ToString();
  EXPECT_EQ(*ran.status, 1);
  EXPECT_TRUE(ran.report.starts_with("EEE...\n")) << ran.report;
  EXPECT_NE(ran.report.find("more than 100000 steps"), std::string::npos) << ran.report;
  EXPECT_NE(ran.report.find("eval() is outside the subset"), std::string::npos) << ran.report;
  EXPECT_NE(ran.report.find("FAILED (errors=3)"), std::string::npos) << ran.report;
  EXPECT_EQ(ReadFile(kFolder + "limits.py"), before);
}

// Only a run of the user's own tests has files.
TEST(TestFile, OtherProgramsHaveNoFiles) {
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  const auto ran = in.Run("program.py", R"(
import io, os, os.path, pathlib, tempfile
def refused(action):
    try:
        action()
    except OSError as e:
        return "no file system" in str(e)
    return False
assert refused(lambda: io.open("/etc/passwd"))
assert refused(lambda: io.open("made", "w"))
assert refused(lambda: pathlib.Path("/etc/passwd").read_text())
assert refused(lambda: os.listdir("/"))
assert refused(lambda: os.mkdir("/tmp/made"))
assert refused(lambda: os.remove("/etc/passwd"))
assert refused(lambda: os.rename("/etc/passwd", "/tmp/x"))
assert refused(lambda: tempfile.mkdtemp())
assert refused(lambda: tempfile.NamedTemporaryFile())
assert not os.path.exists("/etc/passwd") and not os.path.isdir("/")
assert os.getcwd() == "/"
)");
  EXPECT_TRUE(ran.ok()) << ran.status().error().traceback << ran.status().ToString();
  const auto opened = in.Run("program.py", "open('/etc/passwd')");
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.status().error().found.find("outside the subset"), std::string::npos);
}

TEST(TestFile, WhatIsNoTestFileIsAnError) {
  EXPECT_EQ(RunFile("absent.py").status.status().error().code, ErrorCode::kIo);
  const Ran broken = RunFile("cases.report");
  ASSERT_FALSE(broken.status.ok());
  EXPECT_EQ(broken.status.status().error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace fusepack
