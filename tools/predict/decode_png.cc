// PNG through libpng, row by row (all rows of an interlaced one at once). The library unpacks samples; colour is ours, so
// that it is PIL's. Errors leave the library by longjmp, so the functions that call it hold nothing with a destructor.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tools/predict/image.h"

namespace fusepack::internal {
namespace {

// Deflate's best is 258 bytes of a run from two bits.
constexpr int64_t kMostBytesPerByte = 1032;
constexpr png_alloc_size_t kMaxChunkBytes = 8 << 20;
constexpr int kMaxKeptChunks = 128;

struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const uint8_t> rest;
  char text[160] = "";

  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  Decoder* d = static_cast<Decoder*>(png_get_error_ptr(png));
  std::snprintf(d->text, sizeof d->text, "%s", message);
  png_longjmp(png, 1);
}
void OnWarning(png_structp, png_const_charp) {}

void ReadBytes(png_structp png, png_bytep to, size_t count) {
  Decoder* d = static_cast<Decoder*>(png_get_io_ptr(png));
  if (count > d->rest.size()) png_error(png, "Premature end of PNG file");
  std::memcpy(to, d->rest.data(), count);
  d->rest = d->rest.subspan(count);
}

struct Layout {
  png_uint_32 width = 0, height = 0;
  int bits = 0, color = 0, interlace = 0;
  size_t row_bytes = 0;              // as stored, for the plausibility of sizes
};

bool ReadHeader(Decoder* d, Layout* layout) {
  if (setjmp(png_jmpbuf(d->png))) return false;
  png_set_read_fn(d->png, d, ReadBytes);
  png_set_user_limits(d->png, static_cast<png_uint_32>(kMaxImageSide), static_cast<png_uint_32>(kMaxImageSide));
  png_set_chunk_malloc_max(d->png, kMaxChunkBytes);
  png_set_chunk_cache_max(d->png, kMaxKeptChunks);
  // Chunks that say nothing about the pixels we want are not even unpacked.
  static const png_byte kIgnored[] = "iCCP\0tEXt\0zTXt\0iTXt\0sPLT\0eXIf\0hIST";
  png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, kIgnored, sizeof kIgnored / 5);
  png_read_info(d->png, d->info);
  png_get_IHDR(d->png, d->info, &layout->width, &layout->height, &layout->bits, &layout->color, &layout->interlace, nullptr, nullptr);
  layout->row_bytes = png_get_rowbytes(d->png, d->info);
  return true;
}

struct Palette {
  uint8_t colors[256][3] = {};
};

// A row as libpng hands it over: a sample is a byte, or two of grey with 16 bits.
void ConvertRow(const Layout& layout, const Palette& palette, const uint8_t* from, uint8_t* to) {
  const int64_t width = layout.width;
  switch (layout.color) {
    case PNG_COLOR_TYPE_PALETTE:
      for (int64_t i = 0; i < width; i++) std::memcpy(to + 3 * i, palette.colors[from[i]], 3);
      return;
    case PNG_COLOR_TYPE_GRAY:
      if (layout.bits == 16) {
        for (int64_t i = 0; i < width; i++) to[i] = from[2 * i] != 0 ? 255 : from[2 * i + 1];
      } else {
        const int spread = 255 / ((1 << layout.bits) - 1);
        for (int64_t i = 0; i < width; i++) to[i] = static_cast<uint8_t>(from[i] * spread);
      }
      return;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      for (int64_t i = 0; i < width; i++) to[i] = from[2 * i];
      return;
    case PNG_COLOR_TYPE_RGB:
      std::memcpy(to, from, static_cast<size_t>(3 * width));
      return;
    default:
      for (int64_t i = 0; i < width; i++) std::memcpy(to + 3 * i, from + 4 * i, 3);
      return;
  }
}

// Samples of fewer bits become bytes, 16 bits lose the lower eight (but see ConvertRow). Returns bytes a row, 0 on failure.
size_t PrepareRows(Decoder* d, const Layout& layout, Palette* palette) {
  if (setjmp(png_jmpbuf(d->png))) return 0;
  png_set_packing(d->png);
  if (layout.bits == 16 && layout.color != PNG_COLOR_TYPE_GRAY) png_set_strip_16(d->png);
  if (layout.interlace != PNG_INTERLACE_NONE) png_set_interlace_handling(d->png);
  png_colorp colors = nullptr;
  int count = 0;
  if (layout.color == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(d->png, d->info, &colors, &count) != 0) {
    for (int i = 0; i < std::min(count, 256); i++) {
      palette->colors[i][0] = colors[i].red;
      palette->colors[i][1] = colors[i].green;
      palette->colors[i][2] = colors[i].blue;
    }
  }
  png_read_update_info(d->png, d->info);
  return png_get_rowbytes(d->png, d->info);
}

// row: room for one; rows: all of an interlaced image, or nullptr.
bool ReadRows(Decoder* d, const Layout& layout, const Palette& palette, uint8_t* row, uint8_t** rows, Image* image) {
  if (setjmp(png_jmpbuf(d->png))) return false;
  const int64_t out_bytes = image->width * image->channels;
  if (rows != nullptr) {
    png_read_image(d->png, rows);
    for (int64_t i = 0; i < image->height; i++) ConvertRow(layout, palette, rows[i], image->pixels.get() + i * out_bytes);
    return true;
  }
  for (int64_t i = 0; i < image->height; i++) {
    png_read_row(d->png, row, nullptr);
    ConvertRow(layout, palette, row, image->pixels.get() + i * out_bytes);
  }
  return true;
}

}  // namespace

Result<Image> DecodePng(std::span<const uint8_t> file) {
  Decoder d;
  d.rest = file;
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, OnError, OnWarning);
  if (d.png != nullptr) d.info = png_create_info_struct(d.png);
  if (d.info == nullptr) return LimitExceeded("PNG", "out of memory");
  Layout layout;
  if (!ReadHeader(&d, &layout)) return BadInput("PNG", d.text);
  const int64_t height = layout.height, width = layout.width;
  // Every row has a filter byte before it; an interlaced image has more of them, never less.
  if ((static_cast<int64_t>(layout.row_bytes) + 1) * height / kMostBytesPerByte > static_cast<int64_t>(file.size())) {
    return BadInput("PNG", std::to_string(width) + " x " + std::to_string(height) + " pixels in " + std::to_string(file.size()) + " bytes",
                    "a file that can hold them");
  }
  FP_ASSIGN_OR_RETURN(Image image, Image::Allocate(height, width, (layout.color & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1));
  Palette palette;
  const size_t row_bytes = PrepareRows(&d, layout, &palette);
  if (row_bytes == 0) return BadInput("PNG", d.text);
  const bool interlaced = layout.interlace != PNG_INTERLACE_NONE;
  const auto rows = std::make_unique<uint8_t[]>(row_bytes * (interlaced ? static_cast<size_t>(height) : 1));
  std::vector<uint8_t*> row_pointers;
  if (interlaced) {
    for (int64_t i = 0; i < height; i++) row_pointers.push_back(rows.get() + static_cast<size_t>(i) * row_bytes);
  }
  if (!ReadRows(&d, layout, palette, rows.get(), interlaced ? row_pointers.data() : nullptr, &image)) return BadInput("PNG", d.text);
  return image;
}

// Chunks after the signature: length, type, that many bytes, a checksum.
int PngOrientation(std::span<const uint8_t> file) {
  size_t at = 8;
  while (at + 12 <= file.size()) {
    const size_t length = static_cast<size_t>(file[at]) << 24 | static_cast<size_t>(file[at + 1]) << 16 |
                          static_cast<size_t>(file[at + 2]) << 8 | file[at + 3];
    if (length > file.size() - at - 12) return 1;
    if (std::memcmp(&file[at + 4], "eXIf", 4) == 0) return ExifOrientation(file.subspan(at + 8, length));
    at += 12 + length;
  }
  return 1;
}

}  // namespace fusepack::internal
