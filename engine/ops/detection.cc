// torchvision's operators, which its Python reaches as torch.ops.torchvision.<name>.
#include <algorithm>
#include <cmath>

#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/detection/detection.h"

namespace fusepack::ops {
namespace {

Result<Specs> NmsShape(const ShapeCall&) {
  return Unsupported("", "a number of boxes that depends on the data", "operators whose sizes follow from the inputs' sizes");
}

Result<std::vector<Tensor>> NmsOfData(const EvalCall& call) {
  const Tensor &boxes = call.tensor("dets"), &scores = call.tensor("scores");
  if (!IsFloating(boxes.dtype()) || scores.dtype() != boxes.dtype()) {
    return BadInput("argument 'dets'", std::string(TorchName(boxes.dtype())), "a floating dtype, that of the scores");
  }
  if (boxes.rank() != 2 || boxes.sizes()[1] != 4) return BadInput("argument 'dets'", "sizes " + boxes.sizes().ToString(), "[n,4]");
  if (scores.rank() != 1 || scores.sizes()[0] != boxes.sizes()[0]) {
    return BadInput("argument 'scores'", "sizes " + scores.sizes().ToString(), "[" + std::to_string(boxes.sizes()[0]) + "]");
  }
  const DenseF64 b(boxes.view()), s(scores.view());
  const std::vector<int64_t> kept = kernels::NonMaximumSuppression(boxes.sizes()[0], b.data(), s.data(), call.number("iou_threshold"));
  return std::vector<Tensor>{Tensor::FromValues<int64_t>({static_cast<int64_t>(kept.size())}, kept)};
}

Result<Sizes> RoiSizes(const ShapeCall& call) {
  const TensorSpec &input = call.tensor("input"), &rois = call.tensor("rois");
  FP_RETURN_IF_ERROR(ExpectFloating("input", input));
  FP_RETURN_IF_ERROR(ExpectSameDType("rois", rois, input.dtype));
  if (input.sizes.size() != 4) return BadInput("argument 'input'", "sizes " + ToString(input.sizes), "rank 4");
  if (rois.sizes.size() != 2 || !call.guards.Equal(rois.sizes[1], 5)) {
    return BadInput("argument 'rois'", "sizes " + ToString(rois.sizes), "[k,5]: image number and box");
  }
  for (std::string_view name : {"pooled_height", "pooled_width"}) {
    if (!call.guards.Decide(call.dim(name), Compare::kGe, 1)) {
      return BadInput("argument '" + std::string(name) + "'", call.dim(name).ToString(), "at least 1");
    }
  }
  return Sizes{rois.sizes[0], input.sizes[1], call.dim("pooled_height"), call.dim("pooled_width")};
}

Result<Specs> RoiAlignShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Sizes sizes, RoiSizes(call));
  return Specs{{call.tensor("input").dtype, sizes}};
}

Result<Specs> RoiPoolShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(Sizes sizes, RoiSizes(call));
  return Specs{{call.tensor("input").dtype, sizes}, {DType::kI32, sizes}};
}

Result<kernels::RoiProblem> Problem(const EvalCall& call, const DenseF64& rois) {
  const Dims& in = call.tensor("input").sizes();
  kernels::RoiProblem p;
  p.images = in[0];
  p.channels = in[1];
  p.height = in[2];
  p.width = in[3];
  p.rois = call.tensor("rois").sizes()[0];
  p.out_height = call.integer("pooled_height");
  p.out_width = call.integer("pooled_width");
  p.scale = call.number("spatial_scale");
  if (!std::isfinite(p.scale)) return BadInput("argument 'spatial_scale'", std::to_string(p.scale), "a finite number");
  for (int64_t k = 0; k < p.rois; k++) {
    for (int i = 0; i < 5; i++) {
      const double v = rois[5 * k + i];
      if (!(v > -1e9 && v < 1e9) || (i == 0 && (v < 0 || v >= static_cast<double>(p.images)))) {
        return BadInput("argument 'rois'", std::to_string(v) + " in box " + std::to_string(k),
                        i == 0 ? "an image number in [0," + std::to_string(p.images) + ")" : "a coordinate near the image");
      }
    }
  }
  return p;
}

constexpr double kMaxSamples = 4096;  // a side of a bin; a box as wide as a large image in one bin has as many

Status RoiAlignEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("input").view()), rois(call.tensor("rois").view());
  FP_ASSIGN_OR_RETURN(kernels::RoiProblem p, Problem(call, rois));
  p.samples = call.integer("sampling_ratio");
  // A bin of a box is averaged over `samples` places a side, or one a pixel of the feature map.
  double most = static_cast<double>(p.samples);
  for (int64_t k = 0; k < p.rois && p.samples <= 0; k++) {
    most = std::max(most, std::abs((rois[5 * k + 3] - rois[5 * k + 1]) * p.scale) / static_cast<double>(std::max<int64_t>(p.out_width, 1)));
    most = std::max(most, std::abs((rois[5 * k + 4] - rois[5 * k + 2]) * p.scale) / static_cast<double>(std::max<int64_t>(p.out_height, 1)));
  }
  if (!(most <= kMaxSamples)) return LimitExceeded("", std::to_string(most) + " samples a bin", "at most 4096");
  p.aligned = call.boolean("aligned");
  DenseF64Output y(outputs[0].mutable_view());
  kernels::RoiAlign(p, x.data(), rois.data(), y.data());
  return OkStatus();
}

Status RoiPoolEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("input").view()), rois(call.tensor("rois").view());
  FP_ASSIGN_OR_RETURN(const kernels::RoiProblem p, Problem(call, rois));
  DenseF64Output y(outputs[0].mutable_view());
  kernels::RoiPool(p, x.data(), rois.data(), y.data(), outputs[1].mutable_view().as<int32_t>());
  return OkStatus();
}

}  // namespace

const OpDef op_nms = {
    .name = "nms",
    .torch = {"torch.ops.torchvision.nms"},
    .params = "Tensor dets, Tensor scores, float iou_threshold",
    .shape = NmsShape,
    .data_dependent = NmsOfData,
    .inplace = false,
    .examples = {"f32[9,4]>0, f32[9], 0.2", "f32[0,4], f32[0], 0.5"},
    .doc = "Indices of the boxes that greedy non-maximum suppression keeps, by falling score.",
};

const OpDef op_roi_align = {
    .name = "roi_align",
    .torch = {"torch.ops.torchvision.roi_align"},
    .params = "Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, int sampling_ratio, bool aligned",
    .shape = RoiAlignShape,
    .eval = RoiAlignEval,
    .inplace = false,
    .examples = {"f32[7,3,6,9], f32[4,5]<7, 1.0, 2, 3, 2, False", "f32[3,2,30,25], f32[1,5]<52, 0.5, 3, 2, -1, True"},
    .doc = "The mean of bilinear samples in each bin of each box.",
};

const OpDef op_roi_pool = {
    .name = "roi_pool",
    .torch = {"torch.ops.torchvision.roi_pool"},
    .params = "Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width",
    .returns = "(Tensor output, Tensor argmax)",
    .shape = RoiPoolShape,
    .eval = RoiPoolEval,
    .inplace = false,
    .examples = {"f32[7,3,6,9], f32[4,5]<7, 1.0, 2, 3"},
    .doc = "The maximum over each bin of each box, bins rounded to whole elements.",
};

}  // namespace fusepack::ops
