// Padding in every mode. A mode is a rule that gives, for each place of the output, the place of the input that it
// copies (or none: the fill value); one kernel moves the elements. Negative numbers crop.
//
// The pad list names the last dimension first: [front, back] of dimension -1, of dimension -2, ...
#include <algorithm>

#include "engine/graph/builder.h"
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/pick/pick.h"

namespace fusepack::ops {
namespace {

Result<Specs> PadShape(const ShapeCall& call) {
  TensorSpec out = call.tensor("self");
  const std::vector<Dim>& pad = call.dims("pad");
  const std::string& mode = call.string("mode");
  Guards& guards = call.guards;
  const int rank = static_cast<int>(out.sizes.size()), padded = static_cast<int>(pad.size()) / 2;
  if (pad.size() % 2 != 0) return BadInput("argument 'pad'", std::to_string(pad.size()) + " elements", "an even number");
  const bool constant = mode == "constant", circular = mode == "circular", reflect = mode == "reflect";
  if (!constant && !circular && !reflect && mode != "replicate") {
    return BadInput("argument 'mode'", "'" + mode + "'", "'constant', 'reflect', 'replicate' or 'circular'");
  }
  if (constant && padded > rank) {
    return BadInput("argument 'pad'", std::to_string(pad.size()) + " elements", "at most two a dimension of rank " + std::to_string(rank));
  }
  if (!constant) {
    if (padded < 1 || padded > 3 || (rank != padded + 1 && rank != padded + 2)) {
      return BadInput("argument 'pad'", std::to_string(pad.size()) + " elements for rank " + std::to_string(rank),
                      "2 for rank 2 or 3, 4 for rank 3 or 4, 6 for rank 4 or 5, where the mode is not 'constant'");
    }
    if (call.has("value") && call.number("value") != 0) {
      return BadInput("argument 'value'", std::to_string(call.number("value")), "None in mode '" + mode + "'");
    }
    for (int d = rank == padded + 2 ? 1 : 0; d < rank; d++) {
      if (!guards.Decide(out.sizes[d], Compare::kGe, 1)) {
        return BadInput("argument 'self'", "sizes " + ToString(out.sizes), "no empty dimension but the batch");
      }
    }
  }
  for (int i = 0; i < padded; i++) {
    Dim& size = out.sizes[rank - 1 - i];
    const Dim in = size;
    for (const Dim& p : {pad[2 * i], pad[2 * i + 1]}) {
      if ((reflect && !guards.Decide(p, Compare::kLt, in)) || (circular && !guards.Decide(p, Compare::kLe, in))) {
        return BadInput("argument 'pad'", p.ToString() + " for size " + in.ToString(), reflect ? "less than the size" : "at most the size");
      }
    }
    size = in + pad[2 * i] + pad[2 * i + 1];
    if (!guards.Decide(size, Compare::kGe, constant || circular ? 0 : 1)) {
      return BadInput("argument 'pad'", "an output of size " + size.ToString() + " from size " + in.ToString(),
                      constant || circular ? "a size of at least 0" : "a size of at least 1");
    }
  }
  return Specs{out};
}

int64_t FloorMod(int64_t a, int64_t b) { return (a % b + b) % b; }

// The input's place for the output's places -front, ..., in + back - 1.
std::vector<int64_t> PlacesOf(std::string_view mode, int64_t in, int64_t front, int64_t back) {
  std::vector<int64_t> table;
  table.reserve(in + front + back);
  // What negative padding leaves: circular wraps round this.
  const int64_t kept = std::max<int64_t>(0, -front), kept_size = in - kept - std::max<int64_t>(0, -back);
  for (int64_t i = -front; i < in + back; i++) {
    if (i >= 0 && i < in && (mode != "circular" || i < kept + kept_size)) table.push_back(i);
    else if (mode == "constant") table.push_back(-1);
    else if (mode == "reflect") table.push_back(std::clamp<int64_t>(i < 0 ? -i : 2 * (in - 1) - i, 0, in - 1));
    else if (mode == "replicate") table.push_back(std::clamp<int64_t>(i, 0, in - 1));
    else table.push_back(kept_size > 0 ? kept + FloorMod(i - kept, kept_size) : -1);
  }
  return table;
}

Status PadEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  const std::vector<int64_t> pad = call.integers("pad");
  const int rank = x.rank();
  std::vector<std::vector<int64_t>> tables(rank);
  for (int d = 0; d < rank; d++) {
    const size_t i = rank - 1 - d;
    const bool padded = 2 * i < pad.size();
    tables[d] = PlacesOf(call.string("mode"), x.sizes()[d], padded ? pad[2 * i] : 0, padded ? pad[2 * i + 1] : 0);
  }
  Tensor fill;
  if (Category(x.dtype()) == 3) {
    FP_ASSIGN_OR_RETURN(fill, Tensor::Zeros(x.dtype(), {}));
    if (call.has("value") && call.number("value") != 0) return CheckReal(x.dtype());
  } else {
    fill = Tensor::Scalar(x.dtype(), call.has("value") ? call.number("value") : 0);
  }
  kernels::Pick(x.view(), tables, fill.view().data, outputs[0].mutable_view());
  return OkStatus();
}

template <int kMode>
Result<std::vector<ValueId>> PadAs(GraphBuilder& builder, std::span<const Arg> args) {
  static constexpr const char* kModes[] = {"constant", "reflect", "replicate", "circular"};
  Arg value;
  if (args.size() > 2) {  // a Scalar for pad's float
    if (auto* b = std::get_if<bool>(&args[2])) value = static_cast<double>(*b);
    if (auto* d = std::get_if<Dim>(&args[2])) value = static_cast<double>(builder.guards().Pin(*d));
    if (auto* f = std::get_if<double>(&args[2])) value = *f;
  }
  FP_ASSIGN_OR_RETURN(ValueId out, builder.AddOne("pad", {args[0], args[1], std::string(kModes[kMode]), value}));
  return std::vector<ValueId>{out};
}

}  // namespace

const OpDef op_pad = {
    .name = "pad",
    .torch = {"torch._C._nn.pad"},
    .params = "Tensor self, int[] pad, str mode='constant', float? value=None",
    .shape = PadShape,
    .eval = PadEval,
    .inplace = false,
    .examples = {"f32[2,3,4], [1,2]", "f32[2,3,4], [1,2,-1,0,3,1], 'constant', 2.5", "i64[3]<9, [-2,-1]", "f32[2,5], [2,4], 'reflect'",
                 "f32[1,2,4,5], [4,3,1,2], 'reflect'", "f32[3,4,5], [-1,2,2,-3], 'reflect'", "f32[2,5], [7,2], 'replicate'",
                 "f32[1,2,4,5], [1,0,5,-2], 'replicate'", "f32[1,2,3,4,5], [1,2,2,1,1,2], 'replicate'",
                 "f32[2,5], [5,2], 'circular'", "f32[2,3,4,5], [-2,3,1,2], 'circular'", "f32[2,2,3,4,5], [1,1,1,1,2,2], 'reflect'"},
    .doc = "Pads (or, negative, crops) the last dimensions: [front, back] of the last, then of the one before, ...",
};

const OpDef op_constant_pad_nd = {
    .name = "constant_pad_nd",
    .torch = {"torch.constant_pad_nd"},
    .params = "Tensor self, int[] pad, Scalar value=0",
    .decompose = PadAs<0>,
    .inplace = false,
    .examples = {"f32[2,3,4], [1,2,0,1], 3"},
    .doc = "pad with mode 'constant'.",
};

#define FP_PAD(id, mode, rank, pads, text) \
  const OpDef op_##id = { \
      .name = #id, \
      .torch = {"torch._C._nn." #id}, \
      .params = "Tensor self, int[" #pads "] padding", \
      .decompose = PadAs<mode>, \
      .inplace = false, \
      .examples = {rank}, \
      .doc = text, \
  }

FP_PAD(reflection_pad1d, 1, "f32[2,3,5], [4,2]", 2, "pad with mode 'reflect'.");
FP_PAD(reflection_pad2d, 1, "f32[2,3,5], [4,2,1,2]", 4, "pad with mode 'reflect'.");
FP_PAD(reflection_pad3d, 1, "f32[2,3,3,5], [4,2,1,2,0,1]", 6, "pad with mode 'reflect'.");
FP_PAD(replication_pad1d, 2, "f32[2,3,5], [4,2]", 2, "pad with mode 'replicate'.");
FP_PAD(replication_pad2d, 2, "f32[2,3,5], [4,2,1,2]", 4, "pad with mode 'replicate'.");
FP_PAD(replication_pad3d, 2, "f32[2,3,3,5], [4,2,1,2,0,1]", 6, "pad with mode 'replicate'.");
#undef FP_PAD

const OpDef op__pad_circular = {
    .name = "_pad_circular",
    .torch = {"torch._C._nn._pad_circular"},
    .params = "Tensor self, int[] pad",
    .decompose = PadAs<3>,
    .inplace = false,
    .examples = {"f32[2,3,5], [4,2]"},
    .doc = "pad with mode 'circular'.",
};

}  // namespace fusepack::ops
