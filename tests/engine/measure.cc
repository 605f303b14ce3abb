// Prints compile time, throughput and profile of models with random weights:
//   bazel run //tests/engine:measure -- resnet18 1 8 32
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/bench.h"
#include "engine/profile.h"
#include "tests/engine/models.h"

int main(int argc, char** argv) {
  using namespace fusepack;
  if (argc < 3) return std::fprintf(stderr, "usage: measure MODEL BATCH...\n"), 2;
  const Graph graph = testing::ModelByName(argv[1]);
  Result<std::unique_ptr<Session>> session = Session::Create(graph, Target());
  if (!session.ok()) return std::fprintf(stderr, "%s\n", session.status().ToString().c_str()), 1;
  for (int i = 2; i < argc; i++) {
    const Tensor x = testing::ModelMaker("", 2).Random({std::atoi(argv[i]), 3, 224, 224}, 0, 1);
    const auto specs = SpecsOf({&x, 1});
    const auto plan = (*session)->PlanFor(specs);
    if (!plan.ok()) return std::fprintf(stderr, "%s\n", plan.status().ToString().c_str()), 1;
    const BenchResult b = Bench(**plan, {&x, 1}, 2).value();
    std::printf("%s batch %s: compile %.1f ms, min %.2f median %.2f ms, best %.1f images/s, %.0f GFLOP/s of %.0f, arena %.1f MB "
                "(%.1f unshared), packed %.1f MB, %zu steps\n", argv[1], argv[i], (*plan)->compile_seconds * 1e3, b.min_ms,
                b.median_ms, static_cast<double>(b.batch) / b.min_ms * 1e3, b.gflops, b.peak_gflops, (*plan)->arena_bytes * 1e-6,
                (*plan)->unshared_bytes * 1e-6, (*plan)->packed_bytes * 1e-6, (*plan)->steps.size());
    if (std::getenv("PROFILE") == nullptr) continue;
    const PlanProfile profile = ProfilePlan(**plan, {&x, 1}, 1).value();
    for (const StepProfile& p : profile.steps) {
      std::printf("%8.3f ms %6.0f GFLOP/s %6.1f GB/s  %s %s %s | %s\n", p.seconds * 1e3, p.flops / p.seconds * 1e-9,
                  static_cast<double>(p.bytes) / p.seconds * 1e-9, p.nodes.c_str(), p.output.c_str(), p.scope.c_str(), p.kernel.c_str());
    }
  }
}
