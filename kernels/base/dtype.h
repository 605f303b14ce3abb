// DType: the element types of tensors, with PyTorch's names and our short ones.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

#include "kernels/base/float16.h"

namespace fusepack {

// X(enumerator, C++ element type, short name, torch name, numpy descr, promotion category)
// Category: 0 bool, 1 integer, 2 floating, 3 complex. f16, bf16 have no numpy or no standard arithmetic type of
// their own; complex elements are carried as data, never computed on. Numbers are part of the package format.
#define FUSEPACK_DTYPES(X) \
  X(kBool, bool, "bool", "bool", "|b1", 0) \
  X(kU8, uint8_t, "u8", "uint8", "|u1", 1) \
  X(kI8, int8_t, "i8", "int8", "|i1", 1) \
  X(kI16, int16_t, "i16", "int16", "<i2", 1) \
  X(kI32, int32_t, "i32", "int32", "<i4", 1) \
  X(kI64, int64_t, "i64", "int64", "<i8", 1) \
  X(kF16, Float16, "f16", "float16", "<f2", 2) \
  X(kBF16, BFloat16, "bf16", "bfloat16", "", 2) \
  X(kF32, float, "f32", "float32", "<f4", 2) \
  X(kF64, double, "f64", "float64", "<f8", 2) \
  X(kC64, std::complex<float>, "c64", "complex64", "<c8", 3) \
  X(kC128, std::complex<double>, "c128", "complex128", "<c16", 3)

enum class DType : uint8_t {
#define X(name, ...) name,
  FUSEPACK_DTYPES(X)
#undef X
};

inline constexpr int kDTypeCount = 12;

size_t ItemSize(DType dtype);             // bytes an element
std::string_view ShortName(DType dtype);  // "f32"
std::string_view TorchName(DType dtype);  // "float32"
std::string_view NumpyDescr(DType dtype); // "<f4"; "" where numpy has none
int Category(DType dtype);                // 0 bool, 1 integer, 2 floating, 3 complex

inline bool IsFloating(DType dtype) { return Category(dtype) == 2; }
inline bool IsIntegral(DType dtype) { return Category(dtype) <= 1; }

std::optional<DType> DTypeFromShortName(std::string_view name);
// Also takes PyTorch's aliases: "float", "double", "half", "long", "int", "short".
std::optional<DType> DTypeFromTorchName(std::string_view name);

// torch.promote_types.
DType PromoteTypes(DType a, DType b);

// DTypeOf<float>() == DType::kF32.
template <typename T>
constexpr DType DTypeOf();
#define X(name, type, ...) \
  template <> \
  constexpr DType DTypeOf<type>() { \
    return DType::name; \
  }
FUSEPACK_DTYPES(X)
#undef X

inline std::ostream& operator<<(std::ostream& out, DType dtype) { return out << ShortName(dtype); }

}  // namespace fusepack
