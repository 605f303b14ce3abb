#include "kernels/base/cpu_features.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fusepack {
namespace {

// Linux hands out the tile registers (XSTATE component 18) only on request.
bool MayUseTiles() {
  constexpr int kArchReqXcompPerm = 0x1023, kXtileData = 18;
  return syscall(SYS_arch_prctl, kArchReqXcompPerm, kXtileData) == 0;
}

// CPUID leaf 7: EDX bits 22 amx-bf16, 24 amx-tile, 25 amx-int8 (Intel SDM, volume 2A).
bool HasAmx() {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return false;
  constexpr unsigned kAmxBits = 1u << 22 | 1u << 24 | 1u << 25;
  return (edx & kAmxBits) == kAmxBits;
}

CpuLevel Detect() {
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool amx = avx512 && HasAmx() && MayUseTiles();
  CpuLevel level = amx ? CpuLevel::kAmx : avx512 ? CpuLevel::kAvx512 : avx2 ? CpuLevel::kAvx2 : CpuLevel::kBaseline;
  if (const char* cap = std::getenv("FUSEPACK_CPU")) {
    for (CpuLevel named : {CpuLevel::kBaseline, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kAmx}) {
      if (CpuLevelName(named) == cap) level = std::min(level, named);
    }
  }
  return level;
}

}  // namespace

CpuLevel DetectCpuLevel() {
  static const CpuLevel level = Detect();
  return level;
}

std::string CpuLevelName(CpuLevel level) {
  switch (level) {
    case CpuLevel::kBaseline: return "baseline";
    case CpuLevel::kAvx2: return "avx2";
    case CpuLevel::kAvx512: return "avx512";
    case CpuLevel::kAmx: return "amx";
  }
  return "?";
}

std::string CpuBrand() {
  unsigned words[12] = {};
  for (unsigned i = 0; i < 3; i++) {
    if (!__get_cpuid(0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3])) return "";
  }
  char text[49] = {};
  std::memcpy(text, words, 48);
  std::string brand(text);
  brand.erase(0, brand.find_first_not_of(' '));
  brand.erase(brand.find_last_not_of(' ') + 1);
  return brand;
}

}  // namespace fusepack
