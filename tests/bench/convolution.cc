// Convolution with bias and ReLU: one line a layer shape of ResNet18, ResNet50 (1x1), MobileNetV2 (depthwise) and
// ResNeXt50 (grouped), at batch 1 and 8; then every Winograd form of the 3x3 layers at stride 1. GFLOP/s are the formula's,
// so that Winograd's may pass the peak.
#include "kernels/onednn/convolution.h"
#include "kernels/base/parallel.h"
#include "kernels/winograd/winograd.h"

#include <limits>
#include <vector>

#include "tests/bench/layer_bench.h"

namespace fusepack::bench {
namespace {

struct Layer {
  const char* name;
  int64_t c, k, size, window, stride, groups;  // x: f32[N,c,size,size], w: f32[k,c/groups,window,window]
};

constexpr Layer kLayers[] = {
    {"resnet.stem_7x7s2", 3, 64, 224, 7, 2, 1},
    {"resnet18.layer1_3x3", 64, 64, 56, 3, 1, 1},
    {"resnet18.layer2_3x3s2", 64, 128, 56, 3, 2, 1},
    {"resnet18.layer2_1x1s2", 64, 128, 56, 1, 2, 1},
    {"resnet18.layer2_3x3", 128, 128, 28, 3, 1, 1},
    {"resnet18.layer3_3x3s2", 128, 256, 28, 3, 2, 1},
    {"resnet18.layer3_3x3", 256, 256, 14, 3, 1, 1},
    {"resnet18.layer4_3x3s2", 256, 512, 14, 3, 2, 1},
    {"resnet18.layer4_3x3", 512, 512, 7, 3, 1, 1},
    {"resnet50.layer1_1x1", 64, 256, 56, 1, 1, 1},
    {"resnet50.layer3_1x1", 1024, 256, 14, 1, 1, 1},
    {"mobilenet_v2.depthwise_3x3", 144, 144, 56, 3, 1, 144},
    {"resnext50.grouped_3x3", 128, 128, 56, 3, 1, 32},
};

void Run(benchmark::State& state, const Layer& layer, int64_t batch) {
  const int64_t pad = layer.window / 2, out = (layer.size + 2 * pad - layer.window) / layer.stride + 1;
  kernels::ConvolutionProblem problem;
  problem.x = {batch, layer.c, layer.size, layer.size};
  problem.w = {layer.k, layer.c / layer.groups, layer.window, layer.window};
  problem.y = {batch, layer.k, out, out};
  problem.stride = {layer.stride, layer.stride};
  problem.dilation = {1, 1};
  problem.pad_before = problem.pad_after = {pad, pad};
  problem.groups = layer.groups;
  problem.epilogues.push_back({});  // ReLU
  const Floats x = Values(Numel(problem.x)), w = Values(Numel(problem.w)), b = Values(layer.k), y = Values(Numel(problem.y));
  auto convolution = kernels::Convolution::Create(problem, w.get(), b.get());
  if (!convolution.ok()) return state.SkipWithError(convolution.status().ToString().c_str());
  const Floats scratch = Values((*convolution)->scratch_bytes() / 4 + 1);
  for (auto _ : state) (*convolution)->Run(x.get(), y.get(), scratch.get());
  ReportFlops(state, 2.0 * static_cast<double>(Numel(problem.y) * Numel(problem.w) / layer.k));
  state.SetLabel((*convolution)->implementation());
}

struct WinogradLayer {
  std::string name;
  int64_t c, size;
  int m;
};

void RunWinograd(benchmark::State& state, const WinogradLayer& layer, int64_t batch) {
  kernels::WinogradProblem problem;
  problem.n = batch;
  problem.h = problem.w = problem.p = problem.q = layer.size;
  problem.c = problem.k = layer.c;
  problem.pad_h = problem.pad_w = 1;
  problem.clamp = true;
  problem.high = std::numeric_limits<float>::infinity();
  const int64_t elements = batch * layer.size * layer.size * layer.c;
  const Floats x = Values(elements), w = Values(9 * layer.c * layer.c), b = Values(layer.c), y = Values(elements);
  auto winograd = kernels::Winograd::Create(problem, layer.m, DetectCpuLevel(), ThreadCount(), w.get(), b.get());
  if (!winograd.ok()) return state.SkipWithError(winograd.status().ToString().c_str());
  const Floats scratch = Values((*winograd)->scratch_bytes() / 4 + 1);
  for (auto _ : state) (*winograd)->Run(x.get(), nullptr, y.get(), scratch.get());
  ReportFlops(state, 2.0 * 9 * static_cast<double>(elements * layer.c));
  state.SetLabel((*winograd)->implementation());
}

}  // namespace
}  // namespace fusepack::bench

int main(int argc, char** argv) {
  using namespace fusepack::bench;
  std::vector<WinogradLayer> winograd;
  for (const Layer& layer : kLayers) {
    for (int m = 2; m <= 4 && layer.window == 3 && layer.stride == 1 && layer.groups == 1; m++) {
      winograd.push_back({std::string(layer.name) + "/winograd:" + std::to_string(m), layer.c, layer.size, m});
    }
  }
  RegisterLayers(std::span<const Layer>(kLayers), Run);
  RegisterLayers(std::span<const WinogradLayer>(winograd), RunWinograd);
  return RunRegistered(argc, argv);
}
