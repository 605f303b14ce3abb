// The output is walked in blocks that fit the first-level cache. For each block every operand is brought into a dense
// buffer of T (or used in place where it is dense T already), the operator's loop runs over the buffers, and the
// result is converted to the output's dtype.
#include "kernels/pointwise/elementwise.h"

#include <algorithm>

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kBlock = 1024;   // elements: 3 operands and the result of 8 bytes are 32 KiB
constexpr int64_t kGrain = 16384;  // elements a thread at least; below, starting threads costs more than it saves

// Copies `n` elements of `view`, from row-major index `begin` on, into `out`.
template <typename T, typename From>
void LoadRun(const TensorView& view, int64_t begin, int64_t n, T* out) {
  const From* data = view.as<From>();
  const int rank = view.rank();
  if (rank == 0) {
    for (int64_t i = 0; i < n; i++) out[i] = ConvertElement<T>(data[0]);
    return;
  }
  Dims index(rank, 0);
  int64_t rest = begin, offset = 0;
  for (int d = rank - 1; d >= 0; d--) {
    index[d] = rest % view.sizes[d];
    rest /= view.sizes[d];
    offset += index[d] * view.strides[d];
  }
  const int last = rank - 1;
  const int64_t step = view.strides[last];
  while (n > 0) {
    const int64_t run = std::min(n, view.sizes[last] - index[last]);
    const From* from = data + offset;
    if (step == 1) {
      for (int64_t i = 0; i < run; i++) out[i] = ConvertElement<T>(from[i]);
    } else {
      for (int64_t i = 0; i < run; i++) out[i] = ConvertElement<T>(from[i * step]);
    }
    out += run;
    n -= run;
    index[last] += run;
    offset += run * step;
    for (int d = last; d > 0 && index[d] == view.sizes[d]; d--) {
      offset += view.strides[d - 1] - index[d] * view.strides[d];
      index[d] = 0;
      index[d - 1]++;
    }
  }
}

// Neighbouring dimensions that are one run in memory become one.
TensorView Coalesce(const TensorView& view) {
  TensorView out = view;
  out.sizes = {};
  out.strides = {};
  for (int d = 0; d < view.rank(); d++) {
    if (view.sizes[d] == 1) continue;
    const int last = out.rank() - 1;
    if (last >= 0 && out.strides[last] == view.sizes[d] * view.strides[d]) {
      out.sizes[last] *= view.sizes[d];
      out.strides[last] = view.strides[d];
    } else {
      out.sizes.push_back(view.sizes[d]);
      out.strides.push_back(view.strides[d]);
    }
  }
  return out;
}

}  // namespace

TensorView BroadcastView(const TensorView& view, const Dims& sizes) {
  TensorView out = view;
  out.sizes = sizes;
  out.strides = Dims(sizes.size(), 0);
  const int lead = sizes.size() - view.rank();
  FP_CHECK_GE(lead, 0);
  for (int d = 0; d < view.rank(); d++) {
    FP_CHECK(view.sizes[d] == sizes[lead + d] || view.sizes[d] == 1);
    out.strides[lead + d] = view.sizes[d] == 1 ? 0 : view.strides[d];
  }
  return out;
}

template <typename T>
void Elementwise(ElementLoop<T> loop, std::span<const Operand<T>> operands, const T* scalars, MutableTensorView out) {
  FP_CHECK_LE(operands.size(), size_t{kMaxOperands});
  FP_CHECK(out.contiguous());
  const int64_t n = out.numel();
  Operand<T> ins[kMaxOperands];
  bool in_place[kMaxOperands] = {};
  for (size_t k = 0; k < operands.size(); k++) {
    ins[k] = operands[k];
    if (ins[k].view.data == nullptr) continue;
    in_place[k] = ins[k].view.dtype == DTypeOf<T>() && ins[k].view.contiguous();
    ins[k].view = Coalesce(ins[k].view);
  }
  ParallelFor(n, kGrain, [&](int64_t begin, int64_t end) {
    alignas(64) T buffers[kMaxOperands][kBlock];
    alignas(64) T result[kBlock];
    for (size_t k = 0; k < operands.size(); k++) {
      if (ins[k].view.data == nullptr) std::fill_n(buffers[k], kBlock, ins[k].constant);
    }
    for (int64_t at = begin; at < end; at += kBlock) {
      const int64_t count = std::min(kBlock, end - at);
      const T* in[kMaxOperands] = {};
      for (size_t k = 0; k < operands.size(); k++) {
        in[k] = buffers[k];
        if (ins[k].view.data == nullptr) continue;
        if (in_place[k]) {
          in[k] = ins[k].view.template as<T>() + at;
        } else {
          VisitReal(ins[k].view.dtype, [&](auto t) { LoadRun<T, decltype(t)>(ins[k].view, at, count, buffers[k]); });
        }
      }
      if (out.dtype == DTypeOf<T>()) {
        loop(in, scalars, out.as<T>() + at, count);
        continue;
      }
      loop(in, scalars, result, count);
      VisitReal(out.dtype, [&](auto t) {
        using To = decltype(t);
        To* to = out.as<To>() + at;
        for (int64_t i = 0; i < count; i++) to[i] = ConvertElement<To>(result[i]);
      });
    }
  });
}

template void Elementwise<float>(ElementLoop<float>, std::span<const Operand<float>>, const float*, MutableTensorView);
template void Elementwise<double>(ElementLoop<double>, std::span<const Operand<double>>, const double*, MutableTensorView);
template void Elementwise<int64_t>(ElementLoop<int64_t>, std::span<const Operand<int64_t>>, const int64_t*, MutableTensorView);

}  // namespace fusepack::kernels
