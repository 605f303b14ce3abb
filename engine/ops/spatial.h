// What operators over images share: tensors of [batch,] channels and one to three spatial dimensions, windows that
// slide over them, and the conditions on both. Pure functions; errors are PyTorch's conditions in one line.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "engine/ops/op.h"
#include "engine/ops/shapes.h"
#include "kernels/base/dense_f64.h"

namespace fusepack::ops {

using Three = std::array<int64_t, 3>;

// A list argument of up to three numbers as depth, height, width: filled with `fill` in front.
inline Three LastThree(const std::vector<int64_t>& values, int64_t fill) {
  Three out = {fill, fill, fill};
  for (size_t i = 0; i < values.size(); i++) out[3 - values.size() + i] = values[i];
  return out;
}

// The last `spatial` sizes as depth, height, width, with 1 in front.
inline Three LastSizes(const Dims& sizes, int spatial) {
  Three out = {1, 1, 1};
  for (int i = 0; i < spatial; i++) out[3 - spatial + i] = sizes[sizes.size() - spatial + i];
  return out;
}

inline Status ExpectFloating(std::string_view name, const TensorSpec& spec) {
  if (IsFloating(spec.dtype)) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", std::string(TorchName(spec.dtype)), "a floating dtype");
}

// Any real dtype but bool.
inline Status ExpectNumbers(std::string_view name, const TensorSpec& spec) {
  if (Category(spec.dtype) == 1 || Category(spec.dtype) == 2) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", std::string(TorchName(spec.dtype)), "an integer or floating dtype");
}

inline Status ExpectSameDType(std::string_view name, const TensorSpec& spec, DType dtype) {
  if (spec.dtype == dtype) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", std::string(TorchName(spec.dtype)),
                  std::string(TorchName(dtype)) + ", the input's dtype");
}

// Rank `spatial` + 1 (no batch) or + 2.
inline Status ExpectImage(std::string_view name, const TensorSpec& spec, int spatial) {
  const int rank = static_cast<int>(spec.sizes.size());
  if (rank == spatial + 1 || rank == spatial + 2) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", "a tensor of sizes " + ToString(spec.sizes),
                  "rank " + std::to_string(spatial + 1) + " (unbatched) or " + std::to_string(spatial + 2) + " (batched)");
}

// Every element of a list argument at least `least`; symbolic ones by guard.
inline Status ExpectAtLeast(const ShapeCall& call, std::string_view name, int64_t least) {
  for (const Dim& d : call.dims(name)) {
    if (!call.guards.Decide(d, Compare::kGe, least)) {
      return BadInput("argument '" + std::string(name) + "'", d.ToString(), "at least " + std::to_string(least));
    }
  }
  return OkStatus();
}

// A per-channel vector such as a bias or a running mean.
inline Status ExpectVector(const ShapeCall& call, std::string_view name, const Dim& size) {
  if (!call.has(name)) return OkStatus();
  const TensorSpec& spec = call.tensor(name);
  if (spec.sizes.size() == 1 && call.guards.Equal(spec.sizes[0], size)) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", "sizes " + ToString(spec.sizes),
                  "[" + size.ToString() + "], one number a channel");
}

// A list argument of exactly `length` elements.
inline Status ExpectLength(const ShapeCall& call, std::string_view name, int length) {
  const size_t found = call.dims(name).size();
  if (found == static_cast<size_t>(length)) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", std::to_string(found) + " elements", std::to_string(length));
}

// Weights beside a 16-bit input may be of its dtype or f32; otherwise the dtypes are the same.
inline Status ExpectWeightDType(const ShapeCall& call, std::string_view name, DType input) {
  if (!call.has(name) || call.tensor(name).dtype == input) return OkStatus();
  const bool half = input == DType::kF16 || input == DType::kBF16;
  if (half && call.tensor(name).dtype == DType::kF32) return OkStatus();
  return ExpectSameDType(name, call.tensor(name), input);
}

// An optional tensor argument as dense doubles.
class OptionalF64 {
 public:
  OptionalF64(const EvalCall& call, std::string_view name) {
    if (call.has(name)) values_.emplace(call.tensor(name).view());
  }
  const double* data() const { return values_ ? values_->data() : nullptr; }  // nullptr for None

 private:
  std::optional<DenseF64> values_;
};

}  // namespace fusepack::ops
