// What this processor can do, asked once. FUSEPACK_CPU=avx2|avx512|amx|baseline caps the answer, so that every
// code path can be tested on a machine that has more.
#pragma once

#include <string>

namespace fusepack {

enum class CpuLevel { kBaseline, kAvx2, kAvx512, kAmx };

// The highest level that this machine (and its operating system) has, capped by FUSEPACK_CPU. Thread-safe.
// kAvx2 includes FMA and F16C; kAvx512 means F, BW, DQ and VL; kAmx means tile, bf16 and int8, with permission
// to use tiles obtained from the kernel.
CpuLevel DetectCpuLevel();

std::string CpuLevelName(CpuLevel level);  // "avx512"
std::string CpuBrand();                    // "AMD EPYC 9R14"

}  // namespace fusepack
