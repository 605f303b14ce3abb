// Coding: how an f32 number is stored in fewer bits.
//
//   bf16    rounded to nearest even; scale is 1
//   u8, i8  value = integer * scale; encoding takes the nearest integer (ties to even), clamped to [0,255] or [-127,127]
//   f32     as it is; scale is 1
#pragma once

#include "kernels/base/dtype.h"

namespace fusepack::kernels {

struct Coding {
  DType dtype = DType::kF32;
  float scale = 1;

  bool narrow() const { return dtype != DType::kF32; }
  bool integer() const { return dtype == DType::kU8 || dtype == DType::kI8; }
  friend bool operator==(const Coding&, const Coding&) = default;
};

}  // namespace fusepack::kernels
