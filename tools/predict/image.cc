// What JPEG and PNG share: allocation, colour, orientation.
#include "tools/predict/image.h"

#include <algorithm>
#include <new>

namespace fusepack {
namespace {

constexpr uint8_t kJpegStart[] = {0xff, 0xd8, 0xff};
constexpr uint8_t kPngStart[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr int kOrientationTag = 0x0112;

bool StartsWith(std::span<const uint8_t> bytes, std::span<const uint8_t> start) {
  return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

// to[i,j] = from[i * row + j * column + base], a pixel of C bytes each.
template <int C>
void Turn(const uint8_t* from, int64_t base, int64_t row, int64_t column, Image* to) {
  uint8_t* out = to->pixels.get();
  for (int64_t i = 0; i < to->height; i++) {
    const uint8_t* pixel = from + (base + i * row) * C;
    for (int64_t j = 0; j < to->width; j++, pixel += column * C, out += C) {
      for (int c = 0; c < C; c++) out[c] = pixel[c];
    }
  }
}

}  // namespace

Result<Image> Image::Allocate(int64_t height, int64_t width, int channels) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (height < 1 || width < 1) return BadInput("image", size, "at least one");
  if (height > kMaxImageSide || width > kMaxImageSide) return LimitExceeded("image", size, "at most " + std::to_string(kMaxImageSide) + " a side");
  if (height * width > kMaxImagePixels) return LimitExceeded("image", size, "at most " + std::to_string(kMaxImagePixels) + " in all");
  Image image;
  image.height = height;
  image.width = width;
  image.channels = channels;
  image.pixels.reset(new (std::nothrow) uint8_t[static_cast<size_t>(image.bytes())]);
  if (image.pixels == nullptr) return LimitExceeded("image", "out of memory for " + size);
  return image;
}

Result<Image> DecodeImage(std::span<const uint8_t> file, const DecodeOptions& options) {
  const bool jpeg = StartsWith(file, kJpegStart);
  if (!jpeg && !StartsWith(file, kPngStart)) {
    return BadInput("first bytes", file.empty() ? "an empty file" : "neither a JPEG's nor a PNG's", "a JPEG or PNG image");
  }
  FP_ASSIGN_OR_RETURN(Image image, jpeg ? internal::DecodeJpeg(file) : internal::DecodePng(file));
  if (!options.upright) return image;
  return Upright(std::move(image), jpeg ? internal::JpegOrientation(file) : internal::PngOrientation(file));
}

Result<Image> WithChannels(Image image, int channels) {
  if (image.channels == channels) return image;
  FP_ASSIGN_OR_RETURN(Image out, Image::Allocate(image.height, image.width, channels));
  const int64_t pixels = image.height * image.width;
  const uint8_t* from = image.pixels.get();
  uint8_t* to = out.pixels.get();
  if (channels == 3) {
    for (int64_t i = 0; i < pixels; i++) to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = from[i];
  } else {
    for (int64_t i = 0; i < pixels; i++, from += 3) {
      to[i] = static_cast<uint8_t>((from[0] * 19595u + from[1] * 38470u + from[2] * 7471u + 0x8000u) >> 16);
    }
  }
  return out;
}

Result<Image> Upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const int64_t h = image.height, w = image.width;
  const bool turned = orientation >= 5;
  FP_ASSIGN_OR_RETURN(Image out, Image::Allocate(turned ? w : h, turned ? h : w, image.channels));
  struct Walk {
    int64_t base, row, column;
  };
  const Walk walks[] = {
      {w - 1, w, -1},             // 2: mirrored left to right
      {h * w - 1, -w, -1},        // 3: half a turn
      {(h - 1) * w, -w, 1},       // 4: mirrored top to bottom
      {0, 1, w},                  // 5: transposed
      {(h - 1) * w, 1, -w},       // 6: a quarter turn clockwise
      {h * w - 1, -1, -w},        // 7: transposed about the other diagonal
      {w - 1, -1, w},             // 8: a quarter turn anticlockwise
  };
  const Walk& walk = walks[orientation - 2];
  (image.channels == 3 ? Turn<3> : Turn<1>)(image.pixels.get(), walk.base, walk.row, walk.column, &out);
  return out;
}

// TIFF 6.0: byte order, 42, offset of a directory; there a count and entries of 12 bytes: tag, type, count, value.
int ExifOrientation(std::span<const uint8_t> tiff) {
  if (tiff.size() < 8) return 1;
  const bool little = tiff[0] == 'I' && tiff[1] == 'I';
  if (!little && !(tiff[0] == 'M' && tiff[1] == 'M')) return 1;
  // The unsigned number of `size` bytes at `at`, which lies inside.
  const auto number = [&](size_t at, size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | tiff[at + (little ? size - 1 - i : i)];
    return value;
  };
  if (number(2, 2) != 42) return 1;
  const size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) return 1;
  const size_t entries = number(directory, 2);
  for (size_t i = 0; i < entries; i++) {
    const size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return 1;
    if (number(entry, 2) != kOrientationTag) continue;
    if (number(entry + 4, 4) != 1) return 1;
    switch (number(entry + 2, 2)) {
      case 1: return static_cast<int>(number(entry + 8, 1));
      case 3: return static_cast<int>(number(entry + 8, 2));
      case 4: return static_cast<int>(std::min<uint32_t>(number(entry + 8, 4), 9));
      default: return 1;
    }
  }
  return 1;
}

}  // namespace fusepack
