// Dense arrays between f32 and their codings, and the largest of several codes.
//
// All functions may be called from any thread; Encode and Decode over whole tensors split their work.
#pragma once

#include <cstdint>

#include "kernels/base/cpu_features.h"
#include "kernels/narrow/coding.h"

namespace fusepack::kernels {

// One thread, n elements. NaN becomes 0 in integers and stays NaN in bf16.
void EncodeRun(CpuLevel level, const Coding& coding, const float* from, void* to, long n);
void DecodeRun(CpuLevel level, const Coding& coding, const void* from, float* to, long n);

// All threads. coding.narrow() or a plain copy.
void Encode(CpuLevel level, const Coding& coding, const float* from, void* to, int64_t n);
void Decode(CpuLevel level, const Coding& coding, const void* from, float* to, int64_t n);

// x: f32[N,C,S] dense row-major (S: all of the image); y: [N,S,C], encoded. What a network's first layer reads.
void EncodeChannelsLast(CpuLevel level, const Coding& coding, const float* x, int64_t n, int64_t c, int64_t s, void* y);

// y[i] = max over the taps of taps[k][i], of codes: the order of numbers is that of their codes. NaN counts as larger than
// infinity where its sign is plus, smaller where it is minus.
void MaxTaps(CpuLevel level, DType dtype, const void* const* taps, long tap_count, void* y, long n);

// One compilation of the loops.
struct ConvertLoops {
  void (*encode_bf16)(const float*, uint16_t*, long);
  void (*encode_u8)(const float*, float, uint8_t*, long);  // the float: 1 / scale
  void (*encode_i8)(const float*, float, int8_t*, long);
  void (*decode_bf16)(const uint16_t*, float*, long);
  void (*decode_u8)(const uint8_t*, float, float*, long);
  void (*decode_i8)(const int8_t*, float, float*, long);
  void (*max_bf16)(const void* const*, long, void*, long);
  void (*max_u8)(const void* const*, long, void*, long);
  void (*max_i8)(const void* const*, long, void*, long);
};
extern const ConvertLoops kConvertBaseline, kConvertAvx2, kConvertAvx512;

}  // namespace fusepack::kernels
