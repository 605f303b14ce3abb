// Sliding blocks as columns and back: torch.nn.functional.unfold and fold.
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/fold/fold.h"

namespace fusepack::ops {
namespace {

Status CheckWindow(const ShapeCall& call) {
  for (std::string_view name : {"kernel_size", "dilation", "padding", "stride"}) {
    FP_RETURN_IF_ERROR(ExpectLength(call, name, 2));
    FP_RETURN_IF_ERROR(ExpectAtLeast(call, name, name == "padding" ? 0 : 1));
  }
  return OkStatus();
}

// Blocks along dimension d of an image of size `in`.
Result<Dim> Blocks(const ShapeCall& call, int d, const Dim& in) {
  const Dim room = in + Dim(2) * call.dims("padding")[d] - call.dims("dilation")[d] * (call.dims("kernel_size")[d] - 1) - 1;
  if (!call.guards.Decide(room, Compare::kGe, 0)) {
    return BadInput("argument 'self'", "size " + in.ToString() + " in spatial dimension " + std::to_string(d), "room for one block");
  }
  return FloorDiv(room, call.dims("stride")[d]) + 1;
}

Result<Specs> Im2ColShape(const ShapeCall& call) {
  TensorSpec x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  FP_RETURN_IF_ERROR(ExpectImage("self", x, 2));
  FP_RETURN_IF_ERROR(CheckWindow(call));
  const size_t rank = x.sizes.size();
  FP_ASSIGN_OR_RETURN(const Dim rows, Blocks(call, 0, x.sizes[rank - 2]));
  FP_ASSIGN_OR_RETURN(const Dim cols, Blocks(call, 1, x.sizes[rank - 1]));
  x.sizes[rank - 3] = x.sizes[rank - 3] * call.dims("kernel_size")[0] * call.dims("kernel_size")[1];
  x.sizes[rank - 2] = rows * cols;
  x.sizes.pop_back();
  return Specs{x};
}

Result<Specs> Col2ImShape(const ShapeCall& call) {
  TensorSpec x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype));
  const size_t rank = x.sizes.size();
  if (rank != 2 && rank != 3) return BadInput("argument 'self'", "sizes " + ToString(x.sizes), "rank 2 or 3");
  FP_RETURN_IF_ERROR(CheckWindow(call));
  FP_RETURN_IF_ERROR(ExpectLength(call, "output_size", 2));
  FP_RETURN_IF_ERROR(ExpectAtLeast(call, "output_size", 1));
  FP_ASSIGN_OR_RETURN(const Dim rows, Blocks(call, 0, call.dims("output_size")[0]));
  FP_ASSIGN_OR_RETURN(const Dim cols, Blocks(call, 1, call.dims("output_size")[1]));
  if (!call.guards.Equal(x.sizes[rank - 1], rows * cols)) {
    return BadInput("argument 'self'", "sizes " + ToString(x.sizes), (rows * cols).ToString() + " blocks in the last dimension");
  }
  const Dim area = call.dims("kernel_size")[0] * call.dims("kernel_size")[1];
  if (!call.guards.Equal(Mod(x.sizes[rank - 2], area), 0)) {
    return BadInput("argument 'self'", "sizes " + ToString(x.sizes), "channels times " + area.ToString() + " before the blocks");
  }
  x.sizes[rank - 2] = FloorDiv(x.sizes[rank - 2], area);
  x.sizes[rank - 1] = call.dims("output_size")[0];
  x.sizes.push_back(call.dims("output_size")[1]);
  return Specs{x};
}

std::array<int64_t, 2> Two(const EvalCall& call, std::string_view name) {
  const std::vector<int64_t> values = call.integers(name);
  return {values[0], values[1]};
}

// `image` and `columns` are the sizes of either side.
kernels::FoldProblem Problem(const EvalCall& call, const Dims& image) {
  kernels::FoldProblem p;
  const int rank = image.size();
  p.images = rank == 4 ? image[0] : 1;
  p.channels = image[rank - 3];
  p.in = {image[rank - 2], image[rank - 1]};
  p.kernel = Two(call, "kernel_size");
  p.stride = Two(call, "stride");
  p.padding = Two(call, "padding");
  p.dilation = Two(call, "dilation");
  for (int d = 0; d < 2; d++) {
    p.out[d] = (p.in[d] + 2 * p.padding[d] - p.dilation[d] * (p.kernel[d] - 1) - 1) / p.stride[d] + 1;
  }
  return p;
}

Status Im2ColEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 x(call.tensor("self").view());
  DenseF64Output y(outputs[0].mutable_view());
  kernels::Im2Col(Problem(call, call.tensor("self").sizes()), x.data(), y.data());
  return OkStatus();
}

Status Col2ImEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 y(call.tensor("self").view());
  DenseF64Output x(outputs[0].mutable_view());
  kernels::Col2Im(Problem(call, outputs[0].sizes()), y.data(), x.data());
  return OkStatus();
}

}  // namespace

const OpDef op_im2col = {
    .name = "im2col",
    .torch = {"torch._C._nn.im2col"},
    .params = "Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride",
    .shape = Im2ColShape,
    .eval = Im2ColEval,
    .inplace = false,
    .examples = {"f32[2,3,5,6], [2,3], [1,1], [0,1], [1,2]", "f32[3,7,6], [3,2], [2,1], [1,0], [2,1]"},
    .doc = "Each block of the kernel's size as a column.",
};

const OpDef op_col2im = {
    .name = "col2im",
    .torch = {"torch._C._nn.col2im"},
    .params = "Tensor self, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride",
    .shape = Col2ImShape,
    .eval = Col2ImEval,
    .inplace = false,
    .examples = {"f32[2,12,6], [3,4], [2,2], [1,1], [0,0], [1,1]", "f32[8,6], [5,5], [2,2], [2,1], [1,0], [2,2]"},
    .doc = "Adds columns up where their blocks overlap: the transpose of im2col.",
};

}  // namespace fusepack::ops
