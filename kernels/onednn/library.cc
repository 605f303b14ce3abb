#include "kernels/onednn/library.h"

#include "kernels/base/cpu_features.h"

namespace fusepack::kernels {
namespace {

// FUSEPACK_CPU caps oneDNN too; only the first call before any primitive counts.
void CapInstructionSet() {
  switch (DetectCpuLevel()) {
    case CpuLevel::kBaseline: dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41); break;
    case CpuLevel::kAvx2: dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2); break;
    case CpuLevel::kAvx512: dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_bf16); break;
    case CpuLevel::kAmx: break;
  }
}

}  // namespace

const dnnl::engine& OneDnnEngine() {
  static const dnnl::engine engine = [] {
    CapInstructionSet();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return engine;
}

dnnl::primitive_attr MakeAttributes(const std::vector<Epilogue>& epilogues) {
  dnnl::post_ops ops;
  for (const Epilogue& e : epilogues) {
    if (e.kind == Epilogue::Kind::kAddOutput) {
      ops.append_sum(1.0f);
    } else {
      ops.append_eltwise(1.0f, e.function, e.alpha, e.beta);
    }
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::memory::dims ToDnnl(const Dims& dims) { return {dims.begin(), dims.end()}; }

dnnl::memory::desc MakeDesc(const Dims& sizes, const Dims& strides) {
  return {ToDnnl(sizes), dnnl::memory::data_type::f32, ToDnnl(strides)};
}

dnnl::memory::desc AnyDesc(const Dims& sizes) {
  return {ToDnnl(sizes), dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
}

Status CatchDnnl(const std::function<void()>& body) {
  try {
    body();
    return OkStatus();
  } catch (const dnnl::error& error) {
    return Unsupported("oneDNN", error.what());
  }
}

dnnl::memory Pack(const float* from, const Dims& sizes, const Dims& strides, const dnnl::memory::desc& wanted) {
  const dnnl::engine& engine = OneDnnEngine();
  dnnl::memory source(MakeDesc(sizes, strides), engine, const_cast<float*>(from));
  dnnl::memory packed(wanted, engine);
  dnnl::stream stream(engine);
  dnnl::reorder(source, packed).execute(stream, source, packed);
  stream.wait();
  return packed;
}

void RunProduct(const dnnl::primitive& primitive, const ProductMemory& memory, const void* x, void* y, void* scratch) {
  const dnnl::engine& engine = OneDnnEngine();
  dnnl::stream stream(engine);
  std::unordered_map<int, dnnl::memory> args = {
      {DNNL_ARG_SRC, dnnl::memory(memory.x, engine, const_cast<void*>(x))},
      {DNNL_ARG_WEIGHTS, memory.weights},
      {DNNL_ARG_DST, dnnl::memory(memory.y, engine, y)},
      {DNNL_ARG_SCRATCHPAD, dnnl::memory(memory.scratch, engine, scratch)}};
  if (memory.bias) args.emplace(DNNL_ARG_BIAS, memory.bias);
  primitive.execute(stream, args);
  stream.wait();
}

}  // namespace fusepack::kernels
