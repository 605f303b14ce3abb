// oneDNN's direct convolutions; its Winograd form is not asked for, because F(4,3) in f32 loses half a digit against
// the plain sum. Both activations are channels-last: on AVX-512 and AVX2 its channels-last kernels run as fast as its
// channel-blocked ones (measured on ResNet18's layers), and everything between convolutions becomes plain loops.
#include "kernels/onednn/convolution.h"

#include <cstring>

namespace fusepack::kernels {
namespace {

Dims ChannelsLast(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  int64_t step = sizes[1];
  for (int d = sizes.size() - 1; d >= 0; d--) {
    if (d == 1) continue;
    strides[d] = step;
    step *= sizes[d];
  }
  return strides;
}

}  // namespace

Result<std::unique_ptr<Convolution>> Convolution::Create(const ConvolutionProblem& problem, const float* w, const float* b) {
  auto out = std::make_unique<Convolution>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = MakeDesc(problem.x, ChannelsLast(problem.x));
    out->y_desc_ = MakeDesc(problem.y, ChannelsLast(problem.y));
    // [K,C/G,R,S] as oneDNN's [G,K/G,C/G,R,S]: the same memory.
    Dims w_sizes = problem.w;
    if (problem.groups > 1) {
      w_sizes[0] /= problem.groups;
      w_sizes.insert(0, problem.groups);
    }
    Dims dilation = problem.dilation;
    for (int64_t& d : dilation) d -= 1;
    const Dims b_sizes = {problem.y[1]};
    const dnnl::memory::desc b_desc = b ? MakeDesc(b_sizes, {1}) : dnnl::memory::desc();
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, out->x_desc_, AnyDesc(w_sizes), b_desc,
        out->y_desc_, ToDnnl(problem.stride), ToDnnl(dilation), ToDnnl(problem.pad_before), ToDnnl(problem.pad_after));
    const dnnl::convolution_forward::primitive_desc primitive_desc(desc, MakeAttributes(problem.epilogues), OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::convolution_forward(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = out->scratch_desc_.get_size();
    out->packed_bytes_ = primitive_desc.weights_desc().get_size();
    out->weights_ = Pack(w, w_sizes, ContiguousStrides(w_sizes), primitive_desc.weights_desc());
    if (b) {
      out->bias_ = dnnl::memory(b_desc, OneDnnEngine());
      std::memcpy(out->bias_.get_data_handle(), b, b_desc.get_size());
    }
  });
  if (!status.ok()) return status;
  if (out->implementation_.starts_with("ref")) return Unsupported("oneDNN", "only its reference convolution");
  return out;
}

void Convolution::Run(const float* x, float* y, void* scratch) const {
  RunProduct(primitive_, {x_desc_, y_desc_, scratch_desc_, weights_, bias_}, x, y, scratch);
}

}  // namespace fusepack::kernels
