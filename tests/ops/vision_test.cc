// The vision operators' conditions (what PyTorch refuses, they refuse, in one line), and their shape functions as
// expressions: traced at one size, right at every other that the guards let through.
#include <gtest/gtest.h>

#include "engine/graph/builder.h"
#include "tests/ops/example.h"

namespace fusepack {
namespace {

struct Refused {
  const char* op;
  const char* args;
  const char* error;
};

constexpr Refused kRefused[] = {
    {"conv2d", "f32[1,1,3,3], f32[1,1,4,4]",
     "conv2d: argument 'input': padded size 3 in spatial dimension 0, expected at least the kernel's extent 4"},
    {"conv2d", "f32[1,4,3,3], f32[3,2,2,2]",
     "conv2d: argument 'input': 4 channels in sizes [1,4,3,3], expected 2 channels for a weight of sizes [3,2,2,2] and groups=1"},
    {"conv2d", "f32[1,4,3,3], f32[3,2,2,2], None, 1, 0, 1, 2",
     "conv2d: argument 'weight': sizes [3,2,2,2], expected dimension 0 divisible by groups=2"},
    {"conv2d", "f32[1,1,3,3], f64[1,1,2,2]", "conv2d: argument 'weight': float64, expected float32, the input's dtype"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], f32[2]", "conv2d: argument 'bias': sizes [2], expected [1], one number a channel"},
    {"conv2d", "f32[3,3], f32[1,1,2,2]",
     "conv2d: argument 'input': a tensor of sizes [3,3], expected rank 3 (unbatched) or 4 (batched)"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], None, 0", "conv2d: argument 'stride': 0, expected at least 1"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], None, 1, -1", "conv2d: argument 'padding': -1, expected at least 0"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], None, 1, 0, 0", "conv2d: argument 'dilation': 0, expected at least 1"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], None, [1,1,1]", "conv2d: argument 'stride': 3 elements, expected 2"},
    {"conv2d", "f32[1,1,3,3], f32[1,1,2,2], groups=0", "conv2d: argument 'groups': 0, expected at least 1"},
    {"conv2d", "bool[1,1,3,3], bool[1,1,2,2]", "conv2d: argument 'input': bool, expected an integer or floating dtype"},
    {"conv2d_padding", "f32[1,1,3,3], f32[1,1,2,2], None, 2, 'same'",
     "conv2d_padding: argument 'padding': 'same' for a strided convolution, expected stride 1"},
    {"conv2d_padding", "f32[1,1,3,3], f32[1,1,2,2], None, 1, 'full'",
     "conv2d_padding: argument 'padding': 'full', expected 'valid' or 'same'"},
    {"conv_transpose2d", "f32[1,2,3,3], f32[2,3,2,2], output_padding=1",
     "conv_transpose2d: argument 'output_padding': 1, expected less than the stride or the dilation"},
    {"conv_transpose2d", "f32[1,2,1,1], f32[2,3,2,2], padding=1",
     "conv_transpose2d: argument 'input': an output of size 0 in spatial dimension 0, expected an output that is not empty"},
    {"max_pool2d", "f32[1,1,4,4], 2, padding=2", "max_pool2d: argument 'padding': 2, expected at most half of the window's extent 2"},
    {"max_pool2d", "f32[1,0,4,4], 2", "max_pool2d: argument 'self': sizes [1,0,4,4], expected no empty dimension but the batch"},
    {"max_pool2d", "f32[1,1,2,2], 3",
     "max_pool2d: argument 'self': an output of size 0 from size 2 in spatial dimension 0, expected an output that is not empty"},
    {"max_pool2d", "bool[1,1,4,4], 2", "max_pool2d: argument 'self': bool, expected an integer or floating dtype"},
    {"max_pool2d", "f32[1,1,4,4], [1,2,3]", "max_pool2d: argument 'kernel_size': 3 elements, expected 2"},
    {"avg_pool2d", "f32[1,1,4,4], 2, divisor_override=0", "avg_pool2d: argument 'divisor_override': 0, expected another number"},
    {"avg_pool2d", "i32[1,1,4,4], 2", "avg_pool2d: argument 'self': int32, expected a floating dtype"},
    {"adaptive_avg_pool2d", "f32[1,1,4,4], -1", "adaptive_avg_pool2d: argument 'output_size': -1, expected at least 0"},
    {"batch_norm", "f32[2,3], None, None, None, None, False, 0.1, 1e-05, False",
     "batch_norm: argument 'running_mean': None, expected running mean and variance where the input's are not used"},
    {"batch_norm", "f32[2,3], f32[4], None, f32[3], f32[3], False, 0.1, 1e-05, False",
     "batch_norm: argument 'weight': sizes [4], expected [3], one number a channel"},
    {"layer_norm", "f32[2,3], [2]", "layer_norm: argument 'input': sizes [2,3], expected sizes that end in normalized_shape=[2]"},
    {"layer_norm", "f32[2,3], []", "layer_norm: argument 'normalized_shape': [], expected at least one size"},
    {"group_norm", "f32[2,6], 4", "group_norm: argument 'num_groups': 4, expected a divisor of the 6 channels"},
    {"group_norm", "f32[2,6], 0", "group_norm: argument 'num_groups': 0, expected a divisor of the 6 channels"},
    {"softmax", "i64[2,3], 1", "softmax: argument 'self': int64, expected a floating dtype"},
    {"scaled_dot_product_attention", "f32[2,4,5], f32[2,6,5], f32[2,6,7], f32[4,6], 0.0, True",
     "scaled_dot_product_attention: argument 'attn_mask': a mask with is_causal=True, expected only one of them"},
    {"scaled_dot_product_attention", "f32[2,4,5], f32[2,6,5], f32[2,6,7], i64[4,6]",
     "scaled_dot_product_attention: argument 'attn_mask': int64, expected bool, float32 or the query's dtype"},
    {"upsample_bilinear2d_vec", "f32[1,1,3,5], None, False, None",
     "upsample_bilinear2d_vec: neither output_size nor scale_factors, expected one of them"},
    {"upsample_nearest2d", "f32[1,1,3,5], [0,4]", "upsample_nearest2d: upsample: argument 'output_size': 0, expected at least 1"},
    {"pad", "f32[2,3], [3,2], 'reflect'", "pad: argument 'pad': 3 for size 3, expected less than the size"},
    {"pad", "f32[2,5], [6,2], 'circular'", "pad: argument 'pad': 6 for size 5, expected at most the size"},
    {"pad", "f32[3], [-2,-2]", "pad: argument 'pad': an output of size -1 from size 3, expected a size of at least 0"},
    {"pad", "f32[3], [1]", "pad: argument 'pad': 1 elements, expected an even number"},
    {"grid_sampler", "f32[1,2,3,4], f32[2,5,6,2], 0, 0, False",
     "grid_sampler: argument 'grid': sizes [2,5,6,2], expected the input's batch first and 2 last"},
    {"col2im", "f32[1,8,7], [3,4], [2,2], [1,1], [0,0], [1,1]",
     "col2im: argument 'self': sizes [1,8,7], expected 6 blocks in the last dimension"},
    {"roi_align", "f32[1,3,6,9], f32[4,5]<7, 1.0, 2, 3, 2, False",
     "roi_align: argument 'rois': 5.000000 in box 0, expected an image number in [0,1)"},
    {"dropout", "f32[2], 0.5, True",
     "dropout: argument 'train': True with p=0.500000, expected evaluation: training draws random numbers"},
};

TEST(Vision, RefusesWhatPyTorchRefuses) {
  for (const Refused& c : kRefused) {
    const OpDef* op = FindOp(c.op);
    ASSERT_NE(op, nullptr) << c.op;
    const Example e = ReadExample(op->schema(), c.args, DType::kF32);
    const auto out = EvalOp(*op, e.args, e.tensors);
    ASSERT_FALSE(out.ok()) << c.op << "(" << c.args << ")";
    EXPECT_EQ(out.status().ToString(), c.error) << c.op << "(" << c.args << ")";
  }
}

struct Traced {
  const char* op;
  const char* args;  // the first tensor is the image: its sizes are symbols
};

constexpr Traced kTraced[] = {
    {"conv2d", "f32[2,3,32,20], f32[4,3,7,7], None, 2, 3"},
    {"conv2d", "f32[2,3,32,20], f32[4,3,3,2], None, [1,3], 0, [4,1]"},
    {"conv2d_padding", "f32[2,3,32,20], f32[4,3,4,3], None, 1, 'same'"},
    {"conv_transpose2d", "f32[2,3,32,20], f32[3,4,3,2], None, [2,3], 1, 1"},
    {"max_pool2d", "f32[2,3,32,20], 3, 2, 1"},
    {"max_pool2d", "f32[2,3,32,20], [3,2], [2,5], 1, 1, True"},
    {"max_pool2d", "f32[2,3,32,20], 3, 2, 0, 2, True"},
    {"avg_pool2d", "f32[2,3,32,20], 2, 3, 1, True"},
    {"adaptive_avg_pool2d", "f32[2,3,32,20], [7,1]"},
    {"upsample_bilinear2d_vec", "f32[2,3,32,20], None, False, [1.7,0.6]"},
    {"pad", "f32[2,3,32,20], [1,2,-3,4], 'reflect'"},
    {"im2col", "f32[2,3,32,20], [2,3], [1,2], [0,1], [1,2]"},
};

TEST(Vision, ShapesHoldAtOtherSizes) {
  for (const Traced& c : kTraced) {
    SCOPED_TRACE(std::string(c.op) + "(" + c.args + ")");
    const OpDef* op = FindOp(c.op);
    Example e = ReadExample(op->schema(), c.args, DType::kF32);
    Graph graph;
    std::vector<Dim> image;
    for (int64_t s : e.tensors[0].sizes()) {
      image.push_back(Dim::Symbol(static_cast<int>(image.size()), s));
      graph.symbol_hints.push_back(s);
    }
    graph.AddInput("x", DType::kF32, image);
    for (size_t i = 1; i < e.tensors.size(); i++) graph.AddConstant("w", e.tensors[i]);
    GraphBuilder builder(&graph);
    const auto out = builder.Add(*op, e.args);
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    builder.Finish();
    int allowed = 0;
    for (int64_t h = 1; h <= 40; h++) {
      const std::vector<int64_t> sizes = {5, 3, h, 41 - h};
      bool holds = true;
      for (const Guard& g : graph.guards) {
        const int64_t a = g.lhs.Evaluate(sizes).value(), b = g.rhs.Evaluate(sizes).value();
        holds &= g.op == Compare::kEq   ? a == b
                 : g.op == Compare::kNe ? a != b
                 : g.op == Compare::kLt ? a < b
                 : g.op == Compare::kLe ? a <= b
                 : g.op == Compare::kGt ? a > b
                                        : a >= b;
      }
      e.tensors[0] = Tensor::Zeros(DType::kF32, Dims(sizes)).value();
      const auto run = EvalOp(*op, e.args, e.tensors);
      if (!holds) continue;  // a guard may be stricter than need be, never looser
      allowed++;
      ASSERT_TRUE(run.ok()) << Dims(sizes) << ": " << run.status().ToString();
      Dims inferred;
      for (const Dim& d : graph.value((*out)[0]).sizes) inferred.push_back(d.Evaluate(sizes).value());
      EXPECT_EQ(inferred, (*run)[0].sizes()) << Dims(sizes);
    }
    EXPECT_GT(allowed, 20);
  }
}

TEST(Vision, ShapesPrintShortExpressions) {
  Graph graph;
  graph.symbol_hints = {1, 224, 224};
  std::vector<Dim> sizes = {Dim::Symbol(0, 1), 3, Dim::Symbol(1, 224), Dim::Symbol(2, 224)};
  const ValueId x = graph.AddInput("x", DType::kF32, sizes);
  const ValueId w = graph.AddConstant("w", Tensor::Zeros(DType::kF32, {64, 3, 7, 7}).value());
  GraphBuilder builder(&graph);
  const Dim two(2), three(3);
  const auto y = builder.AddOne("conv2d", {ValueRef{x}, ValueRef{w}, {}, two, three});
  ASSERT_TRUE(y.ok()) << y.status().ToString();
  EXPECT_EQ(ToString(graph.value(*y).sizes), "[s0,64,((s1 - 1) // 2) + 1,((s2 - 1) // 2) + 1]");
}

}  // namespace
}  // namespace fusepack
