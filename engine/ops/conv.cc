// Convolutions. The definitions of one, two and three dimensions differ in the numbers of their schemas only; padding
// given as a string is worked out here, so that a graph holds integers.
#include "engine/graph/builder.h"
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/conv/conv.h"

namespace fusepack::ops {
namespace {

// What convolution and its transpose ask alike. A transposed weight counts the input's channels in dimension 0.
Status CheckConv(const ShapeCall& call, int spatial, bool transposed) {
  const TensorSpec &input = call.tensor("input"), &weight = call.tensor("weight");
  Guards& guards = call.guards;
  FP_RETURN_IF_ERROR(ExpectImage("input", input, spatial));
  if (static_cast<int>(weight.sizes.size()) != spatial + 2) {
    return BadInput("argument 'weight'", "a tensor of sizes " + ToString(weight.sizes), "rank " + std::to_string(spatial + 2));
  }
  FP_RETURN_IF_ERROR(ExpectNumbers("input", input));
  FP_RETURN_IF_ERROR(ExpectSameDType("weight", weight, input.dtype));
  if (call.has("bias")) FP_RETURN_IF_ERROR(ExpectSameDType("bias", call.tensor("bias"), input.dtype));
  for (std::string_view name : {"stride", "padding", "dilation"}) FP_RETURN_IF_ERROR(ExpectLength(call, name, spatial));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "stride", 1));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "padding", 0));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "dilation", 1));
  const Dim& groups = call.dim("groups");
  if (!guards.Decide(groups, Compare::kGe, 1)) return BadInput("argument 'groups'", groups.ToString(), "at least 1");
  const Dim& channels = input.sizes[input.sizes.size() - spatial - 1];
  const Dim wanted = transposed ? weight.sizes[0] : weight.sizes[1] * groups;
  if (!guards.Equal(channels, wanted)) {
    return BadInput("argument 'input'", channels.ToString() + " channels in sizes " + ToString(input.sizes),
                    wanted.ToString() + " channels for a weight of sizes " + ToString(weight.sizes) + " and groups=" + groups.ToString());
  }
  if (!guards.Equal(Mod(weight.sizes[0], groups), 0) || !guards.Decide(weight.sizes[0], Compare::kGe, groups)) {
    return BadInput("argument 'weight'", "sizes " + ToString(weight.sizes), "dimension 0 divisible by groups=" + groups.ToString());
  }
  for (int d = 0; d < spatial; d++) {
    if (!guards.Decide(weight.sizes[2 + d], Compare::kGe, 1)) {
      return BadInput("argument 'weight'", "sizes " + ToString(weight.sizes), "a kernel without empty dimensions");
    }
  }
  return ExpectVector(call, "bias", transposed ? weight.sizes[1] * groups : weight.sizes[0]);
}

// kernel reach of dimension d: dilation * (kernel - 1)
Dim Reach(const ShapeCall& call, int d) { return call.dims("dilation")[d] * (call.tensor("weight").sizes[2 + d] - 1); }

template <int kSpatial>
Result<std::vector<TensorSpec>> ConvShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckConv(call, kSpatial, false));
  const TensorSpec &input = call.tensor("input"), &weight = call.tensor("weight");
  TensorSpec out = input;
  const int first = static_cast<int>(input.sizes.size()) - kSpatial;
  out.sizes[first - 1] = weight.sizes[0];
  for (int d = 0; d < kSpatial; d++) {
    const Dim padded = input.sizes[first + d] + Dim(2) * call.dims("padding")[d], reach = Reach(call, d);
    if (!call.guards.Decide(padded, Compare::kGt, reach)) {
      return BadInput("argument 'input'", "padded size " + padded.ToString() + " in spatial dimension " + std::to_string(d),
                      "at least the kernel's extent " + (reach + 1).ToString());
    }
    out.sizes[first + d] = FloorDiv(padded - reach - 1, call.dims("stride")[d]) + 1;
  }
  return std::vector<TensorSpec>{out};
}

template <int kSpatial>
Result<std::vector<TensorSpec>> ConvTransposeShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckConv(call, kSpatial, true));
  FP_RETURN_IF_ERROR(ExpectLength(call, "output_padding", kSpatial));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "output_padding", 0));
  const TensorSpec &input = call.tensor("input"), &weight = call.tensor("weight");
  TensorSpec out = input;
  const int first = static_cast<int>(input.sizes.size()) - kSpatial;
  out.sizes[first - 1] = weight.sizes[1] * call.dim("groups");
  for (int d = 0; d < kSpatial; d++) {
    const Dim &stride = call.dims("stride")[d], &extra = call.dims("output_padding")[d];
    if (!call.guards.Decide(extra, Compare::kLt, Max(stride, call.dims("dilation")[d]))) {
      return BadInput("argument 'output_padding'", extra.ToString(), "less than the stride or the dilation");
    }
    const Dim size = (input.sizes[first + d] - 1) * stride - Dim(2) * call.dims("padding")[d] + Reach(call, d) + extra + 1;
    if (!call.guards.Decide(size, Compare::kGe, 1)) {
      return BadInput("argument 'input'", "an output of size " + size.ToString() + " in spatial dimension " + std::to_string(d),
                      "an output that is not empty");
    }
    out.sizes[first + d] = size;
  }
  return std::vector<TensorSpec>{out};
}

template <bool kTransposed>
Status ConvEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor &input = call.tensor("input"), &weight = call.tensor("weight");
  const int spatial = weight.rank() - 2;
  kernels::ConvProblem p;
  p.images = input.rank() == spatial + 2 ? input.sizes()[0] : 1;
  p.in_channels = input.sizes()[input.rank() - spatial - 1];
  p.out_channels = outputs[0].sizes()[input.rank() - spatial - 1];
  p.groups = call.integer("groups");
  p.in = LastSizes(input.sizes(), spatial);
  p.kernel = LastSizes(weight.sizes(), spatial);
  p.out = LastSizes(outputs[0].sizes(), spatial);
  p.stride = LastThree(call.integers("stride"), 1);
  p.padding = LastThree(call.integers("padding"), 0);
  p.dilation = LastThree(call.integers("dilation"), 1);
  p.transposed = kTransposed;
  const DenseF64 x(input.view()), w(weight.view());
  const OptionalF64 bias(call, "bias");
  DenseF64Output y(outputs[0].mutable_view());
  kernels::Conv(p, x.data(), w.data(), bias.data(), y.data());
  return OkStatus();
}

// padding="valid" is 0; "same" keeps the size: dilation * (kernel - 1) in all, the odd one at the end, as a pad of its
// own in front of the convolution.
template <int kSpatial>
Result<std::vector<ValueId>> ConvStringPadding(GraphBuilder& builder, std::span<const Arg> args) {
  enum { kInput, kWeight, kBias, kStride, kPadding, kDilation, kGroups };
  const std::string& mode = std::get<std::string>(args[kPadding]);
  if (mode != "same" && mode != "valid") return BadInput("argument 'padding'", "'" + mode + "'", "'valid' or 'same'");
  Arg input = args[kInput];
  std::vector<Dim> padding(kSpatial, 0);
  if (mode == "same") {
    const std::vector<Dim>& stride = std::get<std::vector<Dim>>(args[kStride]);
    const std::vector<Dim>& dilations = std::get<std::vector<Dim>>(args[kDilation]);
    if (stride.size() != kSpatial || dilations.size() != kSpatial) {
      return BadInput("argument 'stride' or 'dilation'", "a list of another length", std::to_string(kSpatial) + " elements");
    }
    const std::vector<Dim> kernel = builder.Spec(std::get<ValueRef>(args[kWeight]).id).sizes;
    if (static_cast<int>(kernel.size()) != kSpatial + 2) {
      return BadInput("argument 'weight'", "a tensor of sizes " + ToString(kernel), "rank " + std::to_string(kSpatial + 2));
    }
    std::vector<Dim> extra(2 * kSpatial, 0);  // constant_pad_nd's order: last dimension first, (front, back)
    bool uneven = false;
    for (int d = 0; d < kSpatial; d++) {
      if (!builder.guards().Equal(stride[d], 1)) {
        return BadInput("argument 'padding'", "'same' for a strided convolution", "stride 1");
      }
      const int64_t dilation = builder.guards().Pin(dilations[d]);
      const int64_t total = std::max<int64_t>(0, dilation * (builder.guards().Pin(kernel[2 + d]) - 1));
      padding[d] = total / 2;
      extra[2 * (kSpatial - 1 - d) + 1] = total % 2;
      uneven |= total % 2 != 0;
    }
    if (uneven) {
      FP_ASSIGN_OR_RETURN(ValueId padded, builder.AddOne("constant_pad_nd", {input, extra, Dim(0)}));
      input = ValueRef{padded};
    }
  }
  const std::string op = "conv" + std::to_string(kSpatial) + "d";
  FP_ASSIGN_OR_RETURN(ValueId out, builder.AddOne(op, {input, args[kWeight], args[kBias], args[kStride], padding,
                                                       args[kDilation], args[kGroups]}));
  return std::vector<ValueId>{out};
}

// aten::convolution: the form that traced TorchScript holds; its rank says which of the six it is.
Result<std::vector<ValueId>> Convolution(GraphBuilder& builder, std::span<const Arg> args) {
  enum { kInput, kWeight, kBias, kStride, kPadding, kDilation, kTransposed, kOutputPadding, kGroups };
  const int spatial = static_cast<int>(builder.Spec(std::get<ValueRef>(args[kWeight]).id).sizes.size()) - 2;
  if (spatial < 1 || spatial > 3) {
    return BadInput("argument 'weight'", "rank " + std::to_string(spatial + 2), "rank 3, 4 or 5");
  }
  const bool transposed = std::get<bool>(args[kTransposed]);
  const std::string op = (transposed ? "conv_transpose" : "conv") + std::to_string(spatial) + "d";
  std::vector<Arg> made = {args[kInput], args[kWeight], args[kBias], args[kStride], args[kPadding]};
  if (transposed) {
    made.insert(made.end(), {args[kOutputPadding], args[kGroups], args[kDilation]});
  } else {
    made.insert(made.end(), {args[kDilation], args[kGroups]});
  }
  FP_ASSIGN_OR_RETURN(ValueId out, builder.AddOne(op, std::move(made)));
  return std::vector<ValueId>{out};
}

}  // namespace

const OpDef op_conv1d = {
    .name = "conv1d",
    .torch = {"torch.conv1d", "torch.nn.functional.conv1d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] dilation=1, int groups=1",
    .shape = ConvShape<1>,
    .eval = ConvEval<false>,
    .inplace = false,
    .examples = {"f32[2,3,11], f32[5,3,3], f32[5]", "f32[4,9], f32[6,2,2], None, 2, 1, 3, 2",
                 "f32[1,1,6], f32[1,1,4], padding=2, dilation=2"},
    .doc = "Cross-correlation over one spatial dimension.",
};

const OpDef op_conv1d_padding = {
    .name = "conv1d_padding",
    .torch = {"torch.conv1d", "torch.nn.functional.conv1d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str padding='valid', int[1] dilation=1, int groups=1",
    .decompose = ConvStringPadding<1>,
    .inplace = false,
    .examples = {"f32[2,3,11], f32[5,3,4], f32[5], 1, 'same'", "f32[3,11], f32[5,3,4], None, 2, 'valid'"},
    .doc = "conv1d with padding 'valid' (none) or 'same' (the output's size is the input's).",
};

const OpDef op_conv2d = {
    .name = "conv2d",
    .torch = {"torch.conv2d", "torch.nn.functional.conv2d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1",
    .shape = ConvShape<2>,
    .eval = ConvEval<false>,
    .inplace = false,
    .examples = {"f32[1,3,8,8], f32[5,3,3,3], f32[5], 1, 1", "f32[3,4,11,7], f32[17,4,7,7], None, 2, 3",
                 "f32[2,6,9,10], f32[9,2,3,2], f32[9], [2,1], [1,0], [1,2], 3", "f32[2,19,7,7], f32[19,1,3,3], None, 2, 1, 1, 19",
                 "f32[3,5,6], f32[4,3,1,1], f32[4]", "f32[0,3,5,5], f32[2,3,3,3]", "f32[2,5,6,6], f32[10,1,3,3], f32[10], 1, 2, 2, 5"},
    .doc = "y[n,k,p,q] = b[k] + sum x[n,c,p*s+r*d-pad,q*s+t*d-pad] * w[k,c,r,t]; x is 0 outside its sizes.",
};

const OpDef op_conv2d_padding = {
    .name = "conv2d_padding",
    .torch = {"torch.conv2d", "torch.nn.functional.conv2d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str padding='valid', int[2] dilation=1, int groups=1",
    .decompose = ConvStringPadding<2>,
    .inplace = false,
    .examples = {"f32[2,3,7,9], f32[5,3,4,3], f32[5], 1, 'same'", "f32[1,3,7,9], f32[5,3,2,3], None, [2,1], 'valid'",
                 "f32[1,2,8,8], f32[3,2,3,2], f32[3], 1, 'same', [2,3]"},
    .doc = "conv2d with padding 'valid' (none) or 'same' (the output's size is the input's).",
};

const OpDef op_conv3d = {
    .name = "conv3d",
    .torch = {"torch.conv3d", "torch.nn.functional.conv3d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] dilation=1, int groups=1",
    .shape = ConvShape<3>,
    .eval = ConvEval<false>,
    .inplace = false,
    .examples = {"f32[2,2,5,6,7], f32[3,2,2,3,3], f32[3], [2,1,2], [1,0,1], [1,2,1]", "f32[4,3,3,3], f32[4,2,3,3,3], None, 1, 1, 1, 2"},
    .doc = "Cross-correlation over three spatial dimensions.",
};

const OpDef op_conv3d_padding = {
    .name = "conv3d_padding",
    .torch = {"torch.conv3d", "torch.nn.functional.conv3d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str padding='valid', int[3] dilation=1, int groups=1",
    .decompose = ConvStringPadding<3>,
    .inplace = false,
    .examples = {"f32[1,2,4,5,6], f32[3,2,2,3,4], f32[3], 1, 'same'"},
    .doc = "conv3d with padding 'valid' (none) or 'same' (the output's size is the input's).",
};

const OpDef op_conv_transpose1d = {
    .name = "conv_transpose1d",
    .torch = {"torch.conv_transpose1d", "torch.nn.functional.conv_transpose1d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] output_padding=0, "
              "int groups=1, int[1] dilation=1",
    .shape = ConvTransposeShape<1>,
    .eval = ConvEval<true>,
    .inplace = false,
    .examples = {"f32[2,4,5], f32[4,3,3], f32[3], 2, 1, 1", "f32[4,5], f32[4,1,2], None, 3, 0, 2, 2, 2"},
    .doc = "The transpose of conv1d.",
};

const OpDef op_conv_transpose2d = {
    .name = "conv_transpose2d",
    .torch = {"torch.conv_transpose2d", "torch.nn.functional.conv_transpose2d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, "
              "int groups=1, int[2] dilation=1",
    .shape = ConvTransposeShape<2>,
    .eval = ConvEval<true>,
    .inplace = false,
    .examples = {"f32[2,4,5,6], f32[4,3,2,2], f32[3], 2", "f32[1,6,4,3], f32[6,2,3,3], f32[4], [2,1], [1,2], [1,0], 2, [1,2]",
                 "f32[3,4,4], f32[3,5,4,4], None, 2, 1", "f32[2,18,3,3], f32[18,1,4,4], None, 2, 1, 0, 18"},
    .doc = "The transpose of conv2d: each input element adds its multiple of the kernel to the output.",
};

const OpDef op_conv_transpose3d = {
    .name = "conv_transpose3d",
    .torch = {"torch.conv_transpose3d", "torch.nn.functional.conv_transpose3d"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] output_padding=0, "
              "int groups=1, int[3] dilation=1",
    .shape = ConvTransposeShape<3>,
    .eval = ConvEval<true>,
    .inplace = false,
    .examples = {"f32[1,2,3,4,3], f32[2,3,2,3,3], f32[3], [2,1,2], [0,1,1], [1,0,1]"},
    .doc = "The transpose of conv3d.",
};

const OpDef op_convolution = {
    .name = "convolution",
    .torch = {"torch.convolution"},
    .params = "Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, "
              "int[] output_padding, int groups",
    .decompose = Convolution,
    .inplace = false,
    .examples = {"f32[1,3,8,8], f32[5,3,3,3], f32[5], [2,2], [1,1], [1,1], False, [0,0], 1",
                 "f32[2,4,5,6], f32[4,3,2,2], f32[3], [2,2], [0,0], [1,1], True, [0,0], 1"},
    .doc = "Any of the six convolutions, by the weight's rank and `transposed`.",
};

const OpDef op__convolution = {
    .name = "_convolution",
    .torch = {"torch._convolution"},
    .params = "Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, "
              "int[] output_padding, int groups, bool benchmark=False, bool deterministic=False, bool cudnn_enabled=True, "
              "bool allow_tf32=True",
    .decompose = Convolution,
    .inplace = false,
    .examples = {"f32[1,3,8,8], f32[5,3,3,3], f32[5], [2,2], [1,1], [1,1], False, [0,0], 1, False, False, True, True"},
    .doc = "convolution with back-end switches, which mean nothing here.",
};

}  // namespace fusepack::ops
