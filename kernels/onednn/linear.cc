// oneDNN's inner product for constant weights (it chooses a packed layout for them, which pays at small m, where the
// weights stream from memory), and its matmul for the rest.
#include "kernels/onednn/linear.h"

#include <cstring>

namespace fusepack::kernels {

Result<std::unique_ptr<Linear>> Linear::Create(const LinearProblem& problem, const float* w, const float* b) {
  auto out = std::make_unique<Linear>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = MakeDesc({problem.m, problem.k}, {problem.k, 1});
    out->y_desc_ = MakeDesc({problem.m, problem.n}, {problem.n, 1});
    const Dims w_sizes = {problem.n, problem.k}, w_strides = {problem.w_stride_n, problem.w_stride_k};
    const dnnl::memory::desc b_desc = b ? MakeDesc({problem.n}, {1}) : dnnl::memory::desc();
    const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, out->x_desc_, AnyDesc(w_sizes), b_desc,
                                                 out->y_desc_);
    const dnnl::inner_product_forward::primitive_desc primitive_desc(desc, MakeAttributes(problem.epilogues),
                                                                     OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::inner_product_forward(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = out->scratch_desc_.get_size();
    const dnnl::memory::desc given = MakeDesc(w_sizes, w_strides);
    if (given == primitive_desc.weights_desc()) {
      // Already as the primitive wants them: use the caller's memory, which outlives the plan.
      out->weights_ = dnnl::memory(given, OneDnnEngine(), const_cast<float*>(w));
    } else {
      out->packed_bytes_ = primitive_desc.weights_desc().get_size();
      out->weights_ = Pack(w, w_sizes, w_strides, primitive_desc.weights_desc());
    }
    if (b) {
      out->bias_ = dnnl::memory(b_desc, OneDnnEngine());
      std::memcpy(out->bias_.get_data_handle(), b, b_desc.get_size());
    }
  });
  if (!status.ok()) return status;
  return out;
}

void Linear::Run(const float* x, float* y, void* scratch) const {
  RunProduct(primitive_, {x_desc_, y_desc_, scratch_desc_, weights_, bias_}, x, y, scratch);
}

Result<std::unique_ptr<MatMul>> MatMul::Create(const MatMulProblem& problem) {
  auto out = std::make_unique<MatMul>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = MakeDesc(problem.x, problem.x_strides);
    out->w_desc_ = MakeDesc(problem.w, problem.w_strides);
    out->y_desc_ = MakeDesc(problem.y, problem.y_strides);
    const dnnl::matmul::desc desc(out->x_desc_, out->w_desc_, out->y_desc_);
    const dnnl::matmul::primitive_desc primitive_desc(desc, MakeAttributes({}), OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::matmul(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = out->scratch_desc_.get_size();
  });
  if (!status.ok()) return status;
  return out;
}

void MatMul::Run(const float* x, const float* w, float* y, void* scratch) const {
  const dnnl::engine& engine = OneDnnEngine();
  dnnl::stream stream(engine);
  primitive_.execute(stream, {{DNNL_ARG_SRC, dnnl::memory(x_desc_, engine, const_cast<float*>(x))},
                              {DNNL_ARG_WEIGHTS, dnnl::memory(w_desc_, engine, const_cast<float*>(w))},
                              {DNNL_ARG_DST, dnnl::memory(y_desc_, engine, y)},
                              {DNNL_ARG_SCRATCHPAD, dnnl::memory(scratch_desc_, engine, scratch)}});
  stream.wait();
}

}  // namespace fusepack::kernels
