// What both sides hold a manifest to: limits, and the checks that the writer makes before writing and the reader
// before believing. A package that WritePackage accepts is one that ReadPackage accepts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/tensor.h"
#include "kernels/base/status.h"
#include "package_format/package.h"

namespace fusepack::fpk {

inline constexpr uint64_t kMaxManifestBytes = uint64_t{512} << 20;
inline constexpr uint64_t kMaxSegments = 1 << 20;
inline constexpr uint64_t kMaxNodes = 1'000'000;      // of one graph
inline constexpr uint64_t kMaxMethods = 1024;
inline constexpr uint64_t kMaxTextBytes = 64 << 20;     // of one text (fx code of a large model)
inline constexpr uint64_t kMaxNameBytes = 4096;         // of what is looked up or printed as a name
inline constexpr uint64_t kMaxExpressionBytes = 16384;  // of a size expression: bounds the depth of its tree
inline constexpr uint64_t kMaxRecordNameBytes = 512;    // as the zip reader
inline constexpr int64_t kMaxTensorBytes = int64_t{1} << 46;
// A view with zero or overlapping strides may stand for this much more than its storage holds.
inline constexpr int64_t kMaxViewGrowth = int64_t{1} << 30;
// Compressed segments may grow to kMaxRatio times their size, all together, and kFreeGrowth beyond that; the writer
// stores a segment as it is where compressing it would break the rule (a large tensor of zeros).
inline constexpr uint64_t kMaxRatio = 200;
inline constexpr uint64_t kFreeGrowth = uint64_t{256} << 20;

bool IsUtf8(std::string_view text);  // well-formed: no surrogates, no overlong forms, nothing over U+10FFFF

// A path that cannot leave a folder: not empty, not absolute, no "..", ".", empty part, backslash or NUL.
Status CheckRecordName(std::string_view name);

// A view of a storage of `storage_bytes`: rank, signs, extent and growth, in checked arithmetic.
Status CheckView(DType dtype, const Dims& sizes, const Dims& strides, int64_t offset, int64_t storage_bytes);

// Finite and not negative, with a precision that has a name.
Status CheckTolerance(const CaseTolerance& tolerance);

// Ranges of values that the graph has as f32, finite, low <= high.
Status CheckCalibration(const Calibration& calibration, const Graph& graph);
// Channels, sizes from 1 to kMaxPreprocessSize, means and deviations as preprocess.h has them.
inline constexpr int64_t kMaxPreprocessSize = 16384;
Status CheckPreprocess(const Preprocess& preprocess);

// Every byte between the first and the last element of a bool tensor is 0 or 1 (reading another one as bool is
// undefined behaviour in C++). Each byte is looked at once however many tensors there are. REQUIRES: CheckView.
Status CheckBoolElements(std::span<const Tensor> tensors);

}  // namespace fusepack::fpk
