// What shape functions share: dimension numbers, broadcasting, result dtypes. All errors are kBadInput.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/ops/op.h"

namespace fusepack {

using Sizes = std::vector<Dim>;
using Specs = std::vector<TensorSpec>;

// A dimension number in [-rank, rank) as one in [0, rank). A rank of 0 counts as 1, as in PyTorch.
Result<int> WrapDim(int64_t dim, int rank);
// Each of `dims` wrapped, duplicates refused. `empty_means_all`: [] or None stands for every dimension.
Result<std::vector<int>> WrapDims(const std::vector<int64_t>& dims, int rank, bool empty_means_all);

// The sizes that broadcasting gives: aligned at the right, 1 stretches. A symbolic size meeting a constant 1 stays
// itself; otherwise the two are asked to be equal, and a guard says so.
Result<Sizes> BroadcastSizes(const Sizes& a, const Sizes& b, Guards& guards);
Result<Sizes> BroadcastSizes(std::span<const Sizes> all, Guards& guards);

Dim NumelOf(const Sizes& sizes);

// torch.result_type: tensors with dimensions decide the dtype within a category (bool < integer < floating); 0-d
// tensors, and after them Python scalars, only where they are of a higher category.
class Promotion {
 public:
  void AddTensor(DType dtype, int rank);
  void AddScalar(const Arg& scalar);  // bool, Dim or double
  DType Result() const;

 private:
  static void Merge(std::optional<DType>* to, DType dtype);
  std::optional<DType> dimension_, zero_, scalar_;
};

inline constexpr DType kDefaultFloat = DType::kF32;
inline DType FloatingOf(DType dtype) { return IsIntegral(dtype) ? kDefaultFloat : dtype; }

// Refuses complex operands: elements of these types are carried, never computed on.
Status CheckReal(DType dtype);

}  // namespace fusepack
