// Pointwise operators: y[i] = f(x0[i], x1[i], x2[i]; scalars), a line each in pointwise.inc.
//
// The line's C expression is compiled here for the reference kernel and stands as text in OpDef::expression for
// generated code. The rule says which dtypes go in, what is computed in, and what comes out.
#pragma once

#include "engine/ops/op.h"
#include "kernels/pointwise/elementwise.h"

namespace fusepack {

enum class PointwiseRule : uint8_t {
  kSame,       // the promoted dtype of the tensors and Tensor|Scalar operands: add, mul, relu
  kScalars,    // as kSame, and the Scalar arguments take part in promotion: clamp
  kDivides,   // as kSame, and a zero in an integer divisor is refused: remainder
  kRounding,   // as kSame, and integers stay as they are: floor, round
  kFloat,      // as kSame, and integers become float32: exp, div
  kFloatOnly,  // as kSame, and integers are refused: gelu, silu
  kIntegral,   // as kSame, and floating operands are refused: bitwise_and
  kCompare,    // computed as kSame, gives bool: eq, lt, isnan
  kWhere,      // x is a condition that takes no part in promotion: where
  kMasked,     // the dtype of x alone: masked_fill
};

// The rule of a pointwise operator; false where `op` is not pointwise.
bool PointwiseRuleOf(const OpDef& op, PointwiseRule* rule);

// The dtype of the result and the one that operands are converted to before f is computed (f16 and bf16 are then
// computed in float, integers and bool in int64).
struct PointwiseDTypes {
  DType result, common;
};
Result<PointwiseDTypes> InferPointwiseDTypes(PointwiseRule rule, const ShapeCall& call);

// One compiled operator: its loop for each computing type, null where the rule never computes in it.
struct PointwiseKernel {
  kernels::ElementLoop<float> f32 = nullptr;
  kernels::ElementLoop<double> f64 = nullptr;
  kernels::ElementLoop<int64_t> i64 = nullptr;
};

Result<std::vector<TensorSpec>> InferPointwise(PointwiseRule rule, const ShapeCall& call);
Status EvalPointwise(PointwiseRule rule, const PointwiseKernel& kernel, const EvalCall& call, Tensor& out);

}  // namespace fusepack
