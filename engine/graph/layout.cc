#include "engine/graph/layout.h"

namespace fusepack {
namespace {

bool Constant(const Value& value) {
  for (const Dim& d : value.sizes) {
    if (!d.is_constant()) return false;
  }
  return true;
}

}  // namespace

Dims ChannelsLastStrides(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  int64_t step = std::max<int64_t>(sizes[1], 1);
  for (int d = sizes.size() - 1; d >= 0; d--) {
    if (d == 1) continue;
    strides[d] = step;
    step *= std::max<int64_t>(sizes[d], 1);
  }
  return strides;
}

bool IsChannelsLast(const Dims& sizes, const Dims& strides) {
  if (sizes.size() < 3 || sizes.size() > 5) return false;
  const Dims expected = ChannelsLastStrides(sizes);
  for (int d = 0; d < sizes.size(); d++) {
    if (sizes[d] != 1 && strides[d] != expected[d]) return false;
  }
  return true;
}

Dims StridesOf(const Value& value) {
  return value.strides.empty() ? ContiguousStrides(ToDims(value.sizes)) : Dims(value.strides);
}

bool IsChannelsLast(const Value& value) {
  return Constant(value) && IsChannelsLast(ToDims(value.sizes), StridesOf(value));
}

bool IsRowMajor(const Value& value) {
  return value.strides.empty() || (Constant(value) && IsContiguous(ToDims(value.sizes), Dims(value.strides)));
}

void SetStrides(Value& value, const Dims& strides) {
  value.strides.clear();
  if (!IsContiguous(ToDims(value.sizes), strides)) value.strides = strides.ToVector();
}

}  // namespace fusepack
