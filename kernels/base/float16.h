// Float16 (IEEE binary16) and BFloat16 as storage types: conversion to and from float, round to nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace fusepack {

struct Float16 {
  uint16_t bits = 0;

  Float16() = default;
  explicit Float16(float x) : bits(FromFloat(x)) {}
  explicit operator float() const {
    const uint32_t sign = uint32_t{bits} >> 15 << 31, exponent = bits >> 10 & 31, mantissa = bits & 1023;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;  // subnormal or zero, exact
    return sign ? -magnitude : magnitude;
  }

 private:
  static uint16_t FromFloat(float x) {
    const uint32_t in = std::bit_cast<uint32_t>(x), sign = in >> 16 & 0x8000, magnitude = in & 0x7fffffff;
    if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));  // NaN
    if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // rounds to infinity
    if (magnitude < 0x38800000) {  // subnormal: the addition rounds to a multiple of 2^-24
      const float rounded = std::bit_cast<float>(magnitude) + 0.5f;
      return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(rounded) - 0x3f000000));
    }
    return static_cast<uint16_t>(sign | ((magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13));
  }
};

struct BFloat16 {
  uint16_t bits = 0;

  BFloat16() = default;
  explicit BFloat16(float x) {
    const uint32_t in = std::bit_cast<uint32_t>(x);
    bits = (in & 0x7fffffff) > 0x7f800000 ? static_cast<uint16_t>(in >> 16 | 0x40)
                                          : static_cast<uint16_t>((in + 0x7fff + (in >> 16 & 1)) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

}  // namespace fusepack
