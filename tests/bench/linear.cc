// Matrix products with constant weights: the classifier heads and a transformer block's products.
#include "kernels/onednn/linear.h"

#include "tests/bench/layer_bench.h"

namespace fusepack::bench {
namespace {

struct Layer {
  const char* name;
  int64_t n, k, rows_per_image;  // x: f32[N*rows,k], w: f32[n,k]
};

constexpr Layer kLayers[] = {
    {"resnet18.fc", 1000, 512, 1},  {"resnet50.fc", 1000, 2048, 1},  {"vgg11.fc1", 4096, 25088, 1},
    {"vit_b_16.qkv", 2304, 768, 197}, {"vit_b_16.mlp_up", 3072, 768, 197}, {"vit_b_16.mlp_down", 768, 3072, 197},
};

void Run(benchmark::State& state, const Layer& layer, int64_t batch) {
  kernels::LinearProblem problem;
  problem.m = batch * layer.rows_per_image;
  problem.n = layer.n;
  problem.k = layer.k;
  problem.w_stride_n = layer.k;
  const Floats x = Values(problem.m * problem.k), w = Values(problem.n * problem.k), b = Values(problem.n);
  const Floats y = Values(problem.m * problem.n);
  auto linear = kernels::Linear::Create(problem, w.get(), b.get());
  if (!linear.ok()) return state.SkipWithError(linear.status().ToString().c_str());
  const Floats scratch = Values((*linear)->scratch_bytes() / 4 + 1);
  for (auto _ : state) (*linear)->Run(x.get(), y.get(), scratch.get());
  ReportFlops(state, 2.0 * static_cast<double>(problem.m) * static_cast<double>(problem.n * problem.k));
  state.SetLabel((*linear)->implementation());
}

}  // namespace
}  // namespace fusepack::bench

int main(int argc, char** argv) {
  return fusepack::bench::RunLayers(fusepack::bench::kLayers, fusepack::bench::Run, argc, argv);
}
