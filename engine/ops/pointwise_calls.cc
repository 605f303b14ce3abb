// Operators that are calls of pointwise ones, chosen by an argument: they never stand in a graph.
#include "engine/ops/calls.h"
#include "engine/ops/table.h"

#include <limits>

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Values One(Result<ValueId> value) {
  if (!value.ok()) return value.status();
  return std::vector<ValueId>{*value};
}

ValueId Id(const Arg& arg) { return std::get<ValueRef>(arg).id; }

Values Gelu(GraphBuilder& builder, Args args) {
  const std::string& approximate = std::get<std::string>(args[1]);
  if (approximate == "none") return One(builder.AddOne("gelu_erf", {args[0]}));
  if (approximate == "tanh") return One(builder.AddOne("gelu_tanh", {args[0]}));
  return BadInput("argument 'approximate'", "'" + approximate + "'", "'none' or 'tanh'");
}

Values DivMode(GraphBuilder& builder, Args args) {
  if (IsNone(args[2])) return One(builder.AddOne("div", {args[0], args[1]}));
  const std::string& mode = std::get<std::string>(args[2]);
  if (mode == "floor") return One(builder.AddOne("floor_divide", {args[0], args[1]}));
  if (mode == "trunc") return One(builder.AddOne("div_trunc", {args[0], args[1]}));
  return BadInput("argument 'rounding_mode'", "'" + mode + "'", "None, 'floor' or 'trunc'");
}

Values Clamp(GraphBuilder& builder, Args args) {
  if (IsNone(args[1]) && IsNone(args[2])) return BadInput("", "neither min nor max", "at least one of them");
  if (IsNone(args[1])) return One(builder.AddOne("clamp_max", {args[0], args[2]}));
  if (IsNone(args[2])) return One(builder.AddOne("clamp_min", {args[0], args[1]}));
  return One(builder.AddOne("clamp_range", {args[0], args[1], args[2]}));
}

Values ClampTensor(GraphBuilder& builder, Args args) {
  if (IsNone(args[1]) && IsNone(args[2])) return BadInput("", "neither min nor max", "at least one of them");
  Arg x = args[0];
  if (!IsNone(args[1])) {
    FP_ASSIGN_OR_RETURN(ValueId y, builder.AddOne("maximum", {x, args[1]}));
    x = ValueRef{y};
  }
  if (!IsNone(args[2])) {
    FP_ASSIGN_OR_RETURN(ValueId y, builder.AddOne("minimum", {x, args[2]}));
    x = ValueRef{y};
  }
  return std::vector<ValueId>{Id(x)};
}

double LargestOf(DType dtype) {
  switch (dtype) {
    case DType::kF16: return 65504;
    case DType::kBF16: return 0x1.fep127;
    case DType::kF32: return std::numeric_limits<float>::max();
    default: return std::numeric_limits<double>::max();
  }
}

Values NanToNum(GraphBuilder& builder, Args args) {
  const DType dtype = builder.Spec(Id(args[0])).dtype;
  if (!IsFloating(dtype)) return std::vector<ValueId>{Id(args[0])};
  const double largest = LargestOf(dtype);
  const auto number = [](const Arg& arg, double otherwise) { return Arg(IsNone(arg) ? otherwise : std::get<double>(arg)); };
  return One(builder.AddOne("replace_nonfinite",
                            {args[0], number(args[1], 0), number(args[2], largest), number(args[3], -largest)}));
}

Values BitwiseNot(GraphBuilder& builder, Args args) {
  const bool logical = builder.Spec(Id(args[0])).dtype == DType::kBool;
  return One(builder.AddOne(logical ? "logical_not" : "bitwise_invert", {args[0]}));
}

// weight: [1] or [C], for x: [N,C,...].
Values Prelu(GraphBuilder& builder, Args args) {
  const TensorSpec x = builder.Spec(Id(args[0])), weight = builder.Spec(Id(args[1]));
  if (weight.sizes.size() > 1) return BadInput("argument 'weight'", ToString(weight.sizes), "at most one dimension");
  Sizes sizes(x.sizes.size(), Dim(1));
  const Dim count = NumelOf(weight.sizes);
  const Dim channels = x.sizes.size() > 1 ? x.sizes[1] : Dim(1);
  if (count.hint() == 1 && channels.hint() != 1) {
    builder.guards().Pin(count);
  } else if (!count.is(1)) {
    if (!builder.guards().Equal(channels, count)) {
      return BadInput("argument 'weight'", count.ToString() + " elements", "1 or " + channels.ToString());
    }
    sizes[1] = count;
  }
  FP_ASSIGN_OR_RETURN(ValueId shaped, builder.AddOne("reshape", {args[1], sizes}));
  return One(builder.AddOne("prelu_elementwise", {args[0], ValueRef{shaped}}));
}

Values Glu(GraphBuilder& builder, Args args) {
  const TensorSpec x = builder.Spec(Id(args[0]));
  FP_ASSIGN_OR_RETURN(int dim, WrapDim(std::get<Dim>(args[1]).hint(), static_cast<int>(x.sizes.size())));
  if (x.sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  if (!builder.guards().Equal(Mod(x.sizes[dim], 2), 0)) return BadInput("", "size " + x.sizes[dim].ToString(), "an even size");
  const Dim half = FloorDiv(x.sizes[dim], 2);
  FP_ASSIGN_OR_RETURN(ValueId a, builder.AddOne("narrow", {args[0], Dim(dim), Dim(0), half}));
  FP_ASSIGN_OR_RETURN(ValueId b, builder.AddOne("narrow", {args[0], Dim(dim), half, half}));
  FP_ASSIGN_OR_RETURN(ValueId gate, builder.AddOne("sigmoid", {ValueRef{b}}));
  return One(builder.AddOne("mul", {ValueRef{a}, ValueRef{gate}}));
}

}  // namespace

const OpDef op_gelu = {
    .name = "gelu",
    .torch = {"torch._C._nn.gelu"},
    .params = "Tensor self, *, str approximate='none'",
    .decompose = Gelu,
    .examples = {"f32[2,5]", "f32[2,5], approximate='tanh'"},
    .doc = "x times the normal distribution function of x",
};
const OpDef op_div_mode = {
    .name = "div_mode",
    .torch = {"torch.div", "Tensor.div", "torch.divide", "Tensor.divide"},
    .params = "Tensor|Scalar self, Tensor|Scalar other, *, str? rounding_mode",
    .decompose = DivMode,
    .examples = {"f32[2,3], f32[3], rounding_mode='floor'", "i64[5], 3, rounding_mode='trunc'", "i64[5], 3, rounding_mode=None"},
    .doc = "x / y, rounded to minus infinity ('floor') or to 0 ('trunc')",
};
const OpDef op_clamp = {
    .name = "clamp",
    .torch = {"torch.clamp", "Tensor.clamp", "torch.clip", "Tensor.clip"},
    .params = "Tensor self, Scalar? min=None, Scalar? max=None",
    .decompose = Clamp,
    .examples = {"f32[2,5], -0.5, 1", "f32[2,5], min=0.5", "i64[4], max=1"},
    .doc = "x held between two numbers",
};
const OpDef op_clamp_tensor = {
    .name = "clamp_tensor",
    .torch = {"torch.clamp", "Tensor.clamp", "torch.clip", "Tensor.clip"},
    .params = "Tensor self, Tensor? min=None, Tensor? max=None",
    .decompose = ClampTensor,
    .examples = {"f32[2,5], f32[5], f32[2,1]"},
    .doc = "x held between two tensors",
};
const OpDef op_nan_to_num = {
    .name = "nan_to_num",
    .torch = {"torch.nan_to_num", "Tensor.nan_to_num"},
    .params = "Tensor self, float? nan=None, float? posinf=None, float? neginf=None",
    .decompose = NanToNum,
    .examples = {"f32[2,5]", "i64[3]"},
    .doc = "NaN and infinities replaced by numbers: by default 0 and the dtype's largest and smallest",
};
const OpDef op_bitwise_not = {
    .name = "bitwise_not",
    .torch = {"torch.bitwise_not", "Tensor.bitwise_not", "Tensor.__invert__"},
    .params = "Tensor self",
    .decompose = BitwiseNot,
    .examples = {"i64[4]", "bool[4]"},
    .doc = "~x of integers, not x of bool",
};
const OpDef op_prelu = {
    .name = "prelu",
    .torch = {"torch.prelu", "Tensor.prelu"},
    .params = "Tensor self, Tensor weight",
    .decompose = Prelu,
    .inplace = false,
    .examples = {"f32[2,3,4], f32[3]", "f32[2,3,4], f32[1]"},
    .doc = "x above 0, weight[c] * x below; one weight, or one a channel",
};
const OpDef op_glu = {
    .name = "glu",
    .torch = {"torch._C._nn.glu"},
    .params = "Tensor self, int dim=-1",
    .decompose = Glu,
    .inplace = false,
    .examples = {"f32[2,6]", "f32[4,3], 0"},
    .doc = "the first half times sigmoid of the second",
};

}  // namespace fusepack::ops
