// Convolution with bias and ReLU: one line a layer shape of ResNet18, ResNet50 (1x1), MobileNetV2 (depthwise) and
// ResNeXt50 (grouped), at batch 1 and 8.
#include "kernels/onednn/convolution.h"

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

}  // namespace
}  // namespace fusepack::bench

int main(int argc, char** argv) {
  return fusepack::bench::RunLayers(fusepack::bench::kLayers, fusepack::bench::Run, argc, argv);
}
