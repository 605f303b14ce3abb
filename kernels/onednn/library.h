// What the oneDNN-backed kernels share: the CPU engine, the instruction set cap, and the epilogues that a convolution
// or a matrix product applies to its result before it is stored.
//
// oneDNN's relu, clip and max lose NaN (they are single max instructions), so a caller that needs NaN kept runs the
// epilogue apart. Kernels here throw nothing: what oneDNN refuses is Unsupported, and the next kernel is tried.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/base/dims.h"
#include "kernels/base/status.h"

namespace fusepack::kernels {

// One step of an epilogue, applied to the accumulator v in order.
struct Epilogue {
  enum class Kind { kAddOutput, kEltwise };
  Kind kind = Kind::kEltwise;
  // kAddOutput: v = v + y, y being what the output buffer held. kEltwise: v = f(v; alpha, beta).
  dnnl::algorithm function = dnnl::algorithm::eltwise_relu;
  float alpha = 0, beta = 0;
};

const dnnl::engine& OneDnnEngine();  // the CPU; made once, thread-safe

// Attributes: the epilogues in order, scratch memory from the caller.
dnnl::primitive_attr MakeAttributes(const std::vector<Epilogue>& epilogues);

dnnl::memory::desc MakeDesc(const Dims& sizes, const Dims& strides);  // f32
dnnl::memory::desc AnyDesc(const Dims& sizes);                        // f32, oneDNN chooses the layout
dnnl::memory::dims ToDnnl(const Dims& dims);

// Runs `body`; a dnnl::error becomes Unsupported("oneDNN", its message).
Status CatchDnnl(const std::function<void()>& body);

// `from` (dense f32 under `sizes` and `strides`) in the layout `wanted`: a copy that oneDNN packs with all threads.
dnnl::memory Pack(const float* from, const Dims& sizes, const Dims& strides, const dnnl::memory::desc& wanted);

// Runs y = primitive(x, weights, bias) on the caller's memory and waits for it; an empty bias is none.
struct ProductMemory {
  const dnnl::memory::desc &x, &y, &scratch;
  const dnnl::memory &weights, &bias;
};
void RunProduct(const dnnl::primitive& primitive, const ProductMemory& memory, const void* x, void* y, void* scratch);

}  // namespace fusepack::kernels
