// A Bazel test that is a Python test file: its arguments are those of `fusepack test`, --path and names aside.
//   run_file FILE.py [--path FOLDER]... [NAME]...
#include <cstdio>
#include <string>

#include "tracer/test_file.h"

int main(int argc, char** argv) {
  fusepack::TestFileOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (options.file.empty()) options.file = word;
    else if (word == "--path" && i + 1 < argc) options.paths.push_back(argv[++i]);
    else options.arguments.push_back(word);
  }
  options.print = options.report = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  const fusepack::Result<int> status = fusepack::RunTestFile(options);
  if (status.ok()) return *status;
  std::printf("%s%s\n", status.status().error().traceback.c_str(), status.status().ToString().c_str());
  return 1;
}
