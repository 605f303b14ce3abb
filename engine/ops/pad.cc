// Padding: pairs (before, after) from the last dimension backwards; a negative number cuts off instead.
//
// The other modes read x at a computed place: reflect mirrors without repeating the edge, replicate holds the edge,
// circular wraps round.
#include <algorithm>

#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/base/elements.h"
#include "kernels/layout/copy.h"
#include "kernels/layout/gather.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

struct Pair {
  Dim before, after;
};

// The pair of dimension d; none for leading dimensions.
Pair PairOf(const Sizes& pad, int rank, int d) {
  const size_t k = 2 * static_cast<size_t>(rank - 1 - d);
  return k < pad.size() ? Pair{pad[k], pad[k + 1]} : Pair{0, 0};
}

Result<Specs> PadShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  const Sizes& pad = call.dims("pad");
  const int rank = static_cast<int>(x.sizes.size());
  if (pad.size() % 2 != 0 || pad.size() > 2 * x.sizes.size()) {
    return BadInput("argument 'pad'", std::to_string(pad.size()) + " numbers", "a pair for each of at most " + std::to_string(rank) + " dimensions");
  }
  Sizes sizes = x.sizes;
  for (int d = 0; d < rank; d++) {
    const Pair p = PairOf(pad, rank, d);
    sizes[d] = sizes[d] + p.before + p.after;
    if (sizes[d].hint() < 0) {
      return BadInput("argument 'pad'", "size " + sizes[d].ToString(), "at least 0");
    }
  }
  return Specs{{x.dtype, std::move(sizes)}};
}

Status ConstantPadEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  Tensor& out = outputs[0];
  FP_RETURN_IF_ERROR(CheckReal(x.dtype()));
  const Arg& value = call.arg("value");
  const double number = call.number("value");
  if (number != 0) {
    VisitReal(out.dtype(), [&](auto t) {
      using T = decltype(t);
      const T fill = std::holds_alternative<Dim>(value) ? ConvertElement<T>(call.integer("value")) : ConvertElement<T>(number);
      T* data = out.mutable_view().as<T>();
      std::fill_n(data, out.numel(), fill);
    });
  }
  TensorView from = x.view();
  MutableTensorView to = out.mutable_view();
  for (int d = 0; d < x.rank(); d++) {
    const Pair p = PairOf(call.dims("pad"), x.rank(), d);
    const int64_t cut_before = std::max<int64_t>(-p.before.hint(), 0), cut_after = std::max<int64_t>(-p.after.hint(), 0);
    const int64_t length = x.sizes()[d] - cut_before - cut_after;
    if (length <= 0) return OkStatus();
    from = kernels::Narrow(from, d, cut_before, length);
    to = kernels::Narrow(to, d, std::max<int64_t>(p.before.hint(), 0), length);
  }
  kernels::CopyElements(from, to);
  return OkStatus();
}

Result<Specs> MapPadShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Specs specs, PadShape(call));
  const Sizes& sizes = call.tensor("self").sizes;
  const std::string& mode = call.string("mode");
  for (int d = 0; d < static_cast<int>(sizes.size()); d++) {
    const Pair p = PairOf(call.dims("pad"), static_cast<int>(sizes.size()), d);
    for (const Dim& n : {p.before, p.after}) {
      if (n.is(0)) continue;
      const Dim limit = mode == "reflect" ? sizes[d] - 1 : mode == "circular" ? sizes[d] : Dim(kDimLimit);
      if (!call.guards.Decide(n, Compare::kLe, limit) || !call.guards.Decide(sizes[d], Compare::kGe, 1)) {
        return BadInput("argument 'pad'", n.ToString(), "at most " + limit.ToString() + " in mode '" + mode + "'");
      }
    }
  }
  return specs;
}

Status MapPadEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(Tensor x, call.tensor("self").Contiguous());
  const std::string& mode = call.string("mode");
  // One dimension at a time: x seen as [outer, size, inner].
  for (int d = 0; d < x.rank(); d++) {
    const Pair p = PairOf(call.dims("pad"), x.rank(), d);
    if (p.before.is(0) && p.after.is(0)) continue;
    Dims sizes = x.sizes();
    const int64_t size = sizes[d];
    sizes[d] += p.before.hint() + p.after.hint();
    FP_ASSIGN_OR_RETURN(Tensor wider, Tensor::Zeros(x.dtype(), sizes));
    std::vector<int64_t> outer, places, inner;
    const int64_t block = x.strides()[d];
    for (int64_t o = 0; size > 0 && o < x.numel() / (size * std::max<int64_t>(block, 1)); o++) outer.push_back(o * size * block);
    for (int64_t i = 0; i < sizes[d]; i++) {
      int64_t at = i - p.before.hint();
      if (mode == "reflect") at = at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
      else if (mode == "replicate") at = std::clamp<int64_t>(at, 0, size - 1);
      else at = (at % size + size) % size;
      FP_CHECK(at >= 0 && at < size);
      places.push_back(at * block);
    }
    for (int64_t i = 0; i < block; i++) inner.push_back(i);
    kernels::CopyIndexed(x.view(), outer, places, inner, wider.mutable_view());
    x = std::move(wider);
  }
  kernels::CopyElements(x.view(), outputs[0].mutable_view());
  return OkStatus();
}

Values Pad(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const std::string& mode = std::get<std::string>(args[2]);
  if (mode == "constant") return call.Return(call("constant_pad_nd", {args[0], args[1], IsNone(args[3]) ? Arg(0.0) : args[3]}));
  if (mode != "reflect" && mode != "replicate" && mode != "circular") {
    return BadInput("argument 'mode'", "'" + mode + "'", "'constant', 'reflect', 'replicate' or 'circular'");
  }
  return call.Return(call("pad_map", {args[0], args[1], args[2]}));
}

}  // namespace

const OpDef op_constant_pad_nd = {
    .name = "constant_pad_nd",
    .torch = {"torch.constant_pad_nd"},
    .params = "Tensor self, int[] pad, Scalar value=0",
    .shape = PadShape,
    .eval = ConstantPadEval,
    .inplace = false,
    .examples = {"f32[2,3], [1,2]", "f32[2,3], [1,-1,0,2], 1.5", "i64[3], [0,1], 7"},
    .doc = "a border of one value",
};
const OpDef op_pad_map = {
    .name = "pad_map",
    .params = "Tensor self, int[] pad, str mode",
    .shape = MapPadShape,
    .eval = MapPadEval,
    .inplace = false,
    .doc = "a border of the tensor's own elements: mode 'reflect', 'replicate' or 'circular'",
};
const OpDef op_pad = {
    .name = "pad",
    .torch = {"torch._C._nn.pad", "torch.nn.functional.pad"},
    .params = "Tensor input, int[] pad, str mode='constant', float? value=None",
    .decompose = Pad,
    .inplace = false,
    .examples = {"f32[2,3], [1,2]", "f32[1,2,4], [2,1], 'reflect'", "f32[1,1,3,4], [1,2,2,0], 'replicate'",
                 "f32[1,1,3,4], [1,2,2,0], 'circular'", "f32[1,2,3,4], [1,2,2,1], 'reflect'"},
    .doc = "a border round the last dimensions",
};

}  // namespace fusepack::ops
