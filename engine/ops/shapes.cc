#include "engine/ops/shapes.h"

#include <algorithm>

#include "engine/ops/outputs.h"

namespace fusepack {

Result<int> WrapDim(int64_t dim, int rank) {
  const int64_t bound = std::max(rank, 1);
  if (dim < -bound || dim >= bound) {
    return BadInput("", "dimension " + std::to_string(dim) + " out of range",
                    "one in [" + std::to_string(-bound) + ", " + std::to_string(bound - 1) + "]");
  }
  return static_cast<int>(dim < 0 ? dim + bound : dim);
}

Result<std::vector<int>> WrapDims(const std::vector<int64_t>& dims, int rank, bool empty_means_all) {
  std::vector<int> out;
  if (dims.empty() && empty_means_all) {
    for (int d = 0; d < rank; d++) out.push_back(d);
    return out;
  }
  for (int64_t dim : dims) {
    FP_ASSIGN_OR_RETURN(int d, WrapDim(dim, rank));
    if (std::find(out.begin(), out.end(), d) != out.end()) {
      return BadInput("", "dimension " + std::to_string(dim) + " named twice", "different dimensions");
    }
    if (rank > 0) out.push_back(d);
  }
  return out;
}

namespace {

Result<Dim> BroadcastOne(const Dim& a, const Dim& b, Guards& guards) {
  if (a.is(1) || SameExpr(a, b)) return b;
  if (b.is(1)) return a;
  if (guards.Equal(a, b)) return b.is_constant() ? b : a;
  // They differ for the example: only a symbolic size that happens to be 1 can still stretch.
  if (a.hint() == 1 && !a.is_constant()) {
    guards.Pin(a);
    return b;
  }
  if (b.hint() == 1 && !b.is_constant()) {
    guards.Pin(b);
    return a;
  }
  return BadInput("", "sizes " + a.ToString() + " and " + b.ToString(), "sizes that broadcast");
}

}  // namespace

Result<Sizes> BroadcastSizes(const Sizes& a, const Sizes& b, Guards& guards) {
  const Sizes &longer = a.size() >= b.size() ? a : b, &shorter = a.size() >= b.size() ? b : a;
  Sizes out = longer;
  const size_t lead = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); i++) {
    Result<Dim> one = BroadcastOne(longer[lead + i], shorter[i], guards);
    if (!one.ok()) return WithPlace(one.status(), ToString(a) + " with " + ToString(b));
    out[lead + i] = *one;
  }
  return out;
}

Result<Sizes> BroadcastSizes(std::span<const Sizes> all, Guards& guards) {
  Sizes out;
  for (const Sizes& sizes : all) {
    FP_ASSIGN_OR_RETURN(out, BroadcastSizes(out, sizes, guards));
  }
  return out;
}

Dim NumelOf(const Sizes& sizes) {
  Dim n = 1;
  for (const Dim& d : sizes) n = n * d;
  return n;
}

void Promotion::Merge(std::optional<DType>* to, DType dtype) { *to = *to ? PromoteTypes(**to, dtype) : dtype; }

void Promotion::AddTensor(DType dtype, int rank) { Merge(rank > 0 ? &dimension_ : &zero_, dtype); }

void Promotion::AddScalar(const Arg& scalar) {
  Merge(&scalar_, std::holds_alternative<bool>(scalar)  ? DType::kBool
                  : std::holds_alternative<Dim>(scalar) ? DType::kI64
                                                        : kDefaultFloat);
}

DType Promotion::Result() const {
  std::optional<DType> result = scalar_;
  for (const std::optional<DType>& higher : {zero_, dimension_}) {
    if (!higher) continue;
    if (result && Category(*result) > Category(*higher)) result = PromoteTypes(*result, *higher);
    else result = higher;
  }
  return result.value_or(kDefaultFloat);
}

Status CheckOutputs(std::span<const TensorSpec> outputs) {
  for (const TensorSpec& spec : outputs) {
    if (spec.sizes.size() > size_t{kMaxRank}) {
      return LimitExceeded("", "a result of " + std::to_string(spec.sizes.size()) + " dimensions", "at most " + std::to_string(kMaxRank));
    }
    for (const Dim& d : spec.sizes) {
      if (d.hint() < 0) return BadInput("", "a result of sizes " + ToString(spec.sizes), "sizes of at least 0");
    }
  }
  return OkStatus();
}

Status CheckOperands(const OpDef& op, std::span<const TensorSpec> operands) {
  if (op.view != nullptr || op.name == "clone") return OkStatus();
  for (const TensorSpec& spec : operands) FP_RETURN_IF_ERROR(CheckReal(spec.dtype));
  return OkStatus();
}

Status CheckReal(DType dtype) {
  if (Category(dtype) < 3) return OkStatus();
  return BadInput("", "elements of type " + std::string(TorchName(dtype)), "real elements");
}

}  // namespace fusepack
