// Prints compile time and throughput of ResNet18 with random weights: bazel run //tests/engine:measure [batch...].
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "engine/run.h"
#include "tests/engine/models.h"

int main(int argc, char** argv) {
  using namespace fusepack;
  const auto now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  const Graph graph = testing::ResNet18();
  const double start = now();
  Result<std::unique_ptr<Session>> session = Session::Create(graph, Target());
  if (!session.ok()) return std::fprintf(stderr, "%s\n", session.status().ToString().c_str()), 1;
  const double created = now();
  std::printf("session %.1f ms\n", (created - start) * 1e3);
  for (int i = 1; i < argc; i++) {
    testing::ModelMaker maker("", 2);
    const Tensor x = maker.Random({std::atoi(argv[i]), 3, 224, 224}, 0, 1);
    const double before = now();
    Result<std::vector<Tensor>> y = (*session)->Run({&x, 1});
    if (!y.ok()) return std::fprintf(stderr, "%s\n", y.status().ToString().c_str()), 1;
    std::printf("first run %.1f ms\n", (now() - before) * 1e3);
    const auto specs = SpecsOf({&x, 1});
    const auto plan = *(*session)->PlanFor(specs);
    double best = 1e9, all = now();
    do {
      const double t = now();
      (void)(*session)->Run({&x, 1});
      best = std::min(best, now() - t);
    } while (now() - all < 3);
    std::printf("batch %s: compile %.1f ms, best %.2f ms, %.1f images/s, %.0f GFLOP/s, arena %.1f MB, packed %.1f MB, %zu steps\n",
                argv[i], plan->compile_seconds * 1e3, best * 1e3, std::atoi(argv[i]) / best, plan->flops / best * 1e-9,
                plan->arena_bytes * 1e-6, plan->packed_bytes * 1e-6, plan->steps.size());
  }
}
