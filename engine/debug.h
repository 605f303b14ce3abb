// The ladder of debug output, FUSEPACK_DEBUG=1..6, each step with those below it, on stderr:
//   1 stages and their time   2 chosen kernels, a line each   3 the graph after each pass that changed it
//   4 generated CUDA          5 evaluation trace              6 every step of a run against the float64 reference
#pragma once

#include <chrono>
#include <string>

namespace fusepack {

int DebugLevel();  // read once
void DebugLine(int level, const std::string& text);

// Says how long a stage took, when it ends.
class DebugStage {
 public:
  explicit DebugStage(std::string name) : name_(std::move(name)), start_(std::chrono::steady_clock::now()) {}
  ~DebugStage();
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::string name_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace fusepack
