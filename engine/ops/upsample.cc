// torch.nn.functional.interpolate's kernels. PyTorch has an operator a mode and rank, each with two overloads (sizes and
// scale factors one by one; lists of either): all become the one operator `upsample`, whose mode is a string.
#include <cmath>

#include "engine/graph/builder.h"
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/pick/pick.h"
#include "kernels/resample/resample.h"

namespace fusepack::ops {
namespace {

using std::string;

bool IsNearest(std::string_view mode) { return mode.starts_with("nearest"); }

Result<Specs> UpsampleShape(const ShapeCall& call) {
  TensorSpec out = call.tensor("input");
  const string& mode = call.string("mode");
  const std::vector<Dim>& size = call.dims("output_size");
  const int spatial = static_cast<int>(out.sizes.size()) - 2;
  static constexpr std::string_view kModes[] = {"nearest", "nearest-exact", "linear", "cubic", "linear-antialias", "cubic-antialias"};
  if (std::find(std::begin(kModes), std::end(kModes), mode) == std::end(kModes)) {
    return BadInput("argument 'mode'", "'" + mode + "'", "nearest, nearest-exact, linear, cubic, linear-antialias or cubic-antialias");
  }
  if (out.dtype != DType::kU8) FP_RETURN_IF_ERROR(ExpectFloating("input", out));
  if (spatial < 1 || spatial > 3 || static_cast<int>(size.size()) != spatial) {
    return BadInput("argument 'input'", "sizes " + ToString(out.sizes), "rank " + std::to_string(size.size() + 2));
  }
  if (call.has("scales") && std::get<std::vector<double>>(call.arg("scales")).size() != size.size()) {
    return BadInput("argument 'scales'", "another number of scales", std::to_string(size.size()));
  }
  for (int d = 1; d < spatial + 2; d++) {
    if (!call.guards.Decide(out.sizes[d], Compare::kGe, 1)) {
      return BadInput("argument 'input'", "sizes " + ToString(out.sizes), "no empty dimension but the batch");
    }
  }
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "output_size", 1));
  for (int d = 0; d < spatial; d++) out.sizes[2 + d] = size[d];
  return Specs{out};
}

Status UpsampleEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  const string& mode = call.string("mode");
  const bool align = call.boolean("align_corners");
  const Dims &in = input.sizes(), &out = outputs[0].sizes();
  const int spatial = input.rank() - 2;
  std::vector<double> factors(spatial, 0);
  if (call.has("scales")) factors = std::get<std::vector<double>>(call.arg("scales"));
  if (IsNearest(mode)) {
    std::vector<std::vector<int64_t>> tables(input.rank());
    for (int d = 0; d < input.rank(); d++) {
      if (d < 2) {
        for (int64_t i = 0; i < in[d]; i++) tables[d].push_back(i);
      } else {
        tables[d] = kernels::NearestPlaces(in[d], out[d], factors[d - 2], mode == "nearest-exact", mode == "nearest" && spatial == 2);
      }
    }
    const uint64_t none[2] = {};
    kernels::Pick(input.view(), tables, none, outputs[0].mutable_view());
    return OkStatus();
  }
  // Dimension by dimension from the last; x holds what is done so far.
  const DenseF64 start(input.view());
  std::vector<double> done;
  const double* x = start.data();
  Dims sizes = in;
  for (int d = input.rank() - 1; d >= 2; d--) {
    const double factor = factors[d - 2];
    const kernels::TapTable table = mode == "linear"  ? kernels::LinearTaps(in[d], out[d], align, factor)
                                    : mode == "cubic" ? kernels::CubicTaps(in[d], out[d], align, factor)
                                                      : kernels::AntialiasTaps(in[d], out[d], align, factor, mode == "cubic-antialias");
    int64_t outer = 1, inner = 1;
    for (int i = 0; i < d; i++) outer *= sizes[i];
    for (int i = d + 1; i < sizes.size(); i++) inner *= sizes[i];
    std::vector<double> next(outer * out[d] * inner);
    kernels::ApplyTaps(table, outer, inner, x, next.data());
    done = std::move(next);
    x = done.data();
    sizes[d] = out[d];
  }
  DenseF64Output y(outputs[0].mutable_view());
  const bool whole = input.dtype() == DType::kU8;
  for (int64_t i = 0; i < outputs[0].numel(); i++) y[i] = whole ? std::clamp(std::floor(x[i] + 0.5), 0.0, 255.0) : x[i];
  return OkStatus();
}

struct Form {
  const char* mode;
  int spatial;
  bool aligns;  // has the parameter align_corners
};

// Form of PyTorch's operator number `kForm`.
constexpr Form kForms[] = {
    {"nearest", 1, false},       {"nearest", 2, false},         {"nearest", 3, false},
    {"nearest-exact", 1, false}, {"nearest-exact", 2, false},   {"nearest-exact", 3, false},
    {"linear", 1, true},         {"linear", 2, true},           {"linear", 3, true},
    {"cubic", 2, true},          {"linear-antialias", 2, true}, {"cubic-antialias", 2, true},
};

Result<std::vector<ValueId>> Emit(GraphBuilder& builder, const Form& form, const Arg& input, std::vector<Dim> size, bool align, Arg scales) {
  const Sizes& sizes = builder.Spec(std::get<ValueRef>(input).id).sizes;
  if (static_cast<int>(sizes.size()) != form.spatial + 2) {
    return BadInput("argument 'input'", "sizes " + ToString(sizes), "rank " + std::to_string(form.spatial + 2));
  }
  FP_ASSIGN_OR_RETURN(ValueId out, builder.AddOne("upsample", {input, std::move(size), string(form.mode), align, std::move(scales)}));
  return std::vector<ValueId>{out};
}

// (self, output_size[, align_corners], scale of each dimension or None)
template <int kForm>
Result<std::vector<ValueId>> BySize(GraphBuilder& builder, std::span<const Arg> args) {
  const Form& form = kForms[kForm];
  const size_t first = form.aligns ? 3 : 2;
  std::vector<double> scales;
  bool any = false;
  for (size_t i = first; i < args.size(); i++) {
    const double* scale = std::get_if<double>(&args[i]);
    scales.push_back(scale ? *scale : 0);
    any |= scale != nullptr;
  }
  return Emit(builder, form, args[0], std::get<std::vector<Dim>>(args[1]), form.aligns && std::get<bool>(args[2]),
              any ? Arg(scales) : Arg());
}

// (input, output_size or None[, align_corners], scale factors or None)
template <int kForm>
Result<std::vector<ValueId>> ByFactors(GraphBuilder& builder, std::span<const Arg> args) {
  const Form& form = kForms[kForm];
  const Arg& factors = args[form.aligns ? 3 : 2];
  const auto* size = std::get_if<std::vector<Dim>>(&args[1]);
  const auto* scales = std::get_if<std::vector<double>>(&factors);
  if ((size == nullptr) == (scales == nullptr)) {
    return BadInput("", size ? "both output_size and scale_factors" : "neither output_size nor scale_factors", "one of them");
  }
  std::vector<Dim> out;
  if (size) {
    out = *size;
  } else {
    const Sizes& in = builder.Spec(std::get<ValueRef>(args[0]).id).sizes;
    if (static_cast<int>(scales->size()) != form.spatial || in.size() != scales->size() + 2) {
      return BadInput("argument 'scale_factors'", std::to_string(scales->size()) + " numbers for sizes " + ToString(in),
                      std::to_string(form.spatial));
    }
    for (size_t d = 0; d < scales->size(); d++) out.push_back(FloorScale(in[2 + d], (*scales)[d]));
  }
  return Emit(builder, form, args[0], std::move(out), form.aligns && std::get<bool>(args[2]), factors);
}

}  // namespace

const OpDef op_upsample = {
    .name = "upsample",
    .torch = {},
    .params = "Tensor input, int[] output_size, str mode, bool align_corners=False, float[]? scales=None",
    .shape = UpsampleShape,
    .eval = UpsampleEval,
    .inplace = false,
    .doc = "Resamples the spatial dimensions to output_size. scales: the factors that a caller gave, which then place the "
           "samples instead of the sizes' ratio.",
};

#define FP_UPSAMPLE(form, id, by_size, by_factors, size_examples, factor_examples) \
  const OpDef op_##id = { \
      .name = #id, \
      .torch = {"torch._C._nn." #id}, \
      .params = by_size, \
      .decompose = BySize<form>, \
      .inplace = false, \
      .examples = size_examples, \
      .doc = "upsample to output_size.", \
  }; \
  const OpDef op_##id##_vec = { \
      .name = #id "_vec", \
      .torch = {"torch._C._nn." #id}, \
      .params = by_factors, \
      .decompose = ByFactors<form>, \
      .inplace = false, \
      .examples = factor_examples, \
      .doc = "upsample to output_size, or by scale_factors.", \
  }
#define FP_LIST(...) {__VA_ARGS__}

constexpr char kNearestVec[] = "Tensor input, int[]? output_size, float[]? scale_factors";
constexpr char kAlignVec[] = "Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors";
constexpr char kNearest1[] = "Tensor self, int[1] output_size, float? scales=None";
constexpr char kNearest2[] = "Tensor self, int[2] output_size, float? scales_h=None, float? scales_w=None";
constexpr char kNearest3[] = "Tensor self, int[3] output_size, float? scales_d=None, float? scales_h=None, float? scales_w=None";
constexpr char kAlign1[] = "Tensor self, int[1] output_size, bool align_corners, float? scales=None";
constexpr char kAlign2[] = "Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None";
constexpr char kAlign3[] = "Tensor self, int[3] output_size, bool align_corners, float? scales_d=None, float? scales_h=None, float? scales_w=None";

FP_UPSAMPLE(0, upsample_nearest1d, kNearest1, kNearestVec, FP_LIST("f32[2,3,5], [12]", "f32[1,2,9], [4]"), FP_LIST("f32[2,3,5], None, [2.5]", "f32[1,1,9], None, [1.03]"));
FP_UPSAMPLE(1, upsample_nearest2d, kNearest2, kNearestVec, FP_LIST("f32[2,3,4,5], [8,10]", "f32[1,2,7,9], [3,13]"),
            FP_LIST("f32[2,3,4,5], None, [2.0,2.0]", "f32[2,1,5,7], None, [1.7,0.6]", "f32[1,2,4,5], [7,3], None", "f32[1,1,8,12], None, [1.03,2.02]"));
FP_UPSAMPLE(2, upsample_nearest3d, kNearest3, kNearestVec, FP_LIST("f32[1,2,3,4,5], [5,3,9]"), FP_LIST("f32[1,2,3,4,5], None, [2.0,1.5,1.0]"));
FP_UPSAMPLE(3, _upsample_nearest_exact1d, kNearest1, kNearestVec, FP_LIST("f32[2,3,5], [12]"), FP_LIST("f32[2,3,5], None, [2.5]"));
FP_UPSAMPLE(4, _upsample_nearest_exact2d, kNearest2, kNearestVec, FP_LIST("f32[1,2,7,9], [3,13]"), FP_LIST("f32[2,1,5,7], None, [1.7,0.6]"));
FP_UPSAMPLE(5, _upsample_nearest_exact3d, kNearest3, kNearestVec, FP_LIST("f32[1,2,3,4,5], [5,3,9]"), FP_LIST("f32[1,2,3,4,5], None, [2.0,1.5,1.0]"));
FP_UPSAMPLE(6, upsample_linear1d, kAlign1, kAlignVec, FP_LIST("f32[2,3,5], [12], False", "f32[2,3,5], [4], True"), FP_LIST("f32[2,3,5], None, False, [2.5]"));
FP_UPSAMPLE(7, upsample_bilinear2d, kAlign2, kAlignVec, FP_LIST("f32[2,3,4,5], [8,10], False", "f32[1,2,7,9], [3,13], True", "f32[1,2,3,4], [1,1], True"),
            FP_LIST("f32[2,3,4,5], None, False, [2.0,2.0]", "f32[2,1,5,7], None, False, [1.7,0.6]", "f32[2,1,5,7], None, True, [1.7,0.6]",
                    "f32[1,2,4,5], [7,3], False, None", "f32[1,1,3,4]~, [6,8], False, None"));
FP_UPSAMPLE(8, upsample_trilinear3d, kAlign3, kAlignVec, FP_LIST("f32[1,2,3,4,5], [5,3,9], False"), FP_LIST("f32[1,2,3,4,5], None, True, [2.0,1.5,1.0]"));
FP_UPSAMPLE(9, upsample_bicubic2d, kAlign2, kAlignVec, FP_LIST("f32[2,3,4,5], [8,10], False", "f32[1,2,7,9], [3,13], True"),
            FP_LIST("f32[2,1,5,7], None, False, [1.7,0.6]", "f32[1,2,4,4], [4,4], False, None"));
FP_UPSAMPLE(10, _upsample_bilinear2d_aa, kAlign2, kAlignVec, FP_LIST("f32[2,3,4,5], [8,10], False", "f32[1,2,7,9], [3,5], False", "f32[1,2,7,9], [3,5], True"),
            FP_LIST("f32[2,1,9,7], None, False, [0.3,0.6]", "f32[1,2,11,9], None, False, [0.75,1.01]"));
FP_UPSAMPLE(11, _upsample_bicubic2d_aa, kAlign2, kAlignVec, FP_LIST("f32[2,3,4,5], [8,10], False", "f32[1,2,11,9], [3,5], False", "f32[1,2,11,9], [3,5], True"),
            FP_LIST("f32[2,1,9,7], None, False, [0.3,0.6]"));

}  // namespace fusepack::ops
