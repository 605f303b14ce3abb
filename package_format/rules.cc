#include "package_format/rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace fusepack::fpk {

// Unicode 15, table 3-7.
bool IsUtf8(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  for (size_t i = 0; i < text.size();) {
    const uint8_t a = byte(i), b = byte(i + 1);
    if (a < 0x80) {
      i += 1;
    } else if (a >= 0xc2 && a <= 0xdf && continues(i + 1)) {
      i += 2;
    } else if ((a & 0xf0) == 0xe0 && continues(i + 1) && continues(i + 2) && !(a == 0xe0 && b < 0xa0) &&
               !(a == 0xed && b >= 0xa0)) {
      i += 3;
    } else if (a >= 0xf0 && a <= 0xf4 && continues(i + 1) && continues(i + 2) && continues(i + 3) &&
               !(a == 0xf0 && b < 0x90) && !(a == 0xf4 && b >= 0x90)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

Status CheckRecordName(std::string_view name) {
  const auto bad = [&](const char* what) { return BadInput("", what, "a path below the archive's root"); };
  if (name.empty()) return bad("an empty name");
  if (name.size() > kMaxRecordNameBytes) {
    return LimitExceeded("", "a name of " + std::to_string(name.size()) + " bytes", "at most " + std::to_string(kMaxRecordNameBytes));
  }
  if (name.find('\0') != name.npos) return bad("a NUL in the name");
  if (name.find('\\') != name.npos) return bad("a backslash in the name");
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return bad("a name with an empty, '.' or '..' part");
    begin = end + 1;
  }
  return OkStatus();
}

Status CheckView(DType dtype, const Dims& sizes, const Dims& strides, int64_t offset, int64_t storage_bytes) {
  FP_CHECK_EQ(sizes.size(), strides.size());
  const int64_t item = static_cast<int64_t>(ItemSize(dtype));
  if (offset < 0) return BadInput("", "offset " + std::to_string(offset), "none below 0");
  bool empty = false;
  CheckedI64 last = offset;  // element
  for (int d = 0; d < sizes.size(); d++) {
    if (sizes[d] < 0) return BadInput("", "size " + std::to_string(sizes[d]), "none below 0");
    if (strides[d] < 0) return BadInput("", "stride " + std::to_string(strides[d]), "none below 0");
    if (sizes[d] == 0) empty = true;
    else last += CheckedI64(sizes[d] - 1) * strides[d];
  }
  const CheckedI64 end = empty ? CheckedI64(offset) * item : (last + 1) * item;
  if (!end.Within(storage_bytes)) {
    return BadInput("", "a view that ends at byte " + (end.ok() ? std::to_string(end.value()) : "2^63 or later"),
                    "at most " + std::to_string(storage_bytes) + ", its storage's size");
  }
  // An empty tensor's other sizes may be anything whose product can be formed.
  CheckedI64 product = item;
  for (int64_t size : sizes) product *= std::max<int64_t>(size, 1);
  if (!product.Within(empty ? kMaxTensorBytes : std::min(kMaxTensorBytes, storage_bytes + kMaxViewGrowth))) {
    return LimitExceeded("", "sizes " + sizes.ToString() + " over a storage of " + std::to_string(storage_bytes) + " bytes",
                         "a tensor at most 1 GiB larger than its storage");
  }
  return OkStatus();
}

Status CheckTolerance(const CaseTolerance& tolerance) {
  for (double value : {tolerance.of_largest, tolerance.absolute}) {
    if (!std::isfinite(value) || value < 0) {
      return BadInput("tolerance for '" + tolerance.precision + "'", std::to_string(value), "a finite number from 0");
    }
  }
  return tolerance.precision.empty() ? BadInput("tolerance", "no precision", "the name of one") : OkStatus();
}

Status CheckCalibration(const Calibration& calibration, const Graph& graph) {
  for (const auto& [id, range] : calibration.ranges) {
    const std::string place = "range of value " + std::to_string(id);
    if (id < 0 || id >= static_cast<int>(graph.values.size())) {
      return BadInput(place, "no such value", "less than " + std::to_string(graph.values.size()));
    }
    if (graph.values[id].dtype != DType::kF32) return BadInput(place, std::string(ShortName(graph.values[id].dtype)), "f32");
    if (!std::isfinite(range.low) || !std::isfinite(range.high) || range.low > range.high) {
      return BadInput(place, std::to_string(range.low) + " to " + std::to_string(range.high), "finite numbers, the smaller first");
    }
  }
  return OkStatus();
}

Status CheckBoolElements(std::span<const Tensor> tensors) {
  struct Extent {
    size_t storage;  // number in order of first use
    int64_t begin, end;
    const uint8_t* data;
  };
  std::map<const Storage*, size_t> numbers;
  std::vector<Extent> extents;
  for (const Tensor& t : tensors) {
    if (t.dtype() != DType::kBool || t.numel() == 0) continue;
    int64_t last = t.offset();
    for (int d = 0; d < t.rank(); d++) last += (t.sizes()[d] - 1) * t.strides()[d];
    const size_t number = numbers.emplace(t.storage().get(), numbers.size()).first->second;
    extents.push_back({number, t.offset(), last + 1, static_cast<const uint8_t*>(t.storage()->data())});
  }
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.storage, a.begin, a.end) < std::tie(b.storage, b.begin, b.end);
  });
  int64_t seen = 0;  // bytes of the storage that have been looked at
  for (size_t i = 0; i < extents.size(); i++) {
    const Extent& e = extents[i];
    if (i == 0 || e.storage != extents[i - 1].storage) seen = 0;
    for (int64_t at = std::max(seen, e.begin); at < e.end; at++) {
      if (e.data[at] > 1) {
        return BadInput("", "byte " + std::to_string(e.data[at]) + " at " + std::to_string(at) + " of a bool tensor's storage",
                        "0 or 1");
      }
    }
    seen = std::max(seen, e.end);
  }
  return OkStatus();
}

Status CheckPreprocess(const Preprocess& p) {
  if (p.channels != 1 && p.channels != 3) return BadInput("channels", std::to_string(p.channels), "1 or 3");
  if (p.resize.size() > 2) return BadInput("resize", std::to_string(p.resize.size()) + " sizes", "at most 2");
  if (p.crop.size() == 1 || p.crop.size() > 2) return BadInput("crop", std::to_string(p.crop.size()) + " sizes", "none, or height and width");
  for (const auto* sizes : {&p.resize, &p.crop}) {
    for (int64_t size : *sizes) {
      if (size >= 1 && size <= kMaxPreprocessSize) continue;
      return BadInput(sizes == &p.crop ? "crop" : "resize", std::to_string(size), "1 to " + std::to_string(kMaxPreprocessSize));
    }
  }
  const size_t channels = static_cast<size_t>(p.channels);
  if (p.mean.size() != p.deviation.size() || (!p.mean.empty() && p.mean.size() != channels)) {
    return BadInput("mean and deviation", std::to_string(p.mean.size()) + " and " + std::to_string(p.deviation.size()) + " values",
                    "none, or " + std::to_string(channels) + " each");
  }
  for (size_t c = 0; c < p.mean.size(); c++) {
    // As f32, which is what is computed with.
    if (!std::isfinite(static_cast<float>(p.mean[c]))) return BadInput("mean", std::to_string(p.mean[c]), "a finite number");
    const float deviation = static_cast<float>(p.deviation[c]);
    if (!std::isfinite(deviation) || deviation == 0) return BadInput("deviation", std::to_string(p.deviation[c]), "a finite number that is not 0");
  }
  return OkStatus();
}

}  // namespace fusepack::fpk
