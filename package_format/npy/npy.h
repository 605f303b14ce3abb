// .npy files (NumPy's NEP 1 format, versions 1.0, 2.0 and 3.0) in and out.
//
//   bool |b1, u8 |u1, i8 |i1, i16 <i2, i32 <i4, i64 <i8, f16 <f2, f32 <f4, f64 <f8, c64 <c8, c128 <c16
//
// Both memory orders and both byte orders are read; little-endian C order is written. bf16 has no .npy form.
// Errors: kBadInput for a malformed file or another dtype, kIo for the file system; they name the file.
#pragma once

#include <memory>
#include <string>

#include "engine/tensor.h"
#include "kernels/base/status.h"
#include "package_format/mapped_file.h"

namespace fusepack::npy {

inline constexpr size_t kMaxHeaderBytes = 65536;

// A little-endian array is not copied: the tensor is a read-only view of the mapped file (column-major strides for
// Fortran order). What needs a change (byte order, alignment) is in fresh memory.
Result<Tensor> ReadNpy(const std::string& path);
Result<Tensor> ParseNpy(std::shared_ptr<const MappedFile> file);

// Any strides; written row-major, crash-safe (package_format/atomic_write.h), the same bytes that numpy.save writes.
Status WriteNpy(const std::string& path, const Tensor& tensor);

// What stands before the elements, as NumPy writes it. Its length does not depend on the first size, so that an array may
// grow by rows and have its header written again. REQUIRES: a dtype with a .npy form.
std::string NpyHeader(DType dtype, const Dims& sizes);

// The start of a .npy file that may have any number of elements behind it, for one that is still growing.
struct NpyStart {
  DType dtype;
  Dims sizes;
  size_t header_bytes;
};
Result<NpyStart> ParseNpyStart(std::span<const uint8_t> bytes);

}  // namespace fusepack::npy
