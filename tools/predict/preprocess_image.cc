// Resizing as PIL 13 does it: one pass along rows, then one along columns (the other way round where the height shrinks by more
// than twice what the width does; PIL before 13 always went along rows first), each
//     y[i] = clip((2^21 + sum_k x[first_i + k] * w_ik) >> 22, 0, 255)
// with weights in fixed point of 22 bits. A filter is stretched by the scale where the image shrinks (antialiasing), sampled
// at pixel centres, cut at the image's edge and normalised; its weights are rounded half away from zero. "nearest" walks the
// image in steps of in/out that are added up, as PIL's affine transform does. A pass that changes no size is left out.
#include "tools/predict/preprocess_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace fusepack {
namespace {

constexpr int kWeightBits = 32 - 8 - 2;
constexpr int64_t kMaxResizedSide = int64_t{1} << 26;  // only what the crop shows is computed, so this may be large

double Sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

struct Filter {
  double support;
  double (*value)(double x);
};

// By Interpolation, without nearest.
const Filter& FilterOf(Interpolation interpolation) {
  static constexpr Filter kFilters[] = {
      {0.5, [](double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }},
      {1.0, [](double x) { return std::abs(x) < 1 ? 1 - std::abs(x) : 0.0; }},
      {1.0,
       [](double x) {
         x = std::abs(x);
         if (x == 0) return 1.0;
         if (x >= 1) return 0.0;
         x *= std::numbers::pi;
         return std::sin(x) / x * (double{0.54f} + double{0.46f} * std::cos(x));
       }},
      {2.0,
       [](double x) {  // Keys' cubic with a = -1/2
         constexpr double a = -0.5;
         x = std::abs(x);
         if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
         if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
         return 0.0;
       }},
      {3.0, [](double x) { return x >= -3 && x < 3 ? Sinc(x) * Sinc(x / 3) : 0.0; }},
  };
  return kFilters[static_cast<int>(interpolation) - 1];
}

// The inputs of outputs [begin, end) along one side.
struct Taps {
  int64_t begin = 0, end = 0;
  int64_t most = 0;                 // weights of an output
  std::vector<int32_t> weights;     // [end - begin, most]
  std::vector<int64_t> first;       // [end - begin]
  std::vector<int64_t> count;       // [end - begin]
};

Taps MakeTaps(int64_t in, int64_t out, int64_t begin, int64_t end, Interpolation interpolation) {
  const Filter& filter = FilterOf(interpolation);
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = filter.support * stretch;
  Taps taps;
  taps.begin = begin;
  taps.end = end;
  taps.most = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  taps.weights.resize(static_cast<size_t>((end - begin) * taps.most));
  std::vector<double> exact(static_cast<size_t>(taps.most));
  for (int64_t i = begin; i < end; i++) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t count = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), in) - first;
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
      exact[k] = filter.value((static_cast<double>(k + first) - center + 0.5) * (1.0 / stretch));
      sum += exact[k];
    }
    int32_t* weights = &taps.weights[static_cast<size_t>((i - begin) * taps.most)];
    for (int64_t k = 0; k < count; k++) {
      const double w = (sum != 0 ? exact[k] / sum : exact[k]) * (1 << kWeightBits);
      weights[k] = static_cast<int32_t>(w < 0 ? w - 0.5 : w + 0.5);
    }
    taps.first.push_back(first);
    taps.count.push_back(count);
  }
  return taps;
}

// The pixel that each of outputs [begin, end) takes.
std::vector<int64_t> NearestIndices(int64_t in, int64_t out, int64_t begin, int64_t end) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  double at = step * 0.5;
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < end; i++, at += step) {
    if (i >= begin) indices.push_back(std::min(static_cast<int64_t>(at), in - 1));
  }
  return indices;
}

uint8_t Clip(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }

// to: u8[rows,taps.end - taps.begin,C]; from: u8[rows,stride], whose column 0 is column `from_column` of the image.
template <int C>
void ResizeRows(const uint8_t* from, int64_t from_column, int64_t rows, int64_t stride, const Taps& taps, uint8_t* to) {
  const int64_t n = taps.end - taps.begin;
  for (int64_t r = 0; r < rows; r++, from += stride) {
    const int32_t* weights = taps.weights.data();
    for (int64_t i = 0; i < n; i++, weights += taps.most, to += C) {
      const uint8_t* x = from + (taps.first[i] - from_column) * C;
      int32_t sum[C];
      for (int c = 0; c < C; c++) sum[c] = 1 << (kWeightBits - 1);
      for (int64_t k = 0; k < taps.count[i]; k++) {
        for (int c = 0; c < C; c++) sum[c] += x[k * C + c] * weights[k];
      }
      for (int c = 0; c < C; c++) to[c] = Clip(sum[c]);
    }
  }
}

// to: u8[taps.end - taps.begin,row_bytes]; from: u8[rows,stride], whose row 0 is row `from_row` of the image.
void ResizeColumns(const uint8_t* from, int64_t from_row, int64_t stride, int64_t row_bytes, const Taps& taps, uint8_t* to) {
  std::vector<int32_t> sums(static_cast<size_t>(row_bytes));
  for (int64_t i = 0; i < taps.end - taps.begin; i++, to += row_bytes) {
    const int32_t* weights = &taps.weights[static_cast<size_t>(i * taps.most)];
    std::fill(sums.begin(), sums.end(), 1 << (kWeightBits - 1));
    int32_t* sum = sums.data();
    for (int64_t k = 0; k < taps.count[i]; k++) {
      const uint8_t* x = from + (taps.first[i] + k - from_row) * stride;
      const int32_t w = weights[k];
      for (int64_t j = 0; j < row_bytes; j++) sum[j] += x[j] * w;
    }
    for (int64_t j = 0; j < row_bytes; j++) to[j] = Clip(sum[j]);
  }
}

struct Region {
  int64_t top, left, height, width;
};

// The region of `image` resized to height x width.
Result<Image> ResizeRegion(const Image& image, int64_t height, int64_t width, Interpolation interpolation, const Region& region) {
  const int64_t bottom = region.top + region.height, right = region.left + region.width;
  const int c = image.channels;
  FP_ASSIGN_OR_RETURN(Image out, Image::Allocate(region.height, region.width, c));
  const bool same_height = height == image.height, same_width = width == image.width;
  if (interpolation == Interpolation::kNearest || (same_height && same_width)) {
    const auto rows = NearestIndices(image.height, height, region.top, bottom);
    const auto columns = NearestIndices(image.width, width, region.left, right);
    uint8_t* to = out.pixels.get();
    for (int64_t row : rows) {
      const uint8_t* from = image.pixels.get() + row * image.width * c;
      for (int64_t column : columns) {
        for (int k = 0; k < c; k++) *to++ = from[column * c + k];
      }
    }
    return out;
  }
  const auto resize_rows = c == 3 ? ResizeRows<3> : ResizeRows<1>;
  const int64_t stride = image.width * c;
  const uint8_t* pixels = image.pixels.get();
  if (same_height) {
    const Taps across = MakeTaps(image.width, width, region.left, right, interpolation);
    resize_rows(pixels + region.top * stride, 0, region.height, stride, across, out.pixels.get());
    return out;
  }
  const Taps down = MakeTaps(image.height, height, region.top, bottom, interpolation);
  if (same_width) {
    ResizeColumns(pixels + region.left * c, 0, stride, region.width * c, down, out.pixels.get());
    return out;
  }
  const Taps across = MakeTaps(image.width, width, region.left, right, interpolation);
  const bool columns_first = image.height > height && image.height - height > 2 * (image.width - width);
  if (columns_first) {
    // Columns of the image that the region's columns are made of.
    const int64_t from = across.first.front(), columns = across.first.back() + across.count.back() - from;
    FP_ASSIGN_OR_RETURN(Image between, Image::Allocate(region.height, columns, c));
    ResizeColumns(pixels + from * c, 0, stride, columns * c, down, between.pixels.get());
    resize_rows(between.pixels.get(), from, region.height, columns * c, across, out.pixels.get());
  } else {
    const int64_t from = down.first.front(), rows = down.first.back() + down.count.back() - from;
    FP_ASSIGN_OR_RETURN(Image between, Image::Allocate(rows, region.width, c));
    resize_rows(pixels + from * stride, 0, rows, stride, across, between.pixels.get());
    ResizeColumns(between.pixels.get(), from, region.width * c, region.width * c, down, out.pixels.get());
  }
  return out;
}

// Sizes after the resize, before the crop.
InputSize ResizedSize(const Preprocess& p, int64_t height, int64_t width) {
  if (p.resize.empty()) return {height, width};
  if (p.resize.size() == 2) return {p.resize[0], p.resize[1]};
  const int64_t side = p.resize[0];
  const auto longer = [&](int64_t of, int64_t shorter) {
    return static_cast<int64_t>(static_cast<double>(side * of) / static_cast<double>(shorter));
  };
  return width <= height ? InputSize{longer(height, width), side} : InputSize{side, longer(width, height)};
}

// Rows or columns of the crop: they show [from, from + shown) of the resized image, from their own `at` on.
struct Window {
  int64_t at, from, shown;
};

Window CenterWindow(int64_t size, int64_t crop) {
  if (crop > size) return {(crop - size) / 2, 0, size};
  return {0, static_cast<int64_t>(std::nearbyint(static_cast<double>(size - crop) / 2)), crop};
}

}  // namespace

std::optional<InputSize> FixedInputSize(const Preprocess& p) {
  if (!p.crop.empty()) return InputSize{p.crop[0], p.crop[1]};
  if (p.resize.size() == 2) return InputSize{p.resize[0], p.resize[1]};
  return std::nullopt;
}

Result<InputSize> InputSizeFor(const Preprocess& p, int64_t height, int64_t width) {
  if (const auto fixed = FixedInputSize(p)) return *fixed;
  const InputSize size = ResizedSize(p, height, width);
  if (size.height > kMaxImageSide || size.width > kMaxImageSide || size.height * size.width > kMaxImagePixels) {
    return LimitExceeded("resized image", std::to_string(size.width) + " x " + std::to_string(size.height) + " pixels",
                         "at most " + std::to_string(kMaxImagePixels));
  }
  return size;
}

Result<Image> ResizeImage(const Image& image, int64_t height, int64_t width, Interpolation interpolation) {
  return ResizeRegion(image, height, width, interpolation, {0, 0, height, width});
}

Status PreprocessImage(const Image& image, const Preprocess& p, float* to) {
  if (image.channels == 3 && p.channels == 1) {  // colour goes before the resize, as it rounds
    FP_ASSIGN_OR_RETURN(Image copy, Image::Allocate(image.height, image.width, 3));
    std::memcpy(copy.pixels.get(), image.pixels.get(), static_cast<size_t>(image.bytes()));
    FP_ASSIGN_OR_RETURN(Image grey, WithChannels(std::move(copy), 1));
    return PreprocessImage(grey, p, to);
  }
  const InputSize resized = ResizedSize(p, image.height, image.width);
  if (resized.height > kMaxResizedSide || resized.width > kMaxResizedSide) {
    return LimitExceeded("resized image", std::to_string(resized.width) + " x " + std::to_string(resized.height) + " pixels",
                         "at most " + std::to_string(kMaxResizedSide) + " a side");
  }
  FP_ASSIGN_OR_RETURN(const InputSize size, InputSizeFor(p, image.height, image.width));
  const Window down = CenterWindow(resized.height, size.height), across = CenterWindow(resized.width, size.width);
  FP_ASSIGN_OR_RETURN(Image shown, ResizeRegion(image, resized.height, resized.width, p.interpolation,
                                                {down.from, across.from, down.shown, across.shown}));
  for (int channel = 0; channel < p.channels; channel++, to += size.height * size.width) {
    float table[256];
    for (int x = 0; x < 256; x++) {
      table[x] = static_cast<float>(x) / 255.0f;
      if (!p.mean.empty()) table[x] = (table[x] - static_cast<float>(p.mean[channel])) / static_cast<float>(p.deviation[channel]);
    }
    std::fill(to, to + size.height * size.width, table[0]);
    const uint8_t* from = shown.pixels.get() + (shown.channels == 3 ? channel : 0);
    for (int64_t i = 0; i < down.shown; i++) {
      float* row = to + (down.at + i) * size.width + across.at;
      for (int64_t j = 0; j < across.shown; j++, from += shown.channels) row[j] = table[*from];
    }
  }
  return OkStatus();
}

}  // namespace fusepack
