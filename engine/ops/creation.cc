// Tensors made from numbers. In the graph: `full`, `arange_start_step`, `linspace`, `eye` and `dim_to_tensor`.
#include <algorithm>
#include <cmath>

#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/base/elements.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

constexpr double kMaxLength = 1e12;  // of arange: far beyond memory, exact in double

DType DTypeOfScalar(const Arg& scalar) {
  return std::holds_alternative<bool>(scalar) ? DType::kBool : std::holds_alternative<Dim>(scalar) ? DType::kI64 : kDefaultFloat;
}

double NumberOf(const Arg& scalar) {
  if (auto* b = std::get_if<bool>(&scalar)) return *b;
  if (auto* d = std::get_if<Dim>(&scalar)) return static_cast<double>(d->hint());
  return std::get<double>(scalar);
}

Status CheckSizes(const Sizes& sizes) {
  if (sizes.size() > size_t{kMaxRank}) return BadInput("", std::to_string(sizes.size()) + " dimensions", "at most 16");
  for (const Dim& d : sizes) {
    if (d.hint() < 0) return BadInput("", "size " + d.ToString(), "at least 0");
  }
  return OkStatus();
}

Result<Specs> FullShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckSizes(call.dims("size")));
  return Specs{{call.has("dtype") ? call.dtype("dtype") : DTypeOfScalar(call.arg("fill_value")), call.dims("size")}};
}

void Fill(const Arg& scalar, Tensor& out) {
  VisitReal(out.dtype(), [&](auto t) {
    using T = decltype(t);
    const auto* whole = std::get_if<Dim>(&scalar);
    const T value = whole ? ConvertElement<T>(whole->hint()) : ConvertElement<T>(NumberOf(scalar));
    std::fill_n(out.mutable_view().as<T>(), out.numel(), value);
  });
}

Status FullEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_RETURN_IF_ERROR(CheckReal(outputs[0].dtype()));
  Fill(call.arg("fill_value"), outputs[0]);
  return OkStatus();
}

Result<Specs> ArangeShape(const ShapeCall& call) {
  const Arg &start = call.arg("start"), &end = call.arg("end"), &step = call.arg("step");
  bool whole = true;
  for (const Arg* a : {&start, &end, &step}) whole &= !std::holds_alternative<double>(*a);
  const DType dtype = call.has("dtype") ? call.dtype("dtype") : whole ? DType::kI64 : kDefaultFloat;
  FP_RETURN_IF_ERROR(CheckReal(dtype));
  const double step_number = NumberOf(step), span = NumberOf(end) - NumberOf(start);
  if (!(step_number != 0) || !std::isfinite(span) || (span != 0 && (span < 0) != (step_number < 0))) {
    return BadInput("", "start " + std::to_string(NumberOf(start)) + ", end " + std::to_string(NumberOf(end)) + ", step " +
                    std::to_string(step_number), "a step other than 0 towards the end");
  }
  const auto dim = [](const Arg& a) { return std::holds_alternative<Dim>(a) ? std::get<Dim>(a) : Dim(static_cast<int64_t>(NumberOf(a))); };
  if (whole) {
    // One sign of the step for all sizes; the length is never negative there because the guard says so.
    if (step_number > 0) call.guards.Decide(dim(start), Compare::kLe, dim(end));
    else call.guards.Decide(dim(start), Compare::kGe, dim(end));
    const Dim length = step_number > 0 ? CeilDiv(dim(end) - dim(start), dim(step)) : CeilDiv(dim(start) - dim(end), -dim(step));
    return Specs{{dtype, {length}}};
  }
  for (const Arg* a : {&start, &end, &step}) {
    if (auto* d = std::get_if<Dim>(a)) call.guards.Pin(*d);
  }
  const double length = std::ceil(span / step_number);
  if (!(length <= kMaxLength)) return LimitExceeded("", "a range of " + std::to_string(length) + " elements");
  return Specs{{dtype, {Dim(static_cast<int64_t>(length))}}};
}

Status ArangeEval(const EvalCall& call, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  const Arg &start = call.arg("start"), &step = call.arg("step");
  const bool whole = !std::holds_alternative<double>(start) && !std::holds_alternative<double>(step);
  VisitReal(out.dtype(), [&](auto t) {
    using T = decltype(t);
    T* to = out.mutable_view().as<T>();
    for (int64_t i = 0; i < out.numel(); i++) {
      if (whole) to[i] = ConvertElement<T>(static_cast<int64_t>(NumberOf(start)) + i * static_cast<int64_t>(NumberOf(step)));
      else to[i] = ConvertElement<T>(NumberOf(start) + static_cast<double>(i) * NumberOf(step));
    }
  });
  return OkStatus();
}

Values Arange(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("arange_start_step", {Dim(0), args[0], Dim(1), args[1]}));
}

Result<Specs> LinspaceShape(const ShapeCall& call) {
  FP_RETURN_IF_ERROR(CheckSizes({call.dim("steps")}));
  const DType dtype = call.has("dtype") ? call.dtype("dtype") : kDefaultFloat;
  FP_RETURN_IF_ERROR(CheckReal(dtype));
  return Specs{{dtype, {call.dim("steps")}}};
}

// From both ends to the middle, so that first and last are exact; in the tensor's own precision, as PyTorch does.
template <typename T>
void FillLinspace(double from, double to, int64_t n, Tensor& out) {
  using Number = std::conditional_t<std::is_same_v<T, double> || std::is_integral_v<T>, double, float>;
  const Number start = static_cast<Number>(from), end = static_cast<Number>(to);
  const Number step = n > 1 ? (end - start) / static_cast<Number>(n - 1) : 0;
  T* y = out.mutable_view().as<T>();
  for (int64_t i = 0; i < n; i++) {
    y[i] = ConvertElement<T>(i < n / 2 ? start + step * static_cast<Number>(i) : n == 1 ? start : end - step * static_cast<Number>(n - i - 1));
  }
}

Status LinspaceEval(const EvalCall& call, std::span<Tensor> outputs) {
  VisitReal(outputs[0].dtype(), [&](auto t) {
    FillLinspace<decltype(t)>(call.number("start"), call.number("end"), outputs[0].numel(), outputs[0]);
  });
  return OkStatus();
}

Result<Specs> EyeShape(const ShapeCall& call) {
  const Sizes sizes = {call.dim("n"), call.has("m") ? call.dim("m") : call.dim("n")};
  FP_RETURN_IF_ERROR(CheckSizes(sizes));
  return Specs{{call.has("dtype") ? call.dtype("dtype") : kDefaultFloat, sizes}};
}

Status EyeEval(const EvalCall& call, std::span<Tensor> outputs) {
  (void)call;
  Tensor& out = outputs[0];
  FP_RETURN_IF_ERROR(CheckReal(out.dtype()));
  const int64_t n = std::min(out.sizes()[0], out.sizes()[1]);
  VisitReal(out.dtype(), [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < n; i++) out.mutable_view().as<T>()[i * (out.sizes()[1] + 1)] = ConvertElement<T>(int64_t{1});
  });
  return OkStatus();
}

Result<Specs> DimToTensorShape(const ShapeCall&) { return Specs{{DType::kI64, {}}}; }
Status DimToTensorEval(const EvalCall& call, std::span<Tensor> outputs) {
  *outputs[0].mutable_view().as<int64_t>() = call.integer("value");
  return OkStatus();
}

// full(size, value, dtype), for (size, dtype), (like, dtype) and (self, size, dtype).
template <int kValue>
Values Filled(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("full", {args[0], Dim(kValue), IsNone(args[1]) ? Arg(kDefaultFloat) : args[1]}));
}
template <int kValue>
Values FilledLike(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const TensorSpec spec = call.Spec(args[0]);
  return call.Return(call("full", {spec.sizes, Dim(kValue), IsNone(args[1]) ? Arg(spec.dtype) : args[1]}));
}
template <int kValue>
Values FilledNew(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("full", {args[1], Dim(kValue), IsNone(args[2]) ? Arg(call.Spec(args[0]).dtype) : args[2]}));
}
Values FullLike(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const TensorSpec spec = call.Spec(args[0]);
  return call.Return(call("full", {spec.sizes, args[1], IsNone(args[2]) ? Arg(spec.dtype) : args[2]}));
}
Values NewFull(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("full", {args[1], args[2], IsNone(args[3]) ? Arg(call.Spec(args[0]).dtype) : args[3]}));
}
Values ScalarTensor(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("full", {Sizes{}, args[0], IsNone(args[1]) ? Arg(kDefaultFloat) : args[1]}));
}
// fill and zero: the sizes and dtype of self.
Values FillLike(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const TensorSpec spec = call.Spec(args[0]);
  return call.Return(call("full", {spec.sizes, args.size() > 1 ? args[1] : Arg(Dim(0)), spec.dtype}));
}

}  // namespace

const OpDef op_full = {
    .name = "full",
    .torch = {"torch.full"},
    .params = "int[] size, Scalar fill_value, *, ScalarType? dtype=None",
    .shape = FullShape,
    .eval = FullEval,
    .inplace = false,
    .examples = {"[2,3], 1.5", "[2], 3", "[2], True", "[], 2, dtype=torch.float64"},
    .doc = "one number everywhere",
};

// What torch.empty holds cannot be compared, so that those have no examples.
#define FP_SHOWN(...) __VA_ARGS__
#define FP_HIDDEN(...)
#define FP_FILL(id, value, shown) \
  const OpDef op_##id = { \
      .name = #id, .torch = {"torch." #id}, .params = "int[] size, *, ScalarType? dtype=None", .decompose = Filled<value>, \
      .inplace = false, .examples = {shown("[2,3]", "[2], dtype=torch.int64")}, .doc = "a tensor of " #value "s"}; \
  const OpDef op_##id##_like = { \
      .name = #id "_like", .torch = {"torch." #id "_like"}, .params = "Tensor self, *, ScalarType? dtype=None", \
      .decompose = FilledLike<value>, .inplace = false, .examples = {shown("f32[2,3]", "i64[2], dtype=torch.float64")}, \
      .doc = "a tensor of " #value "s with self's sizes"}; \
  const OpDef op_new_##id = { \
      .name = "new_" #id, .torch = {"Tensor.new_" #id}, .params = "Tensor self, int[] size, *, ScalarType? dtype=None", \
      .decompose = FilledNew<value>, .inplace = false, .examples = {shown("i64[2], [3]")}, \
      .doc = "a tensor of " #value "s with self's dtype"};
FP_FILL(zeros, 0, FP_SHOWN)
FP_FILL(ones, 1, FP_SHOWN)
FP_FILL(empty, 0, FP_HIDDEN)

const OpDef op_full_like = {
    .name = "full_like",
    .torch = {"torch.full_like"},
    .params = "Tensor self, Scalar fill_value, *, ScalarType? dtype=None",
    .decompose = FullLike,
    .inplace = false,
    .examples = {"f32[2,3], 7", "i64[2], 1.5"},
    .doc = "one number everywhere, with self's sizes",
};
const OpDef op_new_full = {
    .name = "new_full",
    .torch = {"Tensor.new_full"},
    .params = "Tensor self, int[] size, Scalar fill_value, *, ScalarType? dtype=None",
    .decompose = NewFull,
    .inplace = false,
    .examples = {"i64[2], [3], 5"},
    .doc = "one number everywhere, with self's dtype",
};
const OpDef op_fill = {
    .name = "fill",
    .torch = {"torch.fill", "Tensor.fill"},
    .params = "Tensor self, Scalar value",
    .decompose = FillLike,
    .examples = {"f32[2,3], 7"},
    .doc = "one number everywhere, with self's sizes and dtype",
};
const OpDef op_zero = {
    .name = "zero",
    .torch = {"Tensor.zero"},
    .params = "Tensor self",
    .decompose = FillLike,
    .doc = "0 everywhere",
};
const OpDef op_scalar_tensor = {
    .name = "scalar_tensor",
    .torch = {"torch.scalar_tensor"},
    .params = "Scalar s, *, ScalarType? dtype=None",
    .decompose = ScalarTensor,
    .inplace = false,
    .examples = {"2.5", "3, dtype=torch.int64"},
    .doc = "a number as a tensor without dimensions",
};
const OpDef op_dim_to_tensor = {
    .name = "dim_to_tensor",
    .params = "int value",
    .shape = DimToTensorShape,
    .eval = DimToTensorEval,
    .inplace = false,
    .doc = "a size as an int64 tensor without dimensions",
};
const OpDef op_arange = {
    .name = "arange",
    .torch = {"torch.arange"},
    .params = "Scalar end, *, ScalarType? dtype=None",
    .decompose = Arange,
    .inplace = false,
    .examples = {"5", "2.5", "4, dtype=torch.float32"},
    .doc = "0, 1, ... below end",
};
const OpDef op_arange_start_step = {
    .name = "arange_start_step",
    .torch = {"torch.arange"},
    .params = "Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None",
    .shape = ArangeShape,
    .eval = ArangeEval,
    .inplace = false,
    .examples = {"1, 7", "1, 8, 3", "5, 0, -2", "0, 1, 0.3", "0, 5, dtype=torch.float64"},
    .doc = "start, start + step, ... before end",
};
const OpDef op_linspace = {
    .name = "linspace",
    .torch = {"torch.linspace"},
    .params = "Scalar start, Scalar end, int steps, *, ScalarType? dtype=None",
    .shape = LinspaceShape,
    .eval = LinspaceEval,
    .inplace = false,
    .examples = {"0, 1, 5", "-1, 1, 7, dtype=torch.float64", "3, 4, 1"},
    .doc = "`steps` numbers from start to end, evenly spaced",
};
const OpDef op_eye = {
    .name = "eye",
    .torch = {"torch.eye"},
    .params = "int n, int? m=None, *, ScalarType? dtype=None",
    .shape = EyeShape,
    .eval = EyeEval,
    .inplace = false,
    .examples = {"3", "2, 4, dtype=torch.int64"},
    .doc = "1 on the diagonal",
};

}  // namespace fusepack::ops
