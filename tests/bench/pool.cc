// Pooling, which memory bounds: ResNet's max pool and average pool, DenseNet's 2x2 average.
#include "kernels/nhwc/pool.h"

#include <algorithm>
#include "tests/bench/layer_bench.h"

namespace fusepack::bench {
namespace {

struct Layer {
  const char* name;
  int64_t c, size, window, stride, pad;
  bool average;
};

constexpr Layer kLayers[] = {
    {"resnet.maxpool_3x3s2", 64, 112, 3, 2, 1, false},
    {"resnet18.avgpool_7x7", 512, 7, 7, 7, 0, true},
    {"densenet121.avgpool_2x2s2", 128, 56, 2, 2, 0, true},
};

void Run(benchmark::State& state, const Layer& layer, int64_t batch) {
  kernels::PoolProblem problem;
  problem.n = batch;
  problem.c = layer.c;
  problem.h = problem.w = layer.size;
  problem.average = layer.average;
  const int64_t out = (layer.size + 2 * layer.pad - layer.window) / layer.stride + 1;
  for (int64_t i = 0; i < out; i++) {
    const int64_t begin = i * layer.stride - layer.pad;
    problem.rows.push_back({std::max<int64_t>(begin, 0), std::min(begin + layer.window, layer.size)});
  }
  problem.columns = problem.rows;
  problem.divisors.assign(out * out, static_cast<float>(layer.window * layer.window));
  const int64_t in_count = batch * layer.c * layer.size * layer.size, out_count = batch * layer.c * out * out;
  const Floats x = Values(in_count), y = Values(out_count);
  const CpuLevel level = DetectCpuLevel();
  for (auto _ : state) kernels::Pool(problem, level, x.get(), y.get());
  ReportBytes(state, 4.0 * static_cast<double>(in_count + out_count));
  state.SetLabel(CpuLevelName(level));
}

}  // namespace
}  // namespace fusepack::bench

int main(int argc, char** argv) {
  return fusepack::bench::RunLayers(fusepack::bench::kLayers, fusepack::bench::Run, argc, argv);
}
