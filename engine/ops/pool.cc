// Pooling. The definitions of one, two and three dimensions differ in the numbers of their schemas only.
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/pool/pool.h"

namespace fusepack::ops {
namespace {

// kernel_size where no stride is given.
template <typename Call>
const std::vector<Dim>& StrideOf(const Call& call) {
  return call.dims("stride").empty() ? call.dims("kernel_size") : call.dims("stride");
}

// Sizes of the places where a window may start:
//   floor: (in + 2 pad - reach - 1) // stride + 1
//   ceil:  the last window may hang over the end, but must start inside the input or its front padding
Result<TensorSpec> WindowShape(const ShapeCall& call, int spatial, bool dilated) {
  TensorSpec out = call.tensor("self");
  FP_RETURN_IF_ERROR(ExpectImage("self", out, spatial));
  for (std::string_view name : {"kernel_size", "padding"}) FP_RETURN_IF_ERROR(ExpectLength(call, name, spatial));
  if (!call.dims("stride").empty()) FP_RETURN_IF_ERROR(ExpectLength(call, "stride", spatial));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "kernel_size", 1));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "stride", 1));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "padding", 0));
  if (dilated) {
    FP_RETURN_IF_ERROR(ExpectLength(call, "dilation", spatial));
    FP_RETURN_IF_ERROR(ExpectAtLeast(call, "dilation", 1));
  }
  const int rank = static_cast<int>(out.sizes.size()), first = rank - spatial;
  for (int d = rank == spatial + 2 ? 1 : 0; d < rank; d++) {  // only the batch may be empty
    if (!call.guards.Decide(out.sizes[d], Compare::kGe, 1)) {
      return BadInput("argument 'self'", "sizes " + ToString(out.sizes), "no empty dimension but the batch");
    }
  }
  for (int d = 0; d < spatial; d++) {
    const Dim &kernel = call.dims("kernel_size")[d], &stride = StrideOf(call)[d], &pad = call.dims("padding")[d];
    const Dim extent = (dilated ? call.dims("dilation")[d] : Dim(1)) * (kernel - 1) + 1;
    if (!call.guards.Decide(pad, Compare::kLe, FloorDiv(extent, 2))) {
      return BadInput("argument 'padding'", pad.ToString(), "at most half of the window's extent " + extent.ToString());
    }
    Dim& size = out.sizes[first + d];
    const Dim in = size, room = in + Dim(2) * pad - extent;
    size = call.boolean("ceil_mode") ? Min(CeilDiv(room, stride) + 1, FloorDiv(in + pad - 1, stride) + 1)
                                     : FloorDiv(room, stride) + 1;
    if (!call.guards.Decide(size, Compare::kGe, 1)) {
      return BadInput("argument 'self'", "an output of size " + size.ToString() + " from size " + in.ToString() +
                                             " in spatial dimension " + std::to_string(d), "an output that is not empty");
    }
  }
  return out;
}

template <int kSpatial, bool kIndices>
Result<Specs> MaxPoolShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(ExpectNumbers("self", call.tensor("self")));
  FP_ASSIGN_OR_RETURN(TensorSpec out, WindowShape(call, kSpatial, true));
  if (kIndices) return Specs{out, {DType::kI64, out.sizes}};
  return Specs{out};
}

template <int kSpatial>
Result<Specs> AvgPoolShape(const ShapeCall& call) {
  if (call.tensor("self").dtype != DType::kI64) FP_RETURN_IF_ERROR(ExpectFloating("self", call.tensor("self")));
  if constexpr (kSpatial > 1) {
    if (call.has("divisor_override") && !call.guards.Decide(call.dim("divisor_override"), Compare::kNe, 0)) {
      return BadInput("argument 'divisor_override'", "0", "another number");
    }
  }
  FP_ASSIGN_OR_RETURN(TensorSpec out, WindowShape(call, kSpatial, false));
  return Specs{out};
}

template <int kSpatial, bool kIndices>
Result<Specs> AdaptiveShape(const ShapeCall& call) {
  TensorSpec out = call.tensor("self");
  FP_RETURN_IF_ERROR(ExpectFloating("self", out));
  FP_RETURN_IF_ERROR(ExpectImage("self", out, kSpatial));
  FP_RETURN_IF_ERROR(ExpectLength(call, "output_size", kSpatial));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "output_size", 0));
  const int first = static_cast<int>(out.sizes.size()) - kSpatial;
  for (int d = 0; d < kSpatial; d++) {
    if (!call.guards.Decide(out.sizes[first + d], Compare::kGe, 1)) {
      return BadInput("argument 'self'", "sizes " + ToString(out.sizes), "no empty spatial dimension");
    }
    out.sizes[first + d] = call.dims("output_size")[d];
  }
  if (kIndices) return Specs{out, {DType::kI64, out.sizes}};
  return Specs{out};
}

kernels::PoolProblem Problem(const EvalCall& call, int spatial, const Tensor& output) {
  const Tensor& x = call.tensor("self");
  kernels::PoolProblem p;
  for (int i = 0; i < x.rank() - spatial; i++) p.planes *= x.sizes()[i];
  p.in = LastSizes(x.sizes(), spatial);
  p.out = LastSizes(output.sizes(), spatial);
  p.adaptive = call.schema().Find("output_size") >= 0;
  if (p.adaptive) return p;
  const std::vector<int64_t> stride = call.integers("stride");
  p.kernel = LastThree(call.integers("kernel_size"), 1);
  p.stride = stride.empty() ? p.kernel : LastThree(stride, 1);
  p.padding = LastThree(call.integers("padding"), 0);
  if (call.schema().Find("dilation") >= 0) p.dilation = LastThree(call.integers("dilation"), 1);
  return p;
}

template <int kSpatial>
Status MaxPoolEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("self").view());
  DenseF64Output y(outputs[0].mutable_view());
  int64_t* indices = outputs.size() > 1 ? outputs[1].mutable_view().as<int64_t>() : nullptr;
  kernels::MaxPool(Problem(call, kSpatial, outputs[0]), x.data(), y.data(), indices);
  return OkStatus();
}

template <int kSpatial>
Status AvgPoolEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("self").view());
  DenseF64Output y(outputs[0].mutable_view());
  int64_t divisor = 0;
  if (kSpatial > 1 && call.has("divisor_override")) divisor = call.integer("divisor_override");
  kernels::AvgPool(Problem(call, kSpatial, outputs[0]), call.boolean("count_include_pad"), divisor, x.data(), y.data());
  return OkStatus();
}

template <int kSpatial>
Status AdaptiveAvgEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("self").view());
  DenseF64Output y(outputs[0].mutable_view());
  kernels::AvgPool(Problem(call, kSpatial, outputs[0]), true, 0, x.data(), y.data());
  return OkStatus();
}

template <int kSpatial>
Status AdaptiveMaxEval(const EvalCall& call, std::span<Tensor> outputs) {
  return MaxPoolEval<kSpatial>(call, outputs);
}

}  // namespace

const OpDef op_max_pool1d = {
    .name = "max_pool1d",
    .torch = {"torch.max_pool1d"},
    .params = "Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False",
    .shape = MaxPoolShape<1, false>,
    .eval = MaxPoolEval<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], 3, 2, 1",
                 "f32[5,9], 2, 2, 0, 2, True",
                 "f32[1,2,7]~, 3, 1, 1"},
    .doc = "The largest of each window over one spatial dimension; NaN wins. stride [] is kernel_size.",
};

const OpDef op_max_pool1d_with_indices = {
    .name = "max_pool1d_with_indices",
    .torch = {"torch.max_pool1d_with_indices"},
    .params = "Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False",
    .returns = "(Tensor output, Tensor indices)",
    .shape = MaxPoolShape<1, true>,
    .eval = MaxPoolEval<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], 3, 2, 1",
                 "f32[5,9], 2, 2, 0, 2, True",
                 "f32[1,2,7]~, 3, 1, 1"},
    .doc = "max_pool1d, and where in the input's plane each value was found (i64).",
};

const OpDef op_max_pool2d = {
    .name = "max_pool2d",
    .torch = {"torch.max_pool2d"},
    .params = "Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False",
    .shape = MaxPoolShape<2, false>,
    .eval = MaxPoolEval<2>,
    .inplace = false,
    .examples = {"f32[1,3,8,8], 2",
                 "f32[3,5,11,9], 3, 2, 1",
                 "f32[2,3,10,7], [3,2], [2,3], [1,1], [2,1], True",
                 "f32[4,7,7], 3, 2, 0, 1, True",
                 "f32[1,2,9,9]~, 3, 2, 1",
                 "f32[0,2,6,6], 2",
                 "i64[1,2,6,6]<50, 3, 1, 1"},
    .doc = "The largest of each window over two spatial dimensions; NaN wins. stride [] is kernel_size.",
};

const OpDef op_max_pool2d_with_indices = {
    .name = "max_pool2d_with_indices",
    .torch = {"torch._C._nn.max_pool2d_with_indices"},
    .params = "Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False",
    .returns = "(Tensor output, Tensor indices)",
    .shape = MaxPoolShape<2, true>,
    .eval = MaxPoolEval<2>,
    .inplace = false,
    .examples = {"f32[1,3,8,8], 2",
                 "f32[3,5,11,9], 3, 2, 1",
                 "f32[2,3,10,7], [3,2], [2,3], [1,1], [2,1], True",
                 "f32[4,7,7], 3, 2, 0, 1, True",
                 "f32[1,2,9,9]~, 3, 2, 1",
                 "f32[0,2,6,6], 2",
                 "i64[1,2,6,6]<50, 3, 1, 1"},
    .doc = "max_pool2d, and where in the input's plane each value was found (i64).",
};

const OpDef op_max_pool3d = {
    .name = "max_pool3d",
    .torch = {"torch.max_pool3d"},
    .params = "Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False",
    .shape = MaxPoolShape<3, false>,
    .eval = MaxPoolEval<3>,
    .inplace = false,
    .examples = {"f32[2,2,6,7,5], 2",
                 "f32[3,5,6,7], [2,3,2], [1,2,2], [1,1,0], [2,1,1], True"},
    .doc = "The largest of each window over three spatial dimensions; NaN wins. stride [] is kernel_size.",
};

const OpDef op_max_pool3d_with_indices = {
    .name = "max_pool3d_with_indices",
    .torch = {"torch._C._nn.max_pool3d_with_indices"},
    .params = "Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False",
    .returns = "(Tensor output, Tensor indices)",
    .shape = MaxPoolShape<3, true>,
    .eval = MaxPoolEval<3>,
    .inplace = false,
    .examples = {"f32[2,2,6,7,5], 2",
                 "f32[3,5,6,7], [2,3,2], [1,2,2], [1,1,0], [2,1,1], True"},
    .doc = "max_pool3d, and where in the input's plane each value was found (i64).",
};

const OpDef op_avg_pool1d = {
    .name = "avg_pool1d",
    .torch = {"torch.avg_pool1d"},
    .params = "Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, "
              "bool ceil_mode=False, bool count_include_pad=True",
    .shape = AvgPoolShape<1>,
    .eval = AvgPoolEval<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], 3, 2, 1",
                 "f32[5,9], 2, 2, 1, True, False"},
    .doc = "The mean of each window over one spatial dimension.",
};

const OpDef op_avg_pool2d = {
    .name = "avg_pool2d",
    .torch = {"torch._C._nn.avg_pool2d", "torch.nn.functional.avg_pool2d"},
    .params = "Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, "
              "bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None",
    .shape = AvgPoolShape<2>,
    .eval = AvgPoolEval<2>,
    .inplace = false,
    .examples = {"f32[1,3,8,8], 2",
                 "f32[3,5,11,9], 3, 2, 1",
                 "f32[2,3,10,7], [3,2], [2,3], [1,1], True, False",
                 "f32[4,7,7], 3, 2, 1, True",
                 "f32[2,2,5,5], 3, 1, 1, False, True, 5",
                 "f32[1,2,9,9]~, 3, 2, 1",
                 "f32[2,3,7,7], 2, 3, 1, True, True"},
    .doc = "The mean of each window over two spatial dimensions.",
};

const OpDef op_avg_pool3d = {
    .name = "avg_pool3d",
    .torch = {"torch._C._nn.avg_pool3d", "torch.nn.functional.avg_pool3d"},
    .params = "Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, "
              "bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None",
    .shape = AvgPoolShape<3>,
    .eval = AvgPoolEval<3>,
    .inplace = false,
    .examples = {"f32[2,2,6,7,5], 2",
                 "f32[3,5,6,7], [2,3,2], [1,2,2], [1,1,0], True, False",
                 "f32[1,2,4,4,4], 3, 2, 1, False, True, 4"},
    .doc = "The mean of each window over three spatial dimensions.",
};

const OpDef op_adaptive_avg_pool1d = {
    .name = "adaptive_avg_pool1d",
    .torch = {"torch.adaptive_avg_pool1d"},
    .params = "Tensor self, int[1] output_size",
    .shape = AdaptiveShape<1, false>,
    .eval = AdaptiveAvgEval<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], 4", "f32[3,5], 7"},
    .doc = "Means of windows that divide the input into output_size parts, equal to within one element.",
};

const OpDef op_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .torch = {"torch._C._nn.adaptive_avg_pool2d"},
    .params = "Tensor self, int[2] output_size",
    .shape = AdaptiveShape<2, false>,
    .eval = AdaptiveAvgEval<2>,
    .inplace = false,
    .examples = {"f32[2,3,7,7], 1", "f32[1,3,11,9], [4,7]", "f32[4,5,6], [7,3]", "f32[0,3,4,4], 2", "f32[2,3,5,5], [0,2]"},
    .doc = "Means of windows that divide the input into output_size parts, equal to within one element.",
};

const OpDef op_adaptive_avg_pool3d = {
    .name = "adaptive_avg_pool3d",
    .torch = {"torch._C._nn.adaptive_avg_pool3d"},
    .params = "Tensor self, int[3] output_size",
    .shape = AdaptiveShape<3, false>,
    .eval = AdaptiveAvgEval<3>,
    .inplace = false,
    .examples = {"f32[2,2,6,7,5], [2,3,5]", "f32[2,4,4,4], 3"},
    .doc = "Means of windows that divide the input into output_size parts, equal to within one element.",
};

const OpDef op_adaptive_max_pool1d = {
    .name = "adaptive_max_pool1d",
    .torch = {"torch.adaptive_max_pool1d"},
    .params = "Tensor self, int[1] output_size",
    .returns = "(Tensor output, Tensor indices)",
    .shape = AdaptiveShape<1, true>,
    .eval = AdaptiveMaxEval<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], 4", "f32[3,5], 7"},
    .doc = "Maxima over adaptive_avg_pool1d's windows, and where in the input's plane they were found (i64).",
};

const OpDef op_adaptive_max_pool2d = {
    .name = "adaptive_max_pool2d",
    .torch = {"torch._C._nn.adaptive_max_pool2d"},
    .params = "Tensor self, int[2] output_size",
    .returns = "(Tensor output, Tensor indices)",
    .shape = AdaptiveShape<2, true>,
    .eval = AdaptiveMaxEval<2>,
    .inplace = false,
    .examples = {"f32[2,3,7,7], 1", "f32[1,3,11,9], [4,7]"},
    .doc = "Maxima over adaptive_avg_pool2d's windows, and where in the input's plane they were found (i64).",
};

const OpDef op_adaptive_max_pool3d = {
    .name = "adaptive_max_pool3d",
    .torch = {"torch._C._nn.adaptive_max_pool3d"},
    .params = "Tensor self, int[3] output_size",
    .returns = "(Tensor output, Tensor indices)",
    .shape = AdaptiveShape<3, true>,
    .eval = AdaptiveMaxEval<3>,
    .inplace = false,
    .examples = {"f32[2,2,6,7,5], [2,3,5]", "f32[2,4,4,4], 3"},
    .doc = "Maxima over adaptive_avg_pool3d's windows, and where in the input's plane they were found (i64).",
};

}  // namespace fusepack::ops
