// run_torch FILE.py: runs one Python file in the evaluator with torch, printing to stdout. To look at one program.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tracer/environment.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "run_torch FILE.py\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::stringstream source;
  source << file.rdbuf();
  fusepack::py::Limits limits;
  limits.seconds = 600;
  limits.steps = 5'000'000'000;
  fusepack::Environment environment(limits);
  fusepack::py::Interpreter& in = environment.interpreter();
  in.set_print([](std::string_view text) { std::cout << text; });
  const auto result = in.Run(argv[1], source.str());
  if (result.ok()) return 0;
  std::cout << std::flush;
  std::fprintf(stderr, "%s\n%s\n", result.error().traceback.c_str(), result.error().ToString().c_str());
  return 1;
}
