#include "engine/ops/fused_ops.h"

#include <algorithm>
#include <cmath>

namespace fusepack {
namespace {

Result<std::vector<TensorSpec>> ReorderShape(const ShapeCall& call) {
  return std::vector<TensorSpec>{call.tensor("input")};
}

bool IsCode(DType dtype) { return dtype == DType::kBF16 || dtype == DType::kU8 || dtype == DType::kI8; }

// Under the float64 oracle, dtype is f64 where it would be bf16: nothing is rounded.
Result<std::vector<TensorSpec>> EncodeShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("input");
  const DType to = call.dtype("dtype");
  if (x.dtype != DType::kF32 && x.dtype != DType::kF64) return BadInput("argument 'input'", std::string(ShortName(x.dtype)), "f32");
  if (!IsCode(to) && to != DType::kF64) return BadInput("argument 'dtype'", std::string(ShortName(to)), "bf16, u8 or i8");
  if (!(call.number("scale") > 0) || !std::isfinite(call.number("scale"))) return BadInput("argument 'scale'", "not positive and finite");
  return std::vector<TensorSpec>{{to, x.sizes}};
}

Status EncodeEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor wide, call.tensor("input").To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor dense, wide.Contiguous());
  const double* x = dense.view().as<double>();
  const MutableTensorView y = outputs[0].mutable_view();
  const double scale = call.number("scale");
  const auto integer = [&](double v, double low, double high) {
    return std::isnan(v) ? 0.0 : std::clamp(std::nearbyint(v / scale), low, high);
  };
  for (int64_t i = 0; i < dense.numel(); i++) {
    switch (y.dtype) {
      case DType::kU8: y.as<uint8_t>()[i] = static_cast<uint8_t>(integer(x[i], 0, 255)); break;
      case DType::kI8: y.as<int8_t>()[i] = static_cast<int8_t>(integer(x[i], -127, 127)); break;
      case DType::kBF16: y.as<BFloat16>()[i] = BFloat16(static_cast<float>(x[i] / scale)); break;
      default: y.as<double>()[i] = x[i] / scale;
    }
  }
  return OkStatus();
}

Result<std::vector<TensorSpec>> DecodeShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("input");
  if (!IsCode(x.dtype) && x.dtype != DType::kF64) return BadInput("argument 'input'", std::string(ShortName(x.dtype)), "bf16, u8 or i8");
  return std::vector<TensorSpec>{{x.dtype == DType::kF64 ? DType::kF64 : DType::kF32, x.sizes}};
}

// scales: [K,1,...,1], one a row of the input; or none.
Status DecodeEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor wide, call.tensor("input").To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor dense, wide.Contiguous());
  std::vector<double> scales = {1};
  if (call.has("scales")) {
    const Tensor& given = call.tensor("scales");
    const int64_t rows = dense.rank() == 0 ? 1 : dense.sizes()[0];
    if (given.numel() != rows) return BadInput("argument 'scales'", given.ToString(), std::to_string(rows) + " numbers");
    scales.clear();
    for (int64_t i = 0; i < rows; i++) scales.push_back(given.ItemAsDouble(i));
  }
  const int64_t row = scales.empty() ? 1 : std::max<int64_t>(1, dense.numel() / static_cast<int64_t>(scales.size()));
  const double* x = dense.view().as<double>();
  const MutableTensorView y = outputs[0].mutable_view();
  for (int64_t i = 0; i < dense.numel(); i++) {
    const double value = x[i] * call.number("scale") * scales[i / row];
    if (y.dtype == DType::kF64) y.as<double>()[i] = value;
    else y.as<float>()[i] = static_cast<float>(value);
  }
  return OkStatus();
}

}  // namespace

const OpDef& FusedOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "fused";
    def.params = "Tensor[] inputs";
    def.inplace = false;
    def.doc = "A group of operators that one kernel runs.";
    return def;
  }();
  return op;
}

const OpDef& ReorderOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "reorder";
    def.params = "Tensor input";
    def.shape = ReorderShape;
    def.inplace = false;
    def.doc = "The same tensor in another memory layout.";
    return def;
  }();
  return op;
}

const OpDef& EncodeOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "encode";
    def.params = "Tensor input, ScalarType dtype, float scale=1.0";
    def.shape = EncodeShape;
    def.eval = EncodeEval;
    def.inplace = false;
    def.doc = "f32 numbers in the form in which they are stored.";
    return def;
  }();
  return op;
}

const OpDef& DecodeOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "decode";
    def.params = "Tensor input, float scale=1.0, Tensor? scales=None";
    def.shape = DecodeShape;
    def.eval = DecodeEval;
    def.inplace = false;
    def.doc = "Stored numbers as f32.";
    return def;
  }();
  return op;
}

const OpDef* FindGraphOp(std::string_view name) {
  if (name == EncodeOp().name) return &EncodeOp();
  if (name == DecodeOp().name) return &DecodeOp();
  if (name == FusedOp().name) return &FusedOp();
  if (name == ReorderOp().name) return &ReorderOp();
  return FindOp(name);
}

}  // namespace fusepack
