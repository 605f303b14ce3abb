// Byte planes. Weights are noise but for their exponents, so a general compressor, which looks for repeated strings,
// finds nothing to repeat and, worse, believes in accidental matches of three or four exponents. What helps:
//   1. Rotate each floating element left by one bit: the exponent fills the top byte, the random sign goes to the
//      bottom with the mantissa (the order that ZipNN uses, arXiv:2411.05239).
//   2. Split elements into planes of equal bytes, so that exponents lie side by side.
//   3. Encode planes in chunks of 131,072 elements with zstd set up so that its match finder hardly ever finds
//      anything (fast strategy, matches of 7 bytes and more, a table of 64 entries): what is left is its Huffman
//      coder at its full speed. Planes with repetitions (masks, indices, zeros) come out smaller with level 3; the
//      smaller of the two is kept, or the plane itself where neither helps.
// Chunks are independent, so both directions run on all threads and a chunk stays in the L2 cache between its planes.
#include "package_format/codec.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>

#include "kernels/base/parallel.h"

namespace fusepack::fpk {
namespace {

constexpr int kTextLevel = 9;     // sources and pickles: small, written once, read often
constexpr int kMatchLevel = 3;    // planes: the attempt with matches
constexpr size_t kSizeBytes = 4;  // an entry of the size table

struct ContextDeleter {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};
using CompressContext = std::unique_ptr<ZSTD_CCtx, ContextDeleter>;
using DecompressContext = std::unique_ptr<ZSTD_DCtx, ContextDeleter>;

std::string ByteText(uint64_t n) { return std::to_string(n) + " bytes"; }

CompressContext MakeCompress(int level, bool huffman_only) {
  CompressContext context(ZSTD_createCCtx());
  if (context == nullptr) return context;
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 0);  // the segment has one
  if (huffman_only) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_strategy, ZSTD_fast);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_minMatch, 7);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_hashLog, 6);
  }
  return context;
}

// One zstd frame of `raw`, or empty if it could not be made (memory).
std::vector<uint8_t> Frame(ZSTD_CCtx* context, std::span<const uint8_t> raw) {
  std::vector<uint8_t> out(ZSTD_compressBound(raw.size()));
  const size_t size = context == nullptr ? 0 : ZSTD_compress2(context, out.data(), out.size(), raw.data(), raw.size());
  out.resize(context == nullptr || ZSTD_isError(size) ? 0 : size);
  return out;
}

// RFC 8878, 3.1.1.1: magic, descriptor byte, window byte unless "single segment" is set (the window then is the
// whole content).
Status CheckWindow(std::span<const uint8_t> frame, uint64_t content) {
  constexpr size_t kDescriptorAt = 4, kWindowAt = 5;
  uint64_t window = content;
  if ((frame[kDescriptorAt] & 0x20) == 0) {
    const uint64_t base = uint64_t{1} << (10 + (frame[kWindowAt] >> 3));
    window = base + base / 8 * (frame[kWindowAt] & 7);
  }
  if (window > kMaxWindowBytes) return BadInput("", "a zstd window of " + ByteText(window), "at most " + ByteText(kMaxWindowBytes));
  return OkStatus();
}

Status DecodeFrame(ZSTD_DCtx* context, std::span<const uint8_t> frame, std::span<uint8_t> raw) {
  constexpr size_t kLeastFrame = 6;  // magic, descriptor, one byte of window or content size
  if (context == nullptr) return LimitExceeded("", "no memory to decode");
  constexpr uint8_t kFrameMagic[4] = {0x28, 0xb5, 0x2f, 0xfd};
  if (frame.size() < kLeastFrame || std::memcmp(frame.data(), kFrameMagic, 4) != 0) {
    return BadInput("", "no zstd frame", "one");
  }
  const unsigned long long content = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (content == ZSTD_CONTENTSIZE_ERROR) return BadInput("", "a broken zstd frame header", "a frame");
  if (content == ZSTD_CONTENTSIZE_UNKNOWN) return BadInput("", "a zstd frame without content size", ByteText(raw.size()));
  if (content != raw.size()) return BadInput("", "a zstd frame of " + ByteText(content), ByteText(raw.size()));
  if (ZSTD_getDictID_fromFrame(frame.data(), frame.size()) != 0) {
    return BadInput("", "a zstd frame that needs a dictionary", "none");
  }
  FP_RETURN_IF_ERROR(CheckWindow(frame, content));
  const size_t whole = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(whole)) return BadInput("", "a broken zstd frame", "a whole one");
  if (whole != frame.size()) {
    return BadInput("", ByteText(frame.size() - whole) + " after the zstd frame", "nothing");
  }
  const size_t size = ZSTD_decompressDCtx(context, raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) || size != raw.size()) return BadInput("", "a broken zstd frame", "one that decodes");
  return OkStatus();
}

// planes[p][i] = byte p of rotl(raw[i], rotate), and back. P is the element's size; n <= kChunkElements.
template <typename T>
void Split(const uint8_t* raw, int64_t n, bool rotate, uint8_t* const* planes) {
  const int shift = rotate ? 1 : 0, back = (8 * sizeof(T) - shift) % (8 * sizeof(T));
  for (int64_t i = 0; i < n; i++) {
    T x;
    std::memcpy(&x, raw + i * sizeof(T), sizeof(T));
    if (rotate) x = static_cast<T>(x << shift | x >> back);
    for (size_t p = 0; p < sizeof(T); p++) planes[p][i] = static_cast<uint8_t>(x >> (8 * p));
  }
}

template <typename T>
void Merge(const uint8_t* const* planes, int64_t n, bool rotate, uint8_t* raw) {
  const uint8_t* plane[sizeof(T)];
  for (size_t p = 0; p < sizeof(T); p++) plane[p] = planes[p];
  constexpr int kTop = 8 * sizeof(T) - 1;
  for (int64_t i = 0; i < n; i++) {
    T x = 0;
    for (size_t p = 0; p < sizeof(T); p++) x = static_cast<T>(x | static_cast<T>(T{plane[p][i]} << (8 * p)));
    const T turned = static_cast<T>(x >> 1 | static_cast<T>(x << kTop));
    x = rotate ? turned : x;
    std::memcpy(raw + i * sizeof(T), &x, sizeof(T));
  }
}

template <typename F>
void WithElementType(int element_bytes, F f) {
  switch (element_bytes) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
  }
  FP_CHECK(false);
}

// Elements of a byte-plane segment: `count` whole ones in `chunks` chunks, then `tail` bytes that make no element.
struct ChunkPlan {
  int64_t count, chunks, planes;
  size_t tail, table_bytes;

  ChunkPlan(size_t raw_bytes, const Coding& coding)
      : count(static_cast<int64_t>(raw_bytes / coding.element_bytes)),
        chunks((count + kChunkElements - 1) / kChunkElements),
        planes(coding.element_bytes),
        tail(raw_bytes % coding.element_bytes),
        table_bytes(static_cast<size_t>(chunks * planes) * kSizeBytes) {}
  int64_t ChunkElements(int64_t chunk) const { return std::min(kChunkElements, count - chunk * kChunkElements); }
};

Result<std::vector<uint8_t>> EncodePlanes(std::span<const uint8_t> raw, const Coding& coding) {
  const ChunkPlan plan(raw.size(), coding);
  std::vector<std::vector<uint8_t>> pieces(plan.chunks * plan.planes);
  std::mutex mutex;
  bool short_of_memory = false;
  ParallelFor(plan.chunks, 1, [&](int64_t begin, int64_t end) {
    const CompressContext entropy = MakeCompress(1, true), matches = MakeCompress(kMatchLevel, false);
    const int64_t stride = plan.ChunkElements(begin);  // no later chunk is longer
    const std::unique_ptr<uint8_t[]> buffer(new uint8_t[plan.planes * stride]);
    uint8_t* planes[8];
    for (int p = 0; p < plan.planes; p++) planes[p] = buffer.get() + p * stride;
    for (int64_t chunk = begin; chunk < end; chunk++) {
      const int64_t n = plan.ChunkElements(chunk);
      WithElementType(coding.element_bytes, [&](auto t) {
        Split<decltype(t)>(raw.data() + chunk * kChunkElements * plan.planes, n, coding.rotate, planes);
      });
      for (int64_t p = 0; p < plan.planes; p++) {
        const std::span<const uint8_t> plane(planes[p], n);
        std::vector<uint8_t> best(plane.begin(), plane.end());
        for (ZSTD_CCtx* context : {entropy.get(), matches.get()}) {
          std::vector<uint8_t> frame = Frame(context, plane);
          if (frame.empty()) {
            std::lock_guard lock(mutex);
            short_of_memory = true;
          } else if (frame.size() < best.size()) {
            best = std::move(frame);
          }
        }
        best.shrink_to_fit();
        pieces[chunk * plan.planes + p] = std::move(best);
      }
    }
  });
  if (short_of_memory) return LimitExceeded("", "no memory to compress");

  size_t total = plan.table_bytes + plan.tail;
  for (const auto& piece : pieces) total += piece.size();
  std::vector<uint8_t> out;
  out.reserve(total);
  for (const auto& piece : pieces) {
    for (size_t i = 0; i < kSizeBytes; i++) out.push_back(static_cast<uint8_t>(piece.size() >> (8 * i)));
  }
  for (const auto& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  out.insert(out.end(), raw.end() - plan.tail, raw.end());
  return out;
}

Status DecodePlanes(std::span<const uint8_t> stored, const Coding& coding, std::span<uint8_t> raw) {
  const ChunkPlan plan(raw.size(), coding);
  if (stored.size() < plan.table_bytes + plan.tail) {
    return BadInput("", "byte planes of " + ByteText(stored.size()), "at least " + ByteText(plan.table_bytes + plan.tail));
  }
  // offsets[i]: where piece i starts; pieces follow one another and fill the segment exactly.
  std::vector<uint64_t> offsets(plan.chunks * plan.planes + 1, plan.table_bytes);
  for (size_t i = 0; i + 1 < offsets.size(); i++) {
    const uint8_t* entry = stored.data() + i * kSizeBytes;
    const uint64_t size = entry[0] | entry[1] << 8 | entry[2] << 16 | static_cast<uint64_t>(entry[3]) << 24;
    const uint64_t plain = plan.ChunkElements(static_cast<int64_t>(i) / plan.planes);
    if (size > plain) return BadInput("", "a plane of " + ByteText(size), "at most " + ByteText(plain));
    offsets[i + 1] = offsets[i] + size;
  }
  if (offsets.back() + plan.tail != stored.size()) {
    return BadInput("", "byte planes of " + ByteText(stored.size()), ByteText(offsets.back() + plan.tail));
  }

  std::mutex mutex;
  int64_t failed_piece = -1;  // the first one, so that the error does not depend on the threads
  Status failure;
  ParallelFor(plan.chunks, 1, [&](int64_t begin, int64_t end) {
    const DecompressContext context(ZSTD_createDCtx());
    const int64_t stride = plan.ChunkElements(begin);  // no later chunk is longer
    const std::unique_ptr<uint8_t[]> buffer(new uint8_t[plan.planes * stride]);
    for (int64_t chunk = begin; chunk < end; chunk++) {
      const int64_t n = plan.ChunkElements(chunk);
      const uint8_t* planes[8];
      for (int64_t p = 0; p < plan.planes; p++) {
        const int64_t piece = chunk * plan.planes + p;
        const auto bytes = stored.subspan(offsets[piece], offsets[piece + 1] - offsets[piece]);
        if (bytes.size() == static_cast<size_t>(n)) {
          planes[p] = bytes.data();
          continue;
        }
        uint8_t* to = buffer.get() + p * stride;
        planes[p] = to;
        Status status = DecodeFrame(context.get(), bytes, {to, static_cast<size_t>(n)});
        if (status.ok()) continue;
        std::lock_guard lock(mutex);
        if (failed_piece < 0 || piece < failed_piece) {
          failed_piece = piece;
          failure = WithPlace(std::move(status), "plane " + std::to_string(p) + " of chunk " + std::to_string(chunk));
        }
        return;
      }
      WithElementType(coding.element_bytes, [&](auto t) {
        Merge<decltype(t)>(planes, n, coding.rotate, raw.data() + chunk * kChunkElements * plan.planes);
      });
    }
  });
  FP_RETURN_IF_ERROR(failure);
  if (plan.tail > 0) std::memcpy(raw.data() + raw.size() - plan.tail, stored.data() + offsets.back(), plan.tail);
  return OkStatus();
}

}  // namespace

Coding CodingForElements(DType dtype) {
  // A complex element is two floating ones.
  const size_t size = Category(dtype) == 3 ? ItemSize(dtype) / 2 : ItemSize(dtype);
  return {SegmentCodec::kPlanes, static_cast<uint8_t>(size), Category(dtype) >= 2};
}

Status CheckCoding(const Coding& coding) {
  if (coding.codec > SegmentCodec::kPlanes) {
    return BadInput("", "codec " + std::to_string(static_cast<int>(coding.codec)), "stored, zstd or planes");
  }
  const int p = coding.element_bytes;
  const bool planes = coding.codec == SegmentCodec::kPlanes;
  if (planes ? p != 1 && p != 2 && p != 4 && p != 8 : p != 0) {
    return BadInput("", "elements of " + ByteText(p), planes ? "1, 2, 4 or 8" : "none given without byte planes");
  }
  if (coding.rotate && !planes) return BadInput("", "rotation without byte planes", "none");
  return OkStatus();
}

Result<std::vector<uint8_t>> Encode(std::span<const uint8_t> raw, const Coding& coding) {
  FP_CHECK(CheckCoding(coding).ok());
  if (coding.codec == SegmentCodec::kStored) return std::vector<uint8_t>(raw.begin(), raw.end());
  if (coding.codec == SegmentCodec::kPlanes) return EncodePlanes(raw, coding);
  std::vector<uint8_t> frame = Frame(MakeCompress(kTextLevel, false).get(), raw);
  if (frame.empty()) return LimitExceeded("", "no memory to compress");
  return frame;
}

Status Decode(std::span<const uint8_t> stored, const Coding& coding, std::span<uint8_t> raw) {
  FP_RETURN_IF_ERROR(CheckCoding(coding));
  if (coding.codec == SegmentCodec::kPlanes) return DecodePlanes(stored, coding, raw);
  if (coding.codec == SegmentCodec::kZstd) {
    return DecodeFrame(DecompressContext(ZSTD_createDCtx()).get(), stored, raw);
  }
  if (stored.size() != raw.size()) return BadInput("", ByteText(stored.size()), ByteText(raw.size()));
  if (!raw.empty()) std::memcpy(raw.data(), stored.data(), raw.size());
  return OkStatus();
}

}  // namespace fusepack::fpk
