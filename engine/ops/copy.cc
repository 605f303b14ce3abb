// Copies and conversions. In a functional graph all of them but a change of dtype are the identity; on real tensors
// they decide what shares storage.
#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Result<Specs> SameSpec(const ShapeCall& call) { return Specs{call.tensor("self")}; }
Result<Tensor> Itself(const EvalCall& call) { return call.tensor("self"); }

Result<Tensor> IfContiguous(const EvalCall& call) {
  return call.tensor("self").contiguous() ? call.tensor("self") : Tensor();
}

Result<Specs> ToShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  const DType dtype = call.dtype("dtype");
  if (dtype != x.dtype) {
    FP_RETURN_IF_ERROR(CheckReal(dtype));
    FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  }
  return Specs{{dtype, x.sizes}};
}

Result<Tensor> ToView(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  return x.dtype() == call.dtype("dtype") && !call.boolean("copy") ? x : Tensor();
}

Values TypeAs(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("to", {args[0], call.Spec(args[1]).dtype}));
}

template <DType kDType>
Values ToDType(GraphBuilder& builder, Args args) {
  Calls call(builder);
  return call.Return(call("to", {args[0], kDType}));
}

}  // namespace

const OpDef op_contiguous = {
    .name = "contiguous",
    .torch = {"Tensor.contiguous"},
    .params = "Tensor self",
    .shape = SameSpec,
    .eval = CopySelf,
    .view = IfContiguous,
    .inplace = false,
    .examples = {"f32[2,3]"},
    .doc = "itself where it is dense, a dense copy otherwise",
};
const OpDef op_clone = {
    .name = "clone",
    .torch = {"torch.clone", "Tensor.clone"},
    .params = "Tensor self",
    .shape = SameSpec,
    .eval = CopySelf,
    .inplace = false,
    .examples = {"f32[2,3]"},
    .doc = "a copy",
};
const OpDef op_detach = {
    .name = "detach",
    .torch = {"torch.detach", "Tensor.detach", "Tensor.data"},
    .params = "Tensor self",
    .shape = SameSpec,
    .view = Itself,
    .examples = {"f32[2,3]"},
    .doc = "itself",
};
const OpDef op_to = {
    .name = "to",
    .torch = {"Tensor.to", "Tensor.type"},
    .params = "Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False",
    .shape = ToShape,
    .eval = CopySelf,
    .view = ToView,
    .inplace = false,
    .examples = {"f32[5], dtype=torch.int64", "i64[5], dtype=torch.float16", "f32[5], dtype=torch.bool", "f32[5], dtype=torch.bfloat16",
                 "f32[5], dtype=torch.int8", "bool[3], dtype=torch.float64"},
    .doc = "elements of another dtype",
};
const OpDef op_to_other = {
    .name = "to_other",
    .torch = {"Tensor.type_as", "Tensor.to"},
    .params = "Tensor self, Tensor other, bool non_blocking=False, bool copy=False",
    .decompose = TypeAs,
    .inplace = false,
    .examples = {"f32[5], i64[1]"},
    .doc = "elements of the other's dtype",
};

#define FP_CAST(id, dtype_) \
  const OpDef op_cast_##id = { \
      .name = "cast_" #id, \
      .torch = {"Tensor." #id}, \
      .params = "Tensor self", \
      .decompose = ToDType<DType::dtype_>, \
      .inplace = false, \
      .doc = "to(torch." #id ")", \
  };
FP_CAST(float, kF32)
FP_CAST(double, kF64)
FP_CAST(half, kF16)
FP_CAST(bfloat16, kBF16)
FP_CAST(long, kI64)
FP_CAST(int, kI32)
FP_CAST(short, kI16)
FP_CAST(char, kI8)
FP_CAST(byte, kU8)
FP_CAST(bool, kBool)

}  // namespace fusepack::ops
