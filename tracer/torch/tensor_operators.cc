// Python's operators on tensors: each is the method of the table that PyTorch calls for it.
#include <cmath>

#include "tracer/torch/dispatch.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::torch {

using py::BinOp;
using py::CmpOp;
using py::Interpreter;
using py::Value;

namespace {

struct Names {
  const char* method;    // x op y
  const char* in_place;  // x op= y
};

Names NamesOf(BinOp op) {
  switch (op) {
    case BinOp::kAdd: return {"Tensor.add", "Tensor.add_"};
    case BinOp::kSub: return {"Tensor.sub", "Tensor.sub_"};
    case BinOp::kMul: return {"Tensor.mul", "Tensor.mul_"};
    case BinOp::kMatMul: return {"Tensor.matmul", nullptr};
    case BinOp::kTrueDiv: return {"Tensor.div", "Tensor.div_"};
    case BinOp::kFloorDiv: return {"Tensor.floor_divide", "Tensor.floor_divide_"};
    case BinOp::kMod: return {"Tensor.remainder", "Tensor.remainder_"};
    case BinOp::kPow: return {"Tensor.pow", "Tensor.pow_"};
    case BinOp::kLShift: return {"Tensor.bitwise_left_shift", "Tensor.bitwise_left_shift_"};
    case BinOp::kRShift: return {"Tensor.bitwise_right_shift", "Tensor.bitwise_right_shift_"};
    case BinOp::kAnd: return {"Tensor.bitwise_and", "Tensor.bitwise_and_"};
    case BinOp::kXor: return {"Tensor.bitwise_xor", "Tensor.bitwise_xor_"};
    case BinOp::kOr: return {"Tensor.bitwise_or", "Tensor.bitwise_or_"};
  }
  return {nullptr, nullptr};
}

bool IsOperand(const Value& v) {
  if (v.is_int() || v.is_bool() || v.is_float() || AsTensor(v) != nullptr) return true;
  if (v.As<SymIntObject>() || v.As<py::IntBox>() || v.As<py::FloatBox>()) return true;
  return FindTorchFunction(v) != nullptr;
}

}  // namespace

Value TensorObject::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (!IsOperand(other)) return Value();
  const Value self(this);
  const Names names = NamesOf(op);
  if (!reflected) return CallTorch(in, names.method, {self, other});
  switch (op) {
    case BinOp::kAdd:
    case BinOp::kMul:
    case BinOp::kAnd:
    case BinOp::kXor:
    case BinOp::kOr:
      return CallTorch(in, names.method, {self, other});
    case BinOp::kSub: return CallTorch(in, "torch.rsub", {self, other});
    case BinOp::kTrueDiv: return in.Binary(BinOp::kMul, CallTorch(in, "Tensor.reciprocal", {self}), other);
    case BinOp::kPow: return CallTorch(in, "torch.pow", {other, self});
    case BinOp::kFloorDiv: return CallTorch(in, "torch.floor_divide", {other, self});
    case BinOp::kMod: return CallTorch(in, "torch.remainder", {other, self});
    default: return Value();
  }
}

Value TensorObject::Inplace(Interpreter& in, BinOp op, const Value& other) {
  if (!IsOperand(other)) return Value();
  const Names names = NamesOf(op);
  if (names.in_place == nullptr) return Value();
  // A Proxy on the right makes `x += proxy` a method call of the tensor, as for x + proxy.
  return CallTorch(in, names.in_place, {Value(this), other});
}

Value TensorObject::Unary(Interpreter& in, py::UnOp op) {
  switch (op) {
    case py::UnOp::kNeg: return CallTorch(in, "Tensor.neg", {Value(this)});
    case py::UnOp::kPos: return Value(this);
    case py::UnOp::kInvert: return CallTorch(in, "Tensor.bitwise_not", {Value(this)});
  }
  return Value();
}

Value TensorObject::Compare(Interpreter& in, CmpOp op, const Value& other) {
  if (!IsOperand(other)) return Value();
  static constexpr const char* kNames[] = {"Tensor.eq", "Tensor.ne", "Tensor.lt", "Tensor.le", "Tensor.gt", "Tensor.ge"};
  return CallTorch(in, kNames[static_cast<int>(op)], {Value(this), other});
}

namespace {

std::string Number(double x, DType dtype) {
  if (dtype == DType::kBool) return x != 0 ? "True" : "False";
  if (IsIntegral(dtype)) return std::to_string(static_cast<int64_t>(x));
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", x);
  return text;
}

constexpr int64_t kPrintedElements = 1000;

void Print(const Tensor& t, int dim, int64_t offset, std::string* out) {
  if (dim == t.rank()) {
    *out += Number(t.ItemAsDouble(offset), t.dtype());
    return;
  }
  int64_t inner = 1;
  for (int d = dim + 1; d < t.rank(); d++) inner *= t.sizes()[d];
  *out += "[";
  for (int64_t i = 0; i < t.sizes()[dim]; i++) {
    if (i > 0) *out += dim + 1 < t.rank() ? ",\n" + std::string(8 + dim, ' ') : ", ";
    if (t.numel() > kPrintedElements && i == 3 && t.sizes()[dim] > 6) {
      *out += "...";
      i = t.sizes()[dim] - 4;
      continue;
    }
    Print(t, dim + 1, offset + i * inner, out);
  }
  *out += "]";
}

}  // namespace

std::string TensorObject::Repr(Interpreter& in) {
  if (traced()) return "tensor(..., size=" + ToString(value().sizes) + ", dtype=torch." + std::string(TorchName(dtype())) + ")";
  const Tensor& t = real(in);
  if (Category(t.dtype()) == 3) return "tensor(..., size=" + t.sizes().ToString() + ", dtype=torch." + std::string(TorchName(dtype())) + ")";
  std::string out = "tensor(";
  Print(t, 0, 0, &out);
  if (t.numel() == 0) out += ", size=" + t.sizes().ToString();
  const bool usual = t.dtype() == StateOf(in).default_dtype || t.dtype() == DType::kI64 || t.dtype() == DType::kBool;
  if (!usual) out += ", dtype=torch." + std::string(TorchName(t.dtype()));
  if (requires_grad) out += ", requires_grad=True";
  return out + ")";
}

}  // namespace fusepack::torch
