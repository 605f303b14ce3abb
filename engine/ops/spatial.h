// What operators over images share: tensors of [batch,] channels and one to three spatial dimensions, windows that
// slide over them, and the conditions on both. Pure functions; errors are PyTorch's conditions in one line.
#pragma once

#include <array>
#include <string>

#include "engine/ops/op.h"

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

inline std::string Describe(const TensorSpec& spec) {
  return std::string(ShortName(spec.dtype)) + ToString(spec.sizes);
}

inline Status ExpectFloating(std::string_view name, const TensorSpec& spec) {
  if (IsFloating(spec.dtype)) return OkStatus();
  return BadInput("argument '" + std::string(name) + "'", std::string(TorchName(spec.dtype)), "a floating dtype");
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

// A dimension argument that counts from the end when negative. Rank 0 counts as rank 1.
inline Result<int> WrapDim(int64_t dim, int rank) {
  const int64_t n = rank == 0 ? 1 : rank;
  if (dim < -n || dim >= n) {
    return BadInput("argument 'dim'", std::to_string(dim), "in [" + std::to_string(-n) + "," + std::to_string(n - 1) + "]");
  }
  return static_cast<int>(dim < 0 ? dim + n : dim);
}

}  // namespace fusepack::ops
