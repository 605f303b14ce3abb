// The macros that turn a line of pointwise.inc into a compiled loop and an OpDef. Included only by the two files that
// expand pointwise.inc; they are two so that they compile side by side.
#pragma once

#include <cmath>

#include "engine/ops/pointwise.h"
#include "engine/ops/table.h"

namespace fusepack::expression {

// The names that expressions use, by overload for float and double.
using std::acos, std::acosh, std::asin, std::asinh, std::atan, std::atan2, std::atanh, std::ceil, std::copysign, std::cos,
    std::cosh, std::erf, std::erfc, std::exp, std::exp2, std::expm1, std::floor, std::fmod, std::hypot, std::log,
    std::log10, std::log1p, std::log2, std::pow, std::rint, std::sin, std::sinh, std::sqrt, std::tan, std::tanh, std::trunc;
}  // namespace fusepack::expression

namespace fusepack_fn {
using std::erf, std::exp, std::log, std::sqrt;
}
#include "kernels/pointwise/functions.h"

namespace fusepack::expression {
using namespace fusepack_fn;

template <typename F, int kArity, typename T>
void Loop(const T* const* in, const T* scalars, T* out, int64_t n) {
  const T a = scalars[0], b = scalars[1], c = scalars[2], d = scalars[3];
  const T *xs = in[0], *ys = in[kArity > 1 ? 1 : 0], *zs = in[kArity > 2 ? 2 : 0];
  for (int64_t i = 0; i < n; i++) out[i] = F::template Apply<T>(xs[i], ys[i], zs[i], a, b, c, d);
}

template <typename F, int kArity, PointwiseRule kRule>
PointwiseKernel MakeKernel() {
  PointwiseKernel kernel;
  constexpr bool integers = kRule != PointwiseRule::kFloat && kRule != PointwiseRule::kFloatOnly && kRule != PointwiseRule::kRounding;
  if constexpr (integers) kernel.i64 = Loop<F, kArity, int64_t>;
  if constexpr (kRule != PointwiseRule::kIntegral) {
    kernel.f32 = Loop<F, kArity, float>;
    kernel.f64 = Loop<F, kArity, double>;
  }
  return kernel;
}

template <PointwiseRule kRule>
Result<std::vector<TensorSpec>> Shape(const ShapeCall& call) {
  return InferPointwise(kRule, call);
}
template <typename F, int kArity, PointwiseRule kRule>
Status Eval(const EvalCall& call, std::span<Tensor> outputs) {
  static const PointwiseKernel kernel = MakeKernel<F, kArity, kRule>();
  return EvalPointwise(kRule, kernel, call, outputs[0]);
}

}  // namespace fusepack::expression

#define FP_LIST(...) __VA_ARGS__
#define FP_BOTH(n) "torch." #n, "Tensor." #n
#define FP_POINTWISE(arity, id, rule_, params_, torch_, examples_, doc_, ...) \
  namespace fusepack::expression { \
  struct F_##id { \
    template <typename T> \
    static T Apply([[maybe_unused]] T x, [[maybe_unused]] T y, [[maybe_unused]] T z, [[maybe_unused]] T a, \
                   [[maybe_unused]] T b, [[maybe_unused]] T c, [[maybe_unused]] T d) { \
      return static_cast<T>(__VA_ARGS__); \
    } \
  }; \
  } \
  namespace fusepack::ops { \
  const OpDef op_##id = { \
      .name = #id, \
      .torch = {FP_LIST torch_}, \
      .params = params_, \
      .shape = expression::Shape<PointwiseRule::rule_>, \
      .eval = expression::Eval<expression::F_##id, arity, PointwiseRule::rule_>, \
      .expression = #__VA_ARGS__, \
      .examples = {FP_LIST examples_}, \
      .doc = doc_, \
  }; \
  }
