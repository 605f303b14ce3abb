// Sampling at computed places, and the grids of places that affine maps give.
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/resample/resample.h"

namespace fusepack::ops {
namespace {

Result<Specs> GridSampleShape(const ShapeCall& call) {
  const TensorSpec &input = call.tensor("input"), &grid = call.tensor("grid");
  Guards& guards = call.guards;
  const size_t rank = input.sizes.size();
  FP_RETURN_IF_ERROR(ExpectFloating("input", input));
  FP_RETURN_IF_ERROR(ExpectSameDType("grid", grid, input.dtype));
  if ((rank != 4 && rank != 5) || grid.sizes.size() != rank) {
    return BadInput("", "input " + ToString(input.sizes) + " and grid " + ToString(grid.sizes), "both of rank 4 or both of rank 5");
  }
  const int64_t spatial = static_cast<int64_t>(rank) - 2;
  if (!guards.Equal(input.sizes[0], grid.sizes[0]) || !guards.Equal(grid.sizes[rank - 1], spatial)) {
    return BadInput("argument 'grid'", "sizes " + ToString(grid.sizes), "the input's batch first and " + std::to_string(spatial) + " last");
  }
  for (size_t d = 2; d < rank; d++) {
    if (!guards.Decide(input.sizes[d], Compare::kGe, 1)) {
      return BadInput("argument 'input'", "sizes " + ToString(input.sizes), "no empty spatial dimension");
    }
  }
  const int64_t interpolation = guards.Pin(call.dim("interpolation_mode")), padding = guards.Pin(call.dim("padding_mode"));
  if (interpolation < 0 || interpolation > (spatial == 2 ? 2 : 1)) {
    return BadInput("argument 'interpolation_mode'", std::to_string(interpolation), "0 (bilinear), 1 (nearest) or, for images, 2 (bicubic)");
  }
  if (padding < 0 || padding > 2) return BadInput("argument 'padding_mode'", std::to_string(padding), "0 (zeros), 1 (border) or 2 (reflection)");
  TensorSpec out = input;
  for (int64_t d = 0; d < spatial; d++) out.sizes[2 + d] = grid.sizes[1 + d];
  return Specs{out};
}

Status GridSampleEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& input = call.tensor("input");
  kernels::GridProblem p;
  p.images = input.sizes()[0];
  p.channels = input.sizes()[1];
  p.spatial = input.rank() - 2;
  p.in = LastSizes(input.sizes(), p.spatial);
  p.out = LastSizes(outputs[0].sizes(), p.spatial);
  p.interpolation = static_cast<kernels::GridInterpolation>(call.integer("interpolation_mode"));
  p.padding = static_cast<kernels::GridPadding>(call.integer("padding_mode"));
  p.align_corners = call.boolean("align_corners");
  const DenseF64 x(input.view()), grid(call.tensor("grid").view());
  DenseF64Output y(outputs[0].mutable_view());
  kernels::GridSample(p, x.data(), grid.data(), y.data());
  return OkStatus();
}

Result<Specs> AffineGridShape(const ShapeCall& call) {
  const TensorSpec& theta = call.tensor("theta");
  const std::vector<Dim>& size = call.dims("size");
  FP_RETURN_IF_ERROR(ExpectFloating("theta", theta));
  if (size.size() != 4 && size.size() != 5) return BadInput("argument 'size'", ToString(size), "4 or 5 numbers");
  const int64_t spatial = static_cast<int64_t>(size.size()) - 2;
  if (theta.sizes.size() != 3 || !call.guards.Equal(theta.sizes[0], size[0]) || !call.guards.Equal(theta.sizes[1], spatial) ||
      !call.guards.Equal(theta.sizes[2], spatial + 1)) {
    return BadInput("argument 'theta'", "sizes " + ToString(theta.sizes),
                    "[" + size[0].ToString() + "," + std::to_string(spatial) + "," + std::to_string(spatial + 1) + "]");
  }
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "size", 1));
  std::vector<Dim> out = {size[0]};
  out.insert(out.end(), size.begin() + 2, size.end());
  out.push_back(spatial);
  return Specs{{theta.dtype, out}};
}

Status AffineGridEval(const EvalCall& call, std::span<Tensor> outputs) {
  const std::vector<int64_t> size = call.integers("size");
  const DenseF64 theta(call.tensor("theta").view());
  DenseF64Output grid(outputs[0].mutable_view());
  kernels::AffineGrid(size[0], static_cast<int>(size.size()) - 2, LastThree({size.begin() + 2, size.end()}, 1),
                      call.boolean("align_corners"), theta.data(), grid.data());
  return OkStatus();
}

}  // namespace

const OpDef op_grid_sampler = {
    .name = "grid_sampler",
    .torch = {"torch.grid_sampler", "torch.grid_sampler_2d", "torch.grid_sampler_3d"},
    .params = "Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners",
    .shape = GridSampleShape,
    .eval = GridSampleEval,
    .inplace = false,
    .examples = {"f32[2,3,4,5], f32[2,6,7,2], 0, 0, False", "f32[2,3,4,5], f32[2,6,7,2], 0, 1, True", "f32[1,2,4,5], f32[1,6,7,2]>0, 0, 2, False",
                 "f32[1,2,4,5], f32[1,6,7,2]>0, 0, 2, True", "f32[2,3,4,5], f32[2,6,7,2]>0, 1, 0, False", "f32[2,3,4,5], f32[2,6,7,2]>0, 1, 2, False",
                 "f32[2,3,4,5], f32[2,6,7,2], 2, 0, False", "f32[2,3,4,5], f32[2,6,7,2]>0, 2, 1, True", "f32[2,3,4,5], f32[2,6,7,2]>0, 2, 2, False",
                 "f32[1,2,3,4,5], f32[1,4,3,2,3]>0, 0, 0, False", "f32[1,2,3,4,5], f32[1,4,3,2,3]>0, 1, 1, True"},
    .doc = "Reads the input at the grid's coordinates (x first, [-1,1] over the image); modes as PyTorch numbers them.",
};

const OpDef op_affine_grid_generator = {
    .name = "affine_grid_generator",
    .torch = {"torch.affine_grid_generator"},
    .params = "Tensor theta, int[] size, bool align_corners",
    .shape = AffineGridShape,
    .eval = AffineGridEval,
    .inplace = false,
    .examples = {"f32[2,2,3], [2,3,4,5], False", "f32[2,2,3], [2,3,4,1], True", "f32[1,3,4], [1,2,3,4,5], False"},
    .doc = "The coordinates of each output element under an affine map, for grid_sampler.",
};

}  // namespace fusepack::ops
