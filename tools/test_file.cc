// fusepack test: a file of unittest classes, run by the evaluator.
#include "tracer/test_file.h"

#include <cstdio>

#include "tools/command.h"

namespace fusepack::tools {

void AddTest(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("test", "Run a Python file of unittest classes; exit status 1 if a test fails");
  struct Options {
    TestFileOptions test;
    bool verbose = false, fail_fast = false;
    std::vector<std::string> patterns, names;
    int64_t memory_mib = 8192;
  };
  auto options = std::make_shared<Options>();
  py::Limits& limits = options->test.limits;
  command->add_option("FILE", options->test.file, "The test file")->required();
  command->add_option("NAME", options->names, "Only these: TestClass or TestClass.test_method");
  command->add_option("--path", options->test.paths, "A folder to import from and read, after FILE's own; may be repeated")
      ->take_all()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("-v,--verbose", options->verbose, "A line a test");
  command->add_flag("-f,--failfast", options->fail_fast, "Stop at the first failure");
  command->add_option("-k", options->patterns, "Only tests whose name has this in it, or matches it where it has a *")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--seconds", limits.seconds, "Time limit of a test")->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--steps", limits.steps, "Limit of evaluation steps of a test")->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--memory-mib", options->memory_mib, "Memory limit of the run")->capture_default_str()->check(CLI::Range(1, 1 << 20));
  command->callback([options, run] {
    *run = [options]() -> Status {
      TestFileOptions& test = options->test;
      if (options->verbose) test.arguments.push_back("-v");
      if (options->fail_fast) test.arguments.push_back("-f");
      for (const std::string& pattern : options->patterns) test.arguments.insert(test.arguments.end(), {"-k", pattern});
      test.arguments.insert(test.arguments.end(), options->names.begin(), options->names.end());
      test.limits.memory_bytes = options->memory_mib << 20;
      test.print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
      // In the order in which they were written, also where both go to one file.
      test.report = [](std::string_view text) {
        std::fflush(stdout);
        std::fwrite(text.data(), 1, text.size(), stderr);
      };
      FP_ASSIGN_OR_RETURN(const int status, RunTestFile(test));
      if (status == 0) return OkStatus();
      return Status(Error{ErrorCode::kVerifyFailed, test.file, "", "a test did not pass", "all tests to pass", ""});
    };
  });
}

}  // namespace fusepack::tools
