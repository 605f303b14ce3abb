// The codecs of a segment: stored, one zstd frame, or byte planes (FORMAT.md, "Compressed segments").
//
// Threads: functions share nothing; Encode and Decode split their work with ParallelFor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/dtype.h"
#include "kernels/base/status.h"

namespace fusepack::fpk {

// Numbers as in fusepack.fbs.
enum class SegmentCodec : uint8_t { kStored = 0, kZstd = 1, kPlanes = 2 };

struct Coding {
  SegmentCodec codec = SegmentCodec::kStored;
  uint8_t element_bytes = 0;  // kPlanes: 1, 2, 4 or 8; 0 otherwise
  bool rotate = false;        // kPlanes: each element is rotated left by one bit before it is split

  friend bool operator==(const Coding&, const Coding&) = default;
};

inline constexpr int64_t kChunkElements = 1 << 17;           // of one plane chunk: zstd's largest block
inline constexpr uint64_t kMaxWindowBytes = uint64_t{1} << 27;

// What suits elements of `dtype`: planes, rotated where there is a sign bit above an exponent.
Coding CodingForElements(DType dtype);
inline Coding CodingForText() { return {SegmentCodec::kZstd}; }

// Encoded bytes; as long as `raw` or longer where it does not compress (the caller then stores it). Deterministic
// for one version of libzstd. kLimit if memory is short.
Result<std::vector<uint8_t>> Encode(std::span<const uint8_t> raw, const Coding& coding);

// Fills all of `raw` from `stored`. kBadInput (place empty) unless `stored` is exactly an encoding of raw.size()
// bytes. Bytes of `raw` are unspecified after an error.
Status Decode(std::span<const uint8_t> stored, const Coding& coding, std::span<uint8_t> raw);

// kBadInput unless the three fields go together.
Status CheckCoding(const Coding& coding);

}  // namespace fusepack::fpk
