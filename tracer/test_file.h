// Runs a Python file of unittest classes in the evaluator and reports as Python's unittest does: `fusepack test`.
//
// The file is evaluated as `__main__`, whole and in order; its folder and the options' folders are where it imports
// from, and what it may read. Files that it writes exist in memory only (tracer/python/files.h). A file that does not
// call unittest.main() itself has it called at its end.
//
// Limits hold for each test and each fixture anew; one that is exceeded, or a construct outside the subset, is an ERROR
// of that test alone.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/python/object.h"

namespace fusepack {

struct TestFileOptions {
  std::string file;
  std::vector<std::string> paths;      // folders to import from, after the file's own
  std::vector<std::string> arguments;  // unittest's: -v, -f, -k PATTERN, Class.test_name
  // Of one test. A test may build and run a whole model, several times.
  py::Limits limits = {.steps = 2'000'000'000, .memory_bytes = int64_t{8} << 30, .seconds = 120};
  std::function<void(std::string_view)> print;   // what the file prints
  std::function<void(std::string_view)> report;  // the report
};

// The status that the file ended with: 0 when all tests passed, 1 when one did not. An error where the file could not
// be read, parsed or evaluated up to its tests.
Result<int> RunTestFile(const TestFileOptions& options);

}  // namespace fusepack
