// Normalisations. Statistics, where they come from the input, are biased variances over the elements normalised.
#include <cmath>

#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/norm/norm.h"

namespace fusepack::ops {
namespace {

// x: [N,C,...] seen as [N,C,S].
struct Channels {
  int64_t n = 1, c = 1, s = 1;
  explicit Channels(const Dims& sizes) : n(sizes[0]), c(sizes[1]) {
    for (int i = 2; i < sizes.size(); i++) s *= sizes[i];
  }
};

Status CheckChannelNorm(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("input");
  FP_RETURN_IF_ERROR(ExpectFloating("input", x));
  if (x.sizes.size() < 2) return BadInput("argument 'input'", "sizes " + ToString(x.sizes), "at least two dimensions");
  for (std::string_view name : {"weight", "bias", "running_mean", "running_var"}) {
    FP_RETURN_IF_ERROR(ExpectVector(call, name, x.sizes[1]));
    FP_RETURN_IF_ERROR(ExpectWeightDType(call, name, x.dtype));
  }
  return OkStatus();
}

Status ExpectRunningStatistics(const ShapeCall& call) {
  if (call.has("running_mean") && call.has("running_var")) return OkStatus();
  return BadInput("argument 'running_mean'", "None", "running mean and variance where the input's are not used");
}

Result<Specs> BatchNormShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckChannelNorm(call));
  if (!call.boolean("training")) FP_RETURN_IF_ERROR(ExpectRunningStatistics(call));
  return Specs{call.tensor("input")};
}

Result<Specs> NativeBatchNormShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Specs out, BatchNormShape(call));
  const DType dtype = call.has("weight") ? call.tensor("weight").dtype : out[0].dtype;
  const Dim saved = call.boolean("training") ? out[0].sizes[1] : Dim(0);
  out.push_back({dtype, {saved}});
  out.push_back({dtype, {saved}});
  return out;
}

Status BatchNormEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  const Channels dims(input.sizes());
  const DenseF64 x(input.view());
  const OptionalF64 w(call, "weight"), b(call, "bias"), running_mean(call, "running_mean"), running_var(call, "running_var");
  const double *mean = running_mean.data(), *var = running_var.data();
  const double eps = call.number("eps");
  std::vector<double> batch_mean, batch_var;
  if (call.boolean("training")) {
    batch_mean.resize(dims.c);
    batch_var.resize(dims.c);
    kernels::ChannelMoments(dims.n, dims.c, dims.s, x.data(), batch_mean.data(), batch_var.data());
    mean = batch_mean.data();
    var = batch_var.data();
    if (outputs.size() == 3) {
      DenseF64Output save_mean(outputs[1].mutable_view()), save_invstd(outputs[2].mutable_view());
      for (int64_t c = 0; c < dims.c; c++) {
        save_mean[c] = mean[c];
        save_invstd[c] = 1 / std::sqrt(var[c] + eps);
      }
    }
  }
  DenseF64Output y(outputs[0].mutable_view());
  kernels::NormalizeChannels(dims.n, dims.c, dims.s, x.data(), mean, var, eps, w.data(), b.data(), y.data());
  return OkStatus();
}

Result<Specs> InstanceNormShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckChannelNorm(call));
  if (!call.boolean("use_input_stats")) FP_RETURN_IF_ERROR(ExpectRunningStatistics(call));
  return Specs{call.tensor("input")};
}

Status InstanceNormEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Channels dims(call.tensor("input").sizes());
  const DenseF64 x(call.tensor("input").view());
  const OptionalF64 w(call, "weight"), b(call, "bias"), mean(call, "running_mean"), var(call, "running_var");
  DenseF64Output y(outputs[0].mutable_view());
  if (call.boolean("use_input_stats")) {
    if (dims.s == 0) return OkStatus();
    kernels::NormalizeRows(dims.n * dims.c, dims.s, x.data(), call.number("eps"), w.data(), b.data(), dims.s, dims.c,
                           y.data(), nullptr, nullptr);
  } else {
    kernels::NormalizeChannels(dims.n, dims.c, dims.s, x.data(), mean.data(), var.data(), call.number("eps"), w.data(),
                               b.data(), y.data());
  }
  return OkStatus();
}

// The last dimensions of the input are normalized_shape; weights have these sizes.
Status CheckTrailing(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("input");
  FP_RETURN_IF_ERROR(ExpectFloating("input", x));
  const std::vector<Dim>& shape = call.dims("normalized_shape");
  if (shape.empty()) return BadInput("argument 'normalized_shape'", "[]", "at least one size");
  const auto matches = [&](const std::vector<Dim>& sizes) {
    if (sizes.size() < shape.size()) return false;
    for (size_t i = 0; i < shape.size(); i++) {
      if (!call.guards.Equal(sizes[sizes.size() - shape.size() + i], shape[i])) return false;
    }
    return true;
  };
  if (!matches(x.sizes)) {
    return BadInput("argument 'input'", "sizes " + ToString(x.sizes), "sizes that end in normalized_shape=" + ToString(shape));
  }
  for (std::string_view name : {"weight", "bias"}) {
    if (call.schema().Find(name) < 0 || !call.has(name)) continue;
    const std::vector<Dim>& sizes = call.tensor(name).sizes;
    if (sizes.size() != shape.size() || !matches(sizes)) {
      return BadInput("argument '" + std::string(name) + "'", "sizes " + ToString(sizes), "normalized_shape=" + ToString(shape));
    }
    FP_RETURN_IF_ERROR(ExpectWeightDType(call, name, x.dtype));
  }
  return OkStatus();
}

Result<Specs> LayerNormShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckTrailing(call));
  return Specs{call.tensor("input")};
}

Result<Specs> NativeLayerNormShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckTrailing(call));
  const TensorSpec& x = call.tensor("input");
  TensorSpec saved = x;
  for (size_t i = x.sizes.size() - call.dims("normalized_shape").size(); i < x.sizes.size(); i++) saved.sizes[i] = 1;
  if (call.has("weight")) saved.dtype = call.tensor("weight").dtype;
  return Specs{x, saved, saved};
}

int64_t TrailingSize(const EvalCall& call) {
  int64_t cols = 1;
  for (int64_t size : call.integers("normalized_shape")) cols *= size;
  return cols;
}

Status LayerNormEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  if (input.numel() == 0) return OkStatus();
  const int64_t cols = TrailingSize(call), rows = input.numel() / cols;
  const DenseF64 x(input.view());
  const OptionalF64 w(call, "weight"), b(call, "bias");
  DenseF64Output y(outputs[0].mutable_view());
  std::optional<DenseF64Output> mean, rstd;
  if (outputs.size() == 3) {
    mean.emplace(outputs[1].mutable_view());
    rstd.emplace(outputs[2].mutable_view());
  }
  kernels::NormalizeRows(rows, cols, x.data(), call.number("eps"), w.data(), b.data(), 1, cols, y.data(),
                         mean ? mean->data() : nullptr, rstd ? rstd->data() : nullptr);
  return OkStatus();
}

// eps None is the distance from 1 to the next number of the type computed in: f64, or f32 for all others.
double RmsEps(const EvalCall& call) {
  if (call.has("eps")) return call.number("eps");
  return call.tensor("input").dtype() == DType::kF64 ? 0x1p-52 : 0x1p-23;
}

Status RmsNormEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  if (input.numel() == 0) return OkStatus();
  const int64_t cols = TrailingSize(call);
  const DenseF64 x(input.view());
  const OptionalF64 w(call, "weight");
  DenseF64Output y(outputs[0].mutable_view());
  kernels::RmsRows(input.numel() / cols, cols, x.data(), RmsEps(call), w.data(), y.data());
  return OkStatus();
}

Result<Specs> GroupNormShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("input");
  FP_RETURN_IF_ERROR(ExpectFloating("input", x));
  if (x.sizes.size() < 2) return BadInput("argument 'input'", "sizes " + ToString(x.sizes), "at least two dimensions");
  const Dim& groups = call.dim("num_groups");
  if (!call.guards.Decide(groups, Compare::kGe, 1) || !call.guards.Equal(Mod(x.sizes[1], groups), 0)) {
    return BadInput("argument 'num_groups'", groups.ToString(), "a divisor of the " + x.sizes[1].ToString() + " channels");
  }
  for (std::string_view name : {"weight", "bias"}) {
    FP_RETURN_IF_ERROR(ExpectVector(call, name, x.sizes[1]));
    FP_RETURN_IF_ERROR(ExpectWeightDType(call, name, x.dtype));
  }
  return Specs{x};
}

Status GroupNormEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  if (input.numel() == 0) return OkStatus();
  const Channels dims(input.sizes());
  const int64_t groups = call.integer("num_groups");
  const DenseF64 x(input.view());
  const OptionalF64 w(call, "weight"), b(call, "bias");
  DenseF64Output y(outputs[0].mutable_view());
  kernels::NormalizeRows(dims.n * groups, dims.c / groups * dims.s, x.data(), call.number("eps"), w.data(), b.data(),
                         dims.s, dims.c, y.data(), nullptr, nullptr);
  return OkStatus();
}

}  // namespace

const OpDef op_batch_norm = {
    .name = "batch_norm",
    .torch = {"torch.batch_norm"},
    .params = "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, "
              "float momentum, float eps, bool cudnn_enabled=True",
    .shape = BatchNormShape,
    .eval = BatchNormEval,
    .inplace = false,
    .examples = {"f32[2,3,5,7], f32[3], f32[3], f32[3], f32[3]>0, False, 0.1, 1e-05, False",
                 "f32[3,5], None, None, f32[5], f32[5]>0, False, 0.1, 0.001, False",
                 "f32[4,3,5,7], f32[3], f32[3], None, None, True, 0.1, 1e-05, False",
                 "f32[4,3], None, f32[3], None, None, True, 0.1, 1e-05, False",
                 "f32[0,3,2,2], None, None, f32[3], f32[3]>0, False, 0.1, 1e-05, False"},
    .doc = "(x - mean) / sqrt(var + eps) * weight + bias per channel, with the batch's statistics in training. Running "
           "statistics are not updated here: native_batch_norm returns what an update needs.",
};

const OpDef op_native_batch_norm = {
    .name = "native_batch_norm",
    .torch = {"torch.native_batch_norm"},
    .params = "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, "
              "float momentum, float eps",
    .returns = "(Tensor output, Tensor save_mean, Tensor save_invstd)",
    .shape = NativeBatchNormShape,
    .eval = BatchNormEval,
    .inplace = false,
    .examples = {"f32[4,3,5,7], f32[3], f32[3], None, None, True, 0.1, 1e-05",
                 "f32[2,3,5], f32[3], f32[3], f32[3], f32[3]>0, False, 0.1, 1e-05"},
    .doc = "batch_norm, with the batch's mean and 1/sqrt(biased variance + eps) per channel (empty in evaluation).",
};

const OpDef op_instance_norm = {
    .name = "instance_norm",
    .torch = {"torch.instance_norm"},
    .params = "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, "
              "float momentum, float eps, bool cudnn_enabled=True",
    .shape = InstanceNormShape,
    .eval = InstanceNormEval,
    .inplace = false,
    .examples = {"f32[2,3,5,7], f32[3], f32[3], None, None, True, 0.1, 1e-05, False",
                 "f32[2,3,5], None, None, None, None, True, 0.1, 1e-05, False",
                 "f32[2,3,5], f32[3], None, f32[3], f32[3]>0, False, 0.1, 1e-05, False"},
    .doc = "batch_norm with the statistics of each image alone.",
};

const OpDef op_layer_norm = {
    .name = "layer_norm",
    .torch = {"torch.layer_norm"},
    .params = "Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, "
              "bool cudnn_enable=True",
    .shape = LayerNormShape,
    .eval = LayerNormEval,
    .inplace = false,
    .examples = {"f32[2,5,7], [7], f32[7], f32[7]", "f32[2,5,7], [5,7], None, None, 0.01", "f32[3,9], [9], f32[9]",
                 "f32[3,0,4], [4]"},
    .doc = "Normalises over the trailing dimensions normalized_shape.",
};

const OpDef op_native_layer_norm = {
    .name = "native_layer_norm",
    .torch = {"torch.native_layer_norm"},
    .params = "Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps",
    .returns = "(Tensor output, Tensor mean, Tensor rstd)",
    .shape = NativeLayerNormShape,
    .eval = LayerNormEval,
    .inplace = false,
    .examples = {"f32[2,5,7], [5,7], f32[5,7], f32[5,7], 1e-05"},
    .doc = "layer_norm, with each row's mean and 1/sqrt(variance + eps).",
};

const OpDef op_rms_norm = {
    .name = "rms_norm",
    .torch = {"torch.rms_norm"},
    .params = "Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None",
    .shape = LayerNormShape,
    .eval = RmsNormEval,
    .inplace = false,
    .examples = {"f32[2,5,7], [7], f32[7], 1e-06", "f32[2,5,7], [5,7]"},
    .doc = "x / sqrt(mean(x^2) + eps) * weight over the trailing dimensions.",
};

const OpDef op_group_norm = {
    .name = "group_norm",
    .torch = {"torch.group_norm"},
    .params = "Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True",
    .shape = GroupNormShape,
    .eval = GroupNormEval,
    .inplace = false,
    .examples = {"f32[2,6,5,3], 3, f32[6], f32[6]", "f32[3,4], 2", "f32[1,6,7], 1, f32[6], None, 0.01"},
    .doc = "Normalises over groups of neighbouring channels of each image.",
};

}  // namespace fusepack::ops
