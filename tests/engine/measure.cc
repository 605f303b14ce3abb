// Prints compile time, throughput and profile of models with random weights:
//   bazel run //tests/engine:measure -- resnet18 1 8 32
// With --cpu one thread runs, and its processor time is counted instead of the clock's, which a busy machine does not
// disturb; every kernel's share follows.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "engine/bench.h"
#include "engine/calibrate.h"
#include "tests/engine/models.h"

namespace {

using namespace fusepack;

double ProcessorSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

class ProcessorTimer : public StepObserver {
 public:
  explicit ProcessorTimer(size_t steps) : least(steps, 1e9) {}
  void Before(size_t) override { before_ = ProcessorSeconds(); }
  Status After(size_t step, std::span<const TensorView>, std::span<const MutableTensorView>) override {
    least[step] = std::min(least[step], ProcessorSeconds() - before_);
    return OkStatus();
  }
  std::vector<double> least;

 private:
  double before_ = 0;
};

int CountProcessorTime(const Graph& graph, const char* name, int batch, Target target) {
  target.threads = 1;
  if (const char* precision = std::getenv("PRECISION"); precision && NameOf(Precision::kFp32Split) == precision) target.precision = Precision::kFp32Split;
  const double start = ProcessorSeconds();
  auto session = Session::Create(graph, target).value();
  const Tensor x = testing::ModelMaker("", 2).Random({batch, 3, 224, 224}, 0, 1);
  const auto specs = SpecsOf({&x, 1});
  const double created = ProcessorSeconds();
  const auto plan = session->PlanFor(specs).value();
  const double compiled = ProcessorSeconds();
  ProcessorTimer timer(plan->steps.size());
  RunOptions options;
  options.observer = &timer;
  double whole = 1e9;
  const double begin = ProcessorSeconds();
  for (int i = 0; i < 8 || ProcessorSeconds() - begin < 1.5; i++) {
    const double before = ProcessorSeconds();
    (void)RunPlan(*plan, {&x, 1}, options);
    whole = std::min(whole, ProcessorSeconds() - before);
  }
  std::map<std::string, std::pair<int, double>> kernels;
  double sum = 0;
  for (size_t s = 0; s < plan->steps.size(); s++) {
    auto& [count, seconds] = kernels[plan->steps[s].kernel + " " + plan->steps[s].step->implementation()];
    count++;
    seconds += timer.least[s];
    sum += timer.least[s];
  }
  std::printf("%s batch %d, one thread: session %.1f ms, compile %.1f ms, least run %.2f ms, least steps %.2f ms, %.0f GFLOP/s\n", name, batch,
              (created - start) * 1e3, (compiled - created) * 1e3, whole * 1e3, sum * 1e3, plan->flops / whole * 1e-9);
  for (const auto& [kernel, share] : kernels) std::printf("%10.3f ms %4d  %s\n", share.second * 1e3, share.first, kernel.c_str());
  if (std::getenv("STEPS") == nullptr) return 0;
  for (size_t s = 0; s < plan->steps.size(); s++) {
    std::printf("%10.3f ms  %s\n", timer.least[s] * 1e3, plan->graph.nodes[plan->steps[s].node].scope.c_str());
  }
  return 0;
}

}  // namespace

// Ranges from the input that is then measured.
Target TargetFor(const Graph& graph, Precision precision) {
  Target target;
  target.precision = precision;
  if (precision != Precision::kInt8) return target;
  const std::vector<std::vector<Tensor>> samples = {{testing::ModelMaker("", 2).Random({1, 3, 224, 224}, 0, 1)}};
  target.ranges = std::make_shared<const Ranges>(Calibrate(graph, samples, CalibrationMethod::kMinMax).value());
  return target;
}

int main(int argc, char** argv) {
  Precision precision = Precision::kFp32;
  if (argc > 2 && std::strcmp(argv[1], "--precision") == 0) {
    for (const PrecisionName& p : kPrecisionNames) {
      if (p.name == argv[2]) precision = p.precision;
    }
    argv += 2;
    argc -= 2;
  }
  const bool cpu = argc > 1 && std::strcmp(argv[1], "--cpu") == 0;
  if (argc < 3 + cpu) return std::fprintf(stderr, "usage: measure [--precision MODE] [--cpu] MODEL BATCH...\n"), 2;
  const Graph graph = testing::ModelByName(argv[1 + cpu]);
  const Target target = TargetFor(graph, precision);
  for (int i = 2 + cpu; cpu && i < argc; i++) CountProcessorTime(graph, argv[2], std::atoi(argv[i]), target);
  if (cpu) return 0;
  auto session = Session::Create(graph, target).value();
  for (int i = 2; i < argc; i++) {
    const Tensor x = testing::ModelMaker("", 2).Random({std::atoi(argv[i]), 3, 224, 224}, 0, 1);
    const auto specs = SpecsOf({&x, 1});
    const auto plan = session->PlanFor(specs).value();
    const BenchResult b = Bench(*plan, {&x, 1}, 2).value();
    std::printf("%s batch %s: compile %.1f ms, min %.2f median %.2f ms, best %.1f images/s, %.0f GFLOP/s of %.0f, arena %.1f MB "
                "(%.1f unshared), packed %.1f MB, %zu steps\n", argv[1], argv[i], plan->compile_seconds * 1e3, b.min_ms,
                b.median_ms, static_cast<double>(b.batch) / b.min_ms * 1e3, b.gflops, b.peak_gflops,
                static_cast<double>(plan->arena_bytes) * 1e-6, static_cast<double>(plan->unshared_bytes) * 1e-6,
                static_cast<double>(plan->packed_bytes) * 1e-6, plan->steps.size());
  }
}
