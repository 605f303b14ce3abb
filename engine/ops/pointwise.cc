// Shape, dtype and evaluation of pointwise operators, shared by all lines of pointwise.inc.
#include "engine/ops/pointwise.h"

#include <unordered_map>

#include "engine/ops/shapes.h"
#include "kernels/base/elements.h"

namespace fusepack {
namespace {

bool IsOperand(const Param& p) { return p.type == ParamType::kTensor || p.type == ParamType::kTensorOrScalar; }
bool IsScalar(const Param& p) { return p.type == ParamType::kScalar || p.type == ParamType::kFloat; }

const std::unordered_map<std::string_view, PointwiseRule>& Rules() {
  static const auto* rules = new std::unordered_map<std::string_view, PointwiseRule>{
#define PW1(id, rule, ...) {#id, PointwiseRule::rule},
#define PW2(id, rule, ...) {#id, PointwiseRule::rule},
#define PW3(id, rule, ...) {#id, PointwiseRule::rule},
#include "engine/ops/pointwise.inc"
#undef PW1
#undef PW2
#undef PW3
  };
  return *rules;
}

// The dtypes of operands that are tensors, or the scalars themselves.
template <typename Call, typename RankOf>
DType Promote(PointwiseRule rule, const Call& call, RankOf rank_of) {
  Promotion promotion;
  int operand = 0;
  const auto& params = call.schema().params();
  for (size_t i = 0; i < params.size(); i++) {
    const Arg& arg = call.args()[i];
    if (IsOperand(params[i])) {
      const int number = operand++;
      if (rule == PointwiseRule::kWhere && number == 0) continue;
      if (rule == PointwiseRule::kMasked && number > 0) continue;
      if (auto* ref = std::get_if<ValueRef>(&arg)) promotion.AddTensor(call.tensor(*ref).dtype, rank_of(call.tensor(*ref)));
      else promotion.AddScalar(arg);
    } else if (IsScalar(params[i]) && rule == PointwiseRule::kScalars) {
      promotion.AddScalar(arg);
    }
  }
  return promotion.Result();
}

Result<PointwiseDTypes> Decide(PointwiseRule rule, DType promoted) {
  FP_RETURN_IF_ERROR(CheckReal(promoted));
  PointwiseDTypes out{promoted, promoted};
  switch (rule) {
    case PointwiseRule::kFloat:
      out.result = out.common = FloatingOf(promoted);
      break;
    case PointwiseRule::kFloatOnly:
      if (!IsFloating(promoted)) {
        return BadInput("", "an operand of type " + std::string(TorchName(promoted)), "a floating type");
      }
      break;
    case PointwiseRule::kIntegral:
      if (!IsIntegral(promoted)) {
        return BadInput("", "an operand of type " + std::string(TorchName(promoted)), "an integer type or bool");
      }
      break;
    case PointwiseRule::kCompare:
      out.result = DType::kBool;
      break;
    default:
      break;
  }
  return out;
}

template <typename T>
T ScalarAs(const Arg& arg) {
  if (auto* b = std::get_if<bool>(&arg)) return static_cast<T>(*b);
  if (auto* d = std::get_if<Dim>(&arg)) return static_cast<T>(d->hint());
  return static_cast<T>(std::get<double>(arg));
}

template <typename T>
Status Run(kernels::ElementLoop<T> loop, const EvalCall& call, Tensor& out) {
  FP_CHECK(loop != nullptr);
  std::vector<kernels::Operand<T>> operands;
  T scalars[4] = {};
  int scalar_count = 0;
  const auto& params = call.schema().params();
  for (size_t i = 0; i < params.size(); i++) {
    const Arg& arg = call.args()[i];
    if (IsScalar(params[i])) {
      FP_CHECK_LT(scalar_count, 4);
      scalars[scalar_count++] = ScalarAs<T>(arg);
    } else if (IsOperand(params[i])) {
      kernels::Operand<T> operand;
      if (auto* ref = std::get_if<ValueRef>(&arg)) {
        operand.view = kernels::BroadcastView(call.tensor(*ref).view(), out.sizes());
      } else {
        operand.constant = ScalarAs<T>(arg);
      }
      operands.push_back(operand);
    }
  }
  kernels::Elementwise<T>(loop, operands, scalars, out.mutable_view());
  return OkStatus();
}

// The divisor is the second operand.
Status CheckDivisor(const EvalCall& call) {
  const Arg& divisor = call.args()[1];
  bool zero = false;
  if (auto* ref = std::get_if<ValueRef>(&divisor)) {
    const TensorView view = call.tensor(*ref).view();
    VisitReal(view.dtype, [&](auto t) {
      const auto* data = view.as<decltype(t)>();
      ForEachOffset(view.sizes, view.strides, [&](int64_t at) { zero |= ConvertElement<int64_t>(data[at]) == 0; });
    });
  } else {
    zero = ScalarAs<int64_t>(divisor) == 0;
  }
  if (zero) return BadInput("", "ZeroDivisionError: an integer divisor of 0", "another number");
  return OkStatus();
}

}  // namespace

bool PointwiseRuleOf(const OpDef& op, PointwiseRule* rule) {
  const auto found = Rules().find(op.name);
  if (found == Rules().end()) return false;
  *rule = found->second;
  return true;
}

Result<PointwiseDTypes> InferPointwiseDTypes(PointwiseRule rule, const ShapeCall& call) {
  return Decide(rule, Promote(rule, call, [](const TensorSpec& t) { return static_cast<int>(t.sizes.size()); }));
}

Result<std::vector<TensorSpec>> InferPointwise(PointwiseRule rule, const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(const PointwiseDTypes dtypes, InferPointwiseDTypes(rule, call));
  Sizes sizes;
  bool any_tensor = false;
  for (const Arg& arg : call.args()) {
    auto* ref = std::get_if<ValueRef>(&arg);
    if (ref == nullptr) continue;
    FP_RETURN_IF_ERROR(CheckReal(call.tensor(*ref).dtype));
    const Sizes& given = call.tensor(*ref).sizes;
    if (!any_tensor) sizes = given;
    else {
      FP_ASSIGN_OR_RETURN(sizes, BroadcastSizes(sizes, given, call.guards));
    }
    any_tensor = true;
  }
  if (!any_tensor) return BadInput("", "numbers only", "at least one tensor");
  return Specs{{dtypes.result, std::move(sizes)}};
}

Status EvalPointwise(PointwiseRule rule, const PointwiseKernel& kernel, const EvalCall& call, Tensor& out) {
  // The same promotion as the shape function's, on the tensors themselves.
  std::vector<TensorSpec> specs;
  Guards guards;
  std::vector<Arg> args(call.args().begin(), call.args().end());
  for (Arg& arg : args) {
    auto* ref = std::get_if<ValueRef>(&arg);
    if (ref == nullptr) continue;
    const Tensor& t = call.tensor(*ref);
    ref->id = static_cast<int>(specs.size());
    specs.push_back({t.dtype(), ToDimVector(t.sizes())});
  }
  FP_ASSIGN_OR_RETURN(const PointwiseDTypes dtypes,
                      InferPointwiseDTypes(rule, ShapeCall(call.schema(), args, specs, guards)));
  if (rule == PointwiseRule::kRounding && IsIntegral(dtypes.common)) {
    return Run<int64_t>([](const int64_t* const* in, const int64_t*, int64_t* to, int64_t n) { std::copy_n(in[0], n, to); },
                        call, out);
  }
  if (dtypes.common == DType::kF64) return Run<double>(kernel.f64, call, out);
  if (IsFloating(dtypes.common)) return Run<float>(kernel.f32, call, out);
  if (rule == PointwiseRule::kDivides) FP_RETURN_IF_ERROR(CheckDivisor(call));
  return Run<int64_t>(kernel.i64, call, out);
}

}  // namespace fusepack
