// Graphs for tests and measurements, built by GraphBuilder with random weights of a seed: what the tracer makes of
// torchvision's models, without a tracer.
#pragma once

#include <array>
#include <cmath>
#include <random>
#include <string>

#include "engine/graph/builder.h"

namespace fusepack::testing {

class ModelMaker {
 public:
  ModelMaker(std::string name, uint32_t seed) : builder_(&graph_), random_(seed) { graph_.name = std::move(name); }

  // f32[N,C,H,W] with all of N, H and W free.
  ValueId ImageInput(int64_t n, int64_t c, int64_t h, int64_t w) {
    graph_.symbol_hints = {n, h, w};
    return graph_.AddInput("x", DType::kF32, {Dim::Symbol(0, n), Dim(c), Dim::Symbol(1, h), Dim::Symbol(2, w)});
  }

  ValueId Op(std::string_view op, std::vector<Arg> args) {
    Result<ValueId> made = builder_.AddOne(op, std::move(args));
    if (!made.ok()) internal::CheckFailed(__FILE__, __LINE__, made.status().ToString());
    return *made;
  }

  Tensor Random(const Dims& sizes, double low, double high) {
    Tensor t = Tensor::Zeros(DType::kF32, sizes).value();
    std::uniform_real_distribution<float> draw(static_cast<float>(low), static_cast<float>(high));
    float* to = t.mutable_view().as<float>();
    for (int64_t i = 0; i < t.numel(); i++) to[i] = draw(random_);
    return t;
  }

  ValueId Constant(const std::string& name, Tensor t) { return graph_.AddConstant(name, std::move(t)); }

  // He-uniform weights, so that activations keep their size.
  ValueId Conv(const std::string& name, ValueId x, int64_t c, int64_t k, int64_t size, int64_t stride, int64_t padding,
               int64_t groups = 1, bool bias = false) {
    builder_.set_scope(name);
    const double bound = std::sqrt(6.0 / static_cast<double>(c / groups * size * size));
    const ValueId w = Constant(name + ".weight", Random({k, c / groups, size, size}, -bound, bound));
    Arg b;
    if (bias) b = ValueRef{Constant(name + ".bias", Random({k}, -0.1, 0.1))};
    return Op("conv2d", {ValueRef{x}, ValueRef{w}, b, Pair(stride), Pair(padding), Pair(1), Dim(groups)});
  }

  ValueId Norm(const std::string& name, ValueId x, int64_t c) {
    builder_.set_scope(name);
    const auto vector = [&](const char* part, double low, double high) {
      return Arg(ValueRef{Constant(name + "." + part, Random({c}, low, high))});
    };
    return Op("batch_norm", {ValueRef{x}, vector("weight", 0.5, 1), vector("bias", -0.2, 0.2), vector("running_mean", -0.2, 0.2),
                             vector("running_var", 0.8, 1.5), false, 0.1, 1e-5});
  }

  ValueId Relu(ValueId x) { return Op("relu", {ValueRef{x}}); }
  ValueId Add(ValueId x, ValueId y) { return Op("add", {ValueRef{x}, ValueRef{y}}); }
  ValueId MaxPool(ValueId x, int64_t kernel, int64_t stride, int64_t padding, bool ceil_mode = false) {
    return Op("max_pool2d", {ValueRef{x}, Pair(kernel), Pair(stride), Pair(padding), Pair(1), ceil_mode});
  }
  ValueId Linear(const std::string& name, ValueId x, int64_t in, int64_t out) {
    builder_.set_scope(name);
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    const ValueId w = Constant(name + ".weight", Random({out, in}, -bound, bound));
    const ValueId b = Constant(name + ".bias", Random({out}, -bound, bound));
    return Op("linear", {ValueRef{x}, ValueRef{w}, ValueRef{b}});
  }
  ValueId GlobalPoolAndFlatten(ValueId x) {
    builder_.set_scope("avgpool");
    x = Op("adaptive_avg_pool2d", {ValueRef{x}, Pair(1)});
    return Op("flatten", {ValueRef{x}, Dim(1), Dim(-1)});
  }

  Graph Finish(ValueId output) {
    builder_.Finish();
    graph_.outputs = {{output, ""}};
    return std::move(graph_);
  }
  GraphBuilder& builder() { return builder_; }
  Graph& graph() { return graph_; }

  static std::vector<Dim> Pair(int64_t v) { return {Dim(v), Dim(v)}; }

 private:
  Graph graph_;
  GraphBuilder builder_;
  std::mt19937 random_;
};

// torchvision's resnet18 (width: channels of the first stage, 64 there).
inline Graph ResNet18(int64_t width = 64, int64_t classes = 1000, int64_t image = 224) {
  ModelMaker m("resnet18", 1);
  ValueId x = m.ImageInput(1, 3, image, image);
  x = m.Relu(m.Norm("bn1", m.Conv("conv1", x, 3, width, 7, 2, 3), width));
  x = m.MaxPool(x, 3, 2, 1);
  int64_t c = width;
  for (int stage = 0; stage < 4; stage++) {
    const int64_t k = width << stage;
    for (int block = 0; block < 2; block++) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      ValueId y = m.Relu(m.Norm(name + "bn1", m.Conv(name + "conv1", x, c, k, 3, stride, 1), k));
      y = m.Norm(name + "bn2", m.Conv(name + "conv2", y, k, k, 3, 1, 1), k);
      if (stride != 1 || c != k) x = m.Norm(name + "downsample.1", m.Conv(name + "downsample.0", x, c, k, 1, stride, 0), k);
      x = m.Relu(m.Add(y, x));
      c = k;
    }
  }
  return m.Finish(m.Linear("fc", m.GlobalPoolAndFlatten(x), c, classes));
}

// torchvision's resnet50.
inline Graph ResNet50() {
  ModelMaker m("resnet50", 6);
  ValueId x = m.ImageInput(1, 3, 224, 224);
  x = m.MaxPool(m.Relu(m.Norm("bn1", m.Conv("conv1", x, 3, 64, 7, 2, 3), 64)), 3, 2, 1);
  int64_t c = 64;
  const int blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; stage++) {
    const int64_t narrow = 64 << stage, wide = 4 * narrow;
    for (int block = 0; block < blocks[stage]; block++) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      ValueId y = m.Relu(m.Norm(name + "bn1", m.Conv(name + "conv1", x, c, narrow, 1, 1, 0), narrow));
      y = m.Relu(m.Norm(name + "bn2", m.Conv(name + "conv2", y, narrow, narrow, 3, stride, 1), narrow));
      y = m.Norm(name + "bn3", m.Conv(name + "conv3", y, narrow, wide, 1, 1, 0), wide);
      if (block == 0) x = m.Norm(name + "downsample.1", m.Conv(name + "downsample.0", x, c, wide, 1, stride, 0), wide);
      x = m.Relu(m.Add(y, x));
      c = wide;
    }
  }
  return m.Finish(m.Linear("fc", m.GlobalPoolAndFlatten(x), c, 1000));
}

// torchvision's densenet121 (growth 32), without its classifier's detail.
inline Graph DenseNet121() {
  ModelMaker m("densenet121", 2);
  ValueId x = m.ImageInput(1, 3, 224, 224);
  x = m.MaxPool(m.Relu(m.Norm("norm0", m.Conv("conv0", x, 3, 64, 7, 2, 3), 64)), 3, 2, 1);
  int64_t c = 64;
  const int layers[] = {6, 12, 24, 16};
  for (int b = 0; b < 4; b++) {
    ValueList features = {x};
    for (int l = 0; l < layers[b]; l++) {
      const std::string name = "block" + std::to_string(b + 1) + "." + std::to_string(l);
      const ValueId all = m.Op("cat", {features, Dim(1)});
      const ValueId narrow = m.Conv(name + ".conv1", m.Relu(m.Norm(name + ".norm1", all, c)), c, 128, 1, 1, 0);
      features.push_back(m.Conv(name + ".conv2", m.Relu(m.Norm(name + ".norm2", narrow, 128)), 128, 32, 3, 1, 1));
      c += 32;
    }
    x = m.Op("cat", {features, Dim(1)});
    const std::string name = "transition" + std::to_string(b + 1);
    x = m.Relu(m.Norm(name + ".norm", x, c));
    if (b == 3) break;
    x = m.Conv(name + ".conv", x, c, c / 2, 1, 1, 0);
    x = m.Op("avg_pool2d", {ValueRef{x}, ModelMaker::Pair(2), ModelMaker::Pair(2)});
    c /= 2;
  }
  return m.Finish(m.Linear("classifier", m.GlobalPoolAndFlatten(x), c, 1000));
}

// torchvision's mobilenet_v2.
inline Graph MobileNetV2() {
  ModelMaker m("mobilenet_v2", 3);
  const auto relu6 = [&](ValueId v) { return m.Op("hardtanh", {ValueRef{v}, 0.0, 6.0}); };
  ValueId x = m.ImageInput(1, 3, 224, 224);
  x = relu6(m.Norm("features.0.1", m.Conv("features.0.0", x, 3, 32, 3, 2, 1), 32));
  int64_t c = 32;
  int index = 1;
  for (const auto& [t, k, n, s] : {std::array<int64_t, 4>{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1},
                                   {6, 160, 3, 2}, {6, 320, 1, 1}}) {
    for (int64_t i = 0; i < n; i++, index++) {
      const std::string name = "features." + std::to_string(index) + ".conv.";
      const int64_t wide = c * t, stride = i == 0 ? s : 1;
      ValueId y = x;
      if (t != 1) y = relu6(m.Norm(name + "0.1", m.Conv(name + "0.0", y, c, wide, 1, 1, 0), wide));
      y = relu6(m.Norm(name + "1.1", m.Conv(name + "1.0", y, wide, wide, 3, stride, 1, wide), wide));
      y = m.Norm(name + "3", m.Conv(name + "2", y, wide, k, 1, 1, 0), k);
      x = stride == 1 && c == k ? m.Add(x, y) : y;
      c = k;
    }
  }
  x = relu6(m.Norm("features.18.1", m.Conv("features.18.0", x, 320, 1280, 1, 1, 0), 1280));
  return m.Finish(m.Linear("classifier.1", m.GlobalPoolAndFlatten(x), 1280, 1000));
}

// torchvision's squeezenet1_1.
inline Graph SqueezeNet() {
  ModelMaker m("squeezenet1_1", 4);
  ValueId x = m.Relu(m.Conv("features.0", m.ImageInput(1, 3, 224, 224), 3, 64, 3, 2, 0, 1, true));
  x = m.MaxPool(x, 3, 2, 0, true);
  int64_t c = 64;
  int index = 3;
  for (const auto& [squeeze, expand, pool] : {std::array<int64_t, 3>{16, 64, 0}, {16, 64, 1}, {32, 128, 0}, {32, 128, 1}, {48, 192, 0},
                                              {48, 192, 0}, {64, 256, 0}, {64, 256, 0}}) {
    const std::string name = "features." + std::to_string(index++);
    const ValueId s = m.Relu(m.Conv(name + ".squeeze", x, c, squeeze, 1, 1, 0, 1, true));
    const ValueId a = m.Relu(m.Conv(name + ".expand1x1", s, squeeze, expand, 1, 1, 0, 1, true));
    const ValueId b = m.Relu(m.Conv(name + ".expand3x3", s, squeeze, expand, 3, 1, 1, 1, true));
    x = m.Op("cat", {ValueList{a, b}, Dim(1)});
    c = 2 * expand;
    if (pool) x = m.MaxPool(x, 3, 2, 0, true);
  }
  x = m.Relu(m.Conv("classifier.1", x, c, 1000, 1, 1, 0, 1, true));
  return m.Finish(m.GlobalPoolAndFlatten(x));
}

// torchvision's vgg11_bn.
inline Graph Vgg11Bn() {
  ModelMaker m("vgg11_bn", 5);
  ValueId x = m.ImageInput(1, 3, 224, 224);
  int64_t c = 3;
  for (const int64_t k : {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0}) {
    if (k == 0) {
      x = m.MaxPool(x, 2, 2, 0);
      continue;
    }
    const std::string name = "features." + std::to_string(m.graph().nodes.size());
    x = m.Relu(m.Norm(name + ".bn", m.Conv(name, x, c, k, 3, 1, 1, 1, true), k));
    c = k;
  }
  x = m.Op("adaptive_avg_pool2d", {ValueRef{x}, ModelMaker::Pair(7)});
  x = m.Op("flatten", {ValueRef{x}, Dim(1), Dim(-1)});
  x = m.Relu(m.Linear("classifier.0", x, 25088, 4096));
  x = m.Relu(m.Linear("classifier.3", x, 4096, 4096));
  return m.Finish(m.Linear("classifier.6", x, 4096, 1000));
}

inline Graph ModelByName(const std::string& name) {
  if (name == "resnet50") return ResNet50();
  if (name == "densenet121") return DenseNet121();
  if (name == "mobilenet_v2") return MobileNetV2();
  if (name == "squeezenet1_1") return SqueezeNet();
  if (name == "vgg11_bn") return Vgg11Bn();
  return ResNet18();
}

}  // namespace fusepack::testing
