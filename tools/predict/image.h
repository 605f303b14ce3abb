// Image: 8-bit pixels; DecodeImage: a JPEG's or PNG's bytes as PIL's Image.open(f) and ImageOps.exif_transpose give them.
//
// The pixels are those of .convert("RGB") (or, of an image without colour, .convert("L")), bit for bit as PIL converts:
//   palette   the palette's colours; transparency is dropped, here as everywhere
//   1, 2, 4 bits of grey are spread over 0 to 255
//   16 bits   of colour, or of grey with alpha: the upper eight; of grey alone: min(value, 255), as PIL has it
//   CMYK, YCCK  inverted as Adobe's are; R = (255 - K) - C * (255 - K) / 255, rounded
// Orientation is the EXIF tag's.
//
// Untrusted bytes: what is declared is held to limits, and to what the file's size can hold, before anything is allocated.
// Errors: kBadInput and kLimit without a file name. Threads: any number.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "kernels/base/status.h"

namespace fusepack {

inline constexpr uint64_t kMaxImageFileBytes = uint64_t{256} << 20;
inline constexpr int64_t kMaxImageSide = 65535;             // JPEG's own limit
inline constexpr int64_t kMaxImagePixels = 178'956'970;     // where PIL sees a decompression bomb
inline constexpr int kMaxJpegScans = 200;                   // a progressive file has about ten; each costs a pass
inline constexpr int64_t kMaxDecoderBytes = int64_t{2} << 30;

struct Image {
  int64_t height = 0, width = 0;
  int channels = 0;                    // 3: RGB; 1: grey
  std::unique_ptr<uint8_t[]> pixels;   // u8[height,width,channels]

  // Pixels are not initialised. kLimit over kMaxImageSide, kMaxImagePixels or out of memory.
  static Result<Image> Allocate(int64_t height, int64_t width, int channels);
  int64_t bytes() const { return height * width * channels; }
};

struct DecodeOptions {
  bool upright = true;  // false: EXIF orientation is left alone, as torchvision's ImageFolder does
};

// JPEG or PNG, by its first bytes.
Result<Image> DecodeImage(std::span<const uint8_t> file, const DecodeOptions& options = {});

// One channel to three, or three to one (PIL's "L": (19595 R + 38470 G + 7471 B + 32768) >> 16). Itself where nothing changes.
Result<Image> WithChannels(Image image, int channels);

// EXIF orientation 1 to 8; any other number is 1.
Result<Image> Upright(Image image, int orientation);

// The orientation that a TIFF structure states; 1 where it states none or is broken.
int ExifOrientation(std::span<const uint8_t> tiff);

namespace internal {
Result<Image> DecodeJpeg(std::span<const uint8_t> file);
Result<Image> DecodePng(std::span<const uint8_t> file);
int JpegOrientation(std::span<const uint8_t> file);
int PngOrientation(std::span<const uint8_t> file);
}  // namespace internal

}  // namespace fusepack
