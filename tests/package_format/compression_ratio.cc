// compression_ratio DTYPE FILE...: what each way of storing it makes of a file of raw elements, and how fast.
// package_format/FORMAT.md has its output for ResNet18 and the script that writes the files.
#include <zstd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "package_format/codec.h"
#include "package_format/mapped_file.h"

namespace {

using fusepack::fpk::Coding;
using fusepack::fpk::SegmentCodec;
using Buffer = std::vector<uint8_t>;

double Seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Best of three.
template <typename F>
double Time(const F& f) {
  double best = 1e9;
  for (int i = 0; i < 3; i++) {
    const double start = Seconds();
    f();
    best = std::min(best, Seconds() - start);
  }
  return best;
}

void Print(const char* what, size_t raw, size_t stored, double encode_s, double decode_s) {
  std::printf("  %-28s %5.1f %%   encode %6.0f MB/s   decode %6.0f MB/s\n", what, 100.0 * stored / raw, raw / encode_s / 1e6,
              raw / decode_s / 1e6);
}

void ZstdAlone(std::span<const uint8_t> raw, int level) {
  Buffer out(ZSTD_compressBound(raw.size())), back(raw.size());
  size_t size = 0;
  const double start = Seconds();
  size = ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), level);
  const double encode_s = Seconds() - start;
  const double decode_s = Time([&] { ZSTD_decompress(back.data(), back.size(), out.data(), size); });
  Print(("zstd -" + std::to_string(level) + " alone").c_str(), raw.size(), size, encode_s, decode_s);
}

bool Planes(const char* what, std::span<const uint8_t> raw, const Coding& coding) {
  Buffer encoded, back(raw.size());
  const double encode_s = Time([&] { encoded = std::move(fusepack::fpk::Encode(raw, coding)).value(); });
  bool ok = true;
  const double decode_s = Time([&] { ok &= fusepack::fpk::Decode(encoded, coding, back).ok(); });
  Print(what, raw.size(), encoded.size(), encode_s, decode_s);
  return ok && std::memcmp(back.data(), raw.data(), raw.size()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<fusepack::DType> dtype = argc > 2 ? fusepack::DTypeFromShortName(argv[1]) : std::nullopt;
  if (!dtype) {
    std::fprintf(stderr, "usage: compression_ratio DTYPE FILE...\n");
    return 2;
  }
  bool ok = true;
  for (int i = 2; i < argc; i++) {
    const auto file = fusepack::MappedFile::Open(argv[i]);
    if (!file.ok()) {
      std::fprintf(stderr, "%s\n", file.status().ToString().c_str());
      return 74;
    }
    const auto raw = (*file)->bytes();
    std::printf("%s: %zu bytes of %s\n", argv[i], raw.size(), argv[1]);
    for (int level : {3, 9, 19}) ZstdAlone(raw, level);
    const Coding rotated = fusepack::fpk::CodingForElements(*dtype);
    Coding plain = rotated;
    plain.rotate = false;
    ok &= Planes("byte planes, not rotated", raw, plain);
    ok &= Planes("byte planes (what is used)", raw, rotated);
  }
  if (!ok) std::fprintf(stderr, "an encoding did not decode to what it was made from\n");
  return ok ? 0 : 70;
}
