#include "kernels/base/dtype.h"

#include <algorithm>

#include "kernels/base/check.h"

namespace fusepack {
namespace {

struct Row {
  size_t item_size;
  std::string_view short_name, torch_name, numpy_descr;
  int category;
};

constexpr Row kRows[] = {
#define X(name, type, short_name, torch_name, descr, category) {sizeof(type), short_name, torch_name, descr, category},
    FUSEPACK_DTYPES(X)
#undef X
};
static_assert(sizeof(kRows) / sizeof(kRows[0]) == kDTypeCount);

const Row& RowOf(DType dtype) {
  FP_CHECK_LT(static_cast<int>(dtype), kDTypeCount);
  return kRows[static_cast<int>(dtype)];
}

}  // namespace

size_t ItemSize(DType dtype) { return RowOf(dtype).item_size; }
std::string_view ShortName(DType dtype) { return RowOf(dtype).short_name; }
std::string_view TorchName(DType dtype) { return RowOf(dtype).torch_name; }
std::string_view NumpyDescr(DType dtype) { return RowOf(dtype).numpy_descr; }
int Category(DType dtype) { return RowOf(dtype).category; }

std::optional<DType> DTypeFromShortName(std::string_view name) {
  for (int i = 0; i < kDTypeCount; i++) {
    if (kRows[i].short_name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::optional<DType> DTypeFromTorchName(std::string_view name) {
  for (int i = 0; i < kDTypeCount; i++) {
    if (kRows[i].torch_name == name) return static_cast<DType>(i);
  }
  static constexpr std::pair<std::string_view, DType> kAliases[] = {
      {"float", DType::kF32}, {"double", DType::kF64}, {"half", DType::kF16}, {"long", DType::kI64},
      {"int", DType::kI32},   {"short", DType::kI16},  {"cfloat", DType::kC64}, {"cdouble", DType::kC128},
  };
  for (const auto& [alias, dtype] : kAliases) {
    if (alias == name) return dtype;
  }
  return std::nullopt;
}

DType PromoteTypes(DType a, DType b) {
  if (a == b) return a;
  if (Category(a) != Category(b)) {
    // The higher category wins; a complex result of f64 with c64 is c128.
    DType high = Category(a) > Category(b) ? a : b, low = Category(a) > Category(b) ? b : a;
    return high == DType::kC64 && low == DType::kF64 ? DType::kC128 : high;
  }
  // Within a category: u8 with a signed type is the next signed type that holds both; f16 with bf16 is f32.
  if ((a == DType::kU8 && b == DType::kI8) || (a == DType::kI8 && b == DType::kU8)) return DType::kI16;
  if ((a == DType::kF16 && b == DType::kBF16) || (a == DType::kBF16 && b == DType::kF16)) return DType::kF32;
  return std::max(a, b);
}

}  // namespace fusepack
