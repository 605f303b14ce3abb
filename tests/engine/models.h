// Graphs for tests and measurements, built by GraphBuilder with random weights of a seed: what the tracer makes of
// torchvision's models, without a tracer.
#pragma once

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
    if (FindOp("linear") == nullptr) return x;
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

}  // namespace fusepack::testing
