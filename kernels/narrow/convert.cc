// Loops by instruction set (convert_loops.inc), split over threads in runs that are worth waking one for. The change of
// layout for a first layer goes a tile of columns at a time: each channel's run is encoded into a buffer that stays in
// the first-level cache, and the buffer is interleaved into place.
#include "kernels/narrow/convert.h"

#include <algorithm>
#include <cstring>

#include "kernels/base/check.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrain = 32768;  // elements: some microseconds
constexpr int64_t kTileColumns = 512;
constexpr int64_t kTileChannels = 16;

const ConvertLoops& Loops(CpuLevel level) {
  return level >= CpuLevel::kAvx512 ? kConvertAvx512 : level == CpuLevel::kAvx2 ? kConvertAvx2 : kConvertBaseline;
}

template <typename T>
void Interleave(const T* from, int64_t channels, int64_t columns, T* to, int64_t step) {
  if (channels == 3 && step == 3) {
    for (int64_t i = 0; i < columns; i++) {
      to[3 * i] = from[i];
      to[3 * i + 1] = from[kTileColumns + i];
      to[3 * i + 2] = from[2 * kTileColumns + i];
    }
    return;
  }
  for (int64_t i = 0; i < columns; i++) {
    for (int64_t c = 0; c < channels; c++) to[i * step + c] = from[c * kTileColumns + i];
  }
}

}  // namespace

void EncodeRun(CpuLevel level, const Coding& coding, const float* from, void* to, long n) {
  const ConvertLoops& loops = Loops(level);
  switch (coding.dtype) {
    case DType::kBF16: loops.encode_bf16(from, static_cast<uint16_t*>(to), n); break;
    case DType::kU8: loops.encode_u8(from, 1 / coding.scale, static_cast<uint8_t*>(to), n); break;
    case DType::kI8: loops.encode_i8(from, 1 / coding.scale, static_cast<int8_t*>(to), n); break;
    default: std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float));
  }
}

void DecodeRun(CpuLevel level, const Coding& coding, const void* from, float* to, long n) {
  const ConvertLoops& loops = Loops(level);
  switch (coding.dtype) {
    case DType::kBF16: loops.decode_bf16(static_cast<const uint16_t*>(from), to, n); break;
    case DType::kU8: loops.decode_u8(static_cast<const uint8_t*>(from), coding.scale, to, n); break;
    case DType::kI8: loops.decode_i8(static_cast<const int8_t*>(from), coding.scale, to, n); break;
    default: std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float));
  }
}

void Encode(CpuLevel level, const Coding& coding, const float* from, void* to, int64_t n) {
  const int64_t size = static_cast<int64_t>(ItemSize(coding.dtype));
  ParallelFor(n, kGrain, [&](int64_t begin, int64_t end) {
    EncodeRun(level, coding, from + begin, static_cast<char*>(to) + begin * size, end - begin);
  });
}

void Decode(CpuLevel level, const Coding& coding, const void* from, float* to, int64_t n) {
  const int64_t size = static_cast<int64_t>(ItemSize(coding.dtype));
  ParallelFor(n, kGrain, [&](int64_t begin, int64_t end) {
    DecodeRun(level, coding, static_cast<const char*>(from) + begin * size, to + begin, end - begin);
  });
}

void EncodeChannelsLast(CpuLevel level, const Coding& coding, const float* x, int64_t n, int64_t c, int64_t s, void* y) {
  const int64_t size = static_cast<int64_t>(ItemSize(coding.dtype)), tiles = (s + kTileColumns - 1) / kTileColumns;
  ParallelFor(n * tiles, std::max<int64_t>(1, kGrain / (kTileColumns * c)), [&](int64_t begin, int64_t end) {
    alignas(64) char buffer[kTileChannels * kTileColumns * 4];
    for (int64_t tile = begin; tile < end; tile++) {
      const int64_t image = tile / tiles, at = tile % tiles * kTileColumns, columns = std::min(kTileColumns, s - at);
      for (int64_t c0 = 0; c0 < c; c0 += kTileChannels) {
        const int64_t channels = std::min(kTileChannels, c - c0);
        for (int64_t k = 0; k < channels; k++) {
          EncodeRun(level, coding, x + (image * c + c0 + k) * s + at, buffer + k * kTileColumns * size, columns);
        }
        char* to = static_cast<char*>(y) + ((image * s + at) * c + c0) * size;
        if (size == 1) Interleave(reinterpret_cast<const uint8_t*>(buffer), channels, columns, reinterpret_cast<uint8_t*>(to), c);
        else if (size == 2) Interleave(reinterpret_cast<const uint16_t*>(buffer), channels, columns, reinterpret_cast<uint16_t*>(to), c);
        else Interleave(reinterpret_cast<const uint32_t*>(buffer), channels, columns, reinterpret_cast<uint32_t*>(to), c);
      }
    }
  });
}

void MaxTaps(CpuLevel level, DType dtype, const void* const* taps, long tap_count, void* y, long n) {
  const ConvertLoops& loops = Loops(level);
  switch (dtype) {
    case DType::kBF16: loops.max_bf16(taps, tap_count, y, n); break;
    case DType::kU8: loops.max_u8(taps, tap_count, y, n); break;
    case DType::kI8: loops.max_i8(taps, tap_count, y, n); break;
    default: FP_CHECK(!"codes of this type");
  }
}

}  // namespace fusepack::kernels
