// Runs a Python file in the evaluator and prints what it prints: to look at one case of evaluate_test by hand, and to
// compare with CPython. The last line of stderr is the error, if any; exit status as the command's.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tracer/python/interpreter.h"
#include "tracer/python/library.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: run_python FILE.py\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::stringstream text;
  text << file.rdbuf();
  fusepack::py::Interpreter in;
  fusepack::py::RegisterStandardLibrary(in);
  in.set_print([](std::string_view s) { std::fwrite(s.data(), 1, s.size(), stdout); });
  auto result = in.Run(argv[1], text.str());
  if (result.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "%s%s\n", result.error().traceback.c_str(), result.error().ToString().c_str());
  return static_cast<int>(result.error().code);
}
