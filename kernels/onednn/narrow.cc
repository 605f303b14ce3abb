// Scales. oneDNN computes post(output_scale[k] * (sum + bias[k])) with the post-operations in order, then rounds and clamps
// to y's type. With x = sx * X, w = sw[k] * W, addend = sa * A and y = sy * Y that is, in real units, output_scale = sx * sw[k],
// bias / (sx * sw[k]), a sum post-operation scaled by sa, and a last post-operation that multiplies by 1 / sy. Where
// nothing but relu stands behind the sum, 1 / sy goes into the output scale and the addend's scale instead, since relu
// commutes with a positive factor; and a u8 result needs no relu at all, since clamping to 0 is one.
#include "kernels/onednn/narrow.h"

#include <cstring>

#include "kernels/base/cpu_features.h"

namespace fusepack::kernels {
namespace {

using Type = dnnl::memory::data_type;

Type ToDnnl(DType dtype) {
  switch (dtype) {
    case DType::kBF16: return Type::bf16;
    case DType::kU8: return Type::u8;
    case DType::kI8: return Type::s8;
    default: return Type::f32;
  }
}

dnnl::memory::desc Desc(const Dims& sizes, DType dtype, const Dims& strides) {
  return {kernels::ToDnnl(sizes), ToDnnl(dtype), kernels::ToDnnl(strides)};
}

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

bool IsRelu(const Epilogue& e) {
  return e.kind == Epilogue::Kind::kEltwise && e.function == dnnl::algorithm::eltwise_relu && e.alpha == 0;
}

// Attributes for the epilogues; scales: of the weights, or null for bf16.
dnnl::primitive_attr Attributes(const std::vector<Epilogue>& epilogues, const NarrowCodings& codings, const float* scales, int64_t rows) {
  bool homogeneous = true;
  for (const Epilogue& e : epilogues) homogeneous &= e.kind == Epilogue::Kind::kAddOutput || IsRelu(e);
  const float early = homogeneous ? 1 / codings.y.scale : 1;
  dnnl::primitive_attr attributes;
  dnnl::post_ops ops;
  for (size_t i = 0; i < epilogues.size(); i++) {
    const Epilogue& e = epilogues[i];
    if (e.kind == Epilogue::Kind::kAddOutput) {
      ops.append_sum(codings.addend.scale * early, ToDnnl(codings.addend.dtype));
    } else if (!(IsRelu(e) && i + 1 == epilogues.size() && codings.y.dtype == DType::kU8)) {
      ops.append_eltwise(1.0f, e.function, e.alpha, e.beta);
    }
  }
  if (!homogeneous && codings.y.integer()) ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_linear, 1 / codings.y.scale, 0);
  attributes.set_post_ops(ops);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (scales != nullptr) {
    std::vector<float> output(rows);
    for (int64_t k = 0; k < rows; k++) output[k] = codings.x.scale * scales[k] * early;
    attributes.set_output_scales(1 << 1, output);
  }
  return attributes;
}

Status CheckCodings(const NarrowCodings& codings, const NarrowWeights& w) {
  if (codings.x.integer() ? !HasInt8Products() || !w.codes : codings.x.dtype != DType::kBF16 || !HasBf16Products()) {
    return Unsupported("oneDNN", "no instructions for " + std::string(ShortName(codings.x.dtype)));
  }
  if (!codings.x.integer() && codings.y.integer()) return Unsupported("oneDNN", "integers from bf16");
  return OkStatus();
}

}  // namespace

bool HasBf16Products() { return DetectCpuLevel() >= CpuLevel::kAvx512 && __builtin_cpu_supports("avx512bf16"); }
bool HasInt8Products() { return DetectCpuLevel() >= CpuLevel::kAvx512 && __builtin_cpu_supports("avx512vnni"); }

void NarrowProduct::Pack(const NarrowCodings& codings, const Dims& w_sizes, const dnnl::memory::desc& wanted, const NarrowWeights& w,
                         const float* b, const dnnl::memory::desc& b_desc, int64_t rows) {
  const dnnl::engine& engine = OneDnnEngine();
  const bool integer = codings.x.integer();
  const void* from = integer ? static_cast<const void*>(w.codes) : w.values;
  dnnl::memory source(Desc(w_sizes, integer ? DType::kI8 : DType::kF32, ContiguousStrides(w_sizes)), engine, const_cast<void*>(from));
  weights_ = dnnl::memory(wanted, engine);
  packed_bytes_ = static_cast<int64_t>(wanted.get_size());
  dnnl::stream stream(engine);
  dnnl::reorder(source, weights_).execute(stream, source, weights_);
  stream.wait();
  if (b == nullptr) return;
  bias_ = dnnl::memory(b_desc, engine);
  float* to = static_cast<float*>(bias_.get_data_handle());
  for (int64_t k = 0; k < rows; k++) to[k] = integer ? b[k] / (codings.x.scale * w.scales[k]) : b[k];
}

Result<std::unique_ptr<NarrowProduct>> NarrowProduct::CreateConvolution(const ConvolutionProblem& problem, const NarrowCodings& codings,
                                                                        const NarrowWeights& w, const float* b) {
  FP_RETURN_IF_ERROR(CheckCodings(codings, w));
  auto out = std::make_unique<NarrowProduct>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = Desc(problem.x, codings.x.dtype, ChannelsLast(problem.x));
    out->y_desc_ = Desc(problem.y, codings.y.dtype, ChannelsLast(problem.y));
    Dims w_sizes = problem.w;
    if (problem.groups > 1) {
      w_sizes[0] /= problem.groups;
      w_sizes.insert(0, problem.groups);
    }
    Dims dilation = problem.dilation;
    for (int64_t& d : dilation) d -= 1;
    const dnnl::memory::desc w_desc(kernels::ToDnnl(w_sizes), codings.x.integer() ? Type::s8 : Type::bf16, dnnl::memory::format_tag::any);
    const dnnl::memory::desc b_desc = b ? Desc({problem.y[1]}, DType::kF32, {1}) : dnnl::memory::desc();
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, out->x_desc_, w_desc, b_desc, out->y_desc_,
        kernels::ToDnnl(problem.stride), kernels::ToDnnl(dilation), kernels::ToDnnl(problem.pad_before), kernels::ToDnnl(problem.pad_after));
    const dnnl::convolution_forward::primitive_desc primitive_desc(
        desc, Attributes(problem.epilogues, codings, codings.x.integer() ? w.scales : nullptr, problem.y[1]), OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::convolution_forward(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = static_cast<int64_t>(out->scratch_desc_.get_size());
    out->Pack(codings, w_sizes, primitive_desc.weights_desc(), w, b, b_desc, problem.y[1]);
  });
  if (!status.ok()) return status;
  if (out->implementation_.starts_with("ref")) return Unsupported("oneDNN", "only its reference convolution");
  return out;
}

Result<std::unique_ptr<NarrowProduct>> NarrowProduct::CreateLinear(const LinearProblem& problem, const NarrowCodings& codings,
                                                                   const NarrowWeights& w, const float* b) {
  FP_RETURN_IF_ERROR(CheckCodings(codings, w));
  auto out = std::make_unique<NarrowProduct>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = Desc({problem.m, problem.k}, codings.x.dtype, {problem.k, 1});
    out->y_desc_ = Desc({problem.m, problem.n}, codings.y.dtype, {problem.n, 1});
    const Dims w_sizes = {problem.n, problem.k};
    const dnnl::memory::desc w_desc(kernels::ToDnnl(w_sizes), codings.x.integer() ? Type::s8 : Type::bf16, dnnl::memory::format_tag::any);
    const dnnl::memory::desc b_desc = b ? Desc({problem.n}, DType::kF32, {1}) : dnnl::memory::desc();
    const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, out->x_desc_, w_desc, b_desc, out->y_desc_);
    const dnnl::inner_product_forward::primitive_desc primitive_desc(
        desc, Attributes(problem.epilogues, codings, codings.x.integer() ? w.scales : nullptr, problem.n), OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::inner_product_forward(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = static_cast<int64_t>(out->scratch_desc_.get_size());
    out->Pack(codings, w_sizes, primitive_desc.weights_desc(), w, b, b_desc, problem.n);
  });
  if (!status.ok()) return status;
  return out;
}

void NarrowProduct::Run(const void* x, void* y, void* scratch) const {
  RunProduct(primitive_, {x_desc_, y_desc_, scratch_desc_, weights_, bias_}, x, y, scratch);
}

Result<std::unique_ptr<NarrowMatMul>> NarrowMatMul::Create(const MatMulProblem& problem, DType x, DType w, DType y) {
  if (!HasBf16Products()) return Unsupported("oneDNN", "no instructions for bf16");
  auto out = std::make_unique<NarrowMatMul>();
  const Status status = CatchDnnl([&] {
    out->x_desc_ = Desc(problem.x, x, problem.x_strides);
    out->w_desc_ = Desc(problem.w, w, problem.w_strides);
    out->y_desc_ = Desc(problem.y, y, problem.y_strides);
    const dnnl::matmul::desc desc(out->x_desc_, out->w_desc_, out->y_desc_);
    const dnnl::matmul::primitive_desc primitive_desc(desc, MakeAttributes({}), OneDnnEngine());
    out->implementation_ = primitive_desc.impl_info_str();
    out->primitive_ = dnnl::matmul(primitive_desc);
    out->scratch_desc_ = primitive_desc.scratchpad_desc();
    out->scratch_bytes_ = static_cast<int64_t>(out->scratch_desc_.get_size());
  });
  if (!status.ok()) return status;
  return out;
}

void NarrowMatMul::Run(const void* x, const void* w, void* y, void* scratch) const {
  const dnnl::engine& engine = OneDnnEngine();
  dnnl::stream stream(engine);
  primitive_.execute(stream, {{DNNL_ARG_SRC, dnnl::memory(x_desc_, engine, const_cast<void*>(x))},
                              {DNNL_ARG_WEIGHTS, dnnl::memory(w_desc_, engine, const_cast<void*>(w))},
                              {DNNL_ARG_DST, dnnl::memory(y_desc_, engine, y)},
                              {DNNL_ARG_SCRATCHPAD, dnnl::memory(scratch_desc_, engine, scratch)}});
  stream.wait();
}

}  // namespace fusepack::kernels
