// JPEG through libjpeg-turbo. Errors leave the library by longjmp (its only way), so the function that calls it holds
// nothing with a destructor; the image it fills belongs to its caller.
//
// Warnings (a damaged run of coefficients) are passed over, as PIL does; a file that ends early is an error, as there.
#include <cstdio>
// (jpeglib.h needs size_t and FILE)
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstring>

#include "tools/predict/image.h"

namespace fusepack::internal {
namespace {

// A block of 64 pixels of one channel takes at least one bit; with chroma quartered no pixel needs less.
constexpr int64_t kMostPixelsPerByte = 512;

struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf out;
  char text[JMSG_LENGTH_MAX];
  bool file_ended = false;
  bool have_all_rows = false;
};

[[noreturn]] void OnError(j_common_ptr jpeg) {
  Failure* failure = reinterpret_cast<Failure*>(jpeg->err);
  jpeg->err->format_message(jpeg, failure->text);
  std::longjmp(failure->out, 1);
}
void OnMessage(j_common_ptr, int) {}

void NothingToDo(j_decompress_ptr) {}
boolean NoMoreBytes(j_decompress_ptr jpeg) {
  reinterpret_cast<Failure*>(jpeg->err)->file_ended = true;
  ERREXIT(jpeg, JERR_INPUT_EOF);  // does not return
  return FALSE;
}
void SkipBytes(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if (static_cast<size_t>(count) > jpeg->src->bytes_in_buffer) ERREXIT(jpeg, JERR_INPUT_EOF);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= static_cast<size_t>(count);
}

void CountScans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxJpegScans) return;
  Failure* failure = reinterpret_cast<Failure*>(jpeg->err);
  std::snprintf(failure->text, sizeof failure->text, "more than %d scans", kMaxJpegScans);
  std::longjmp(failure->out, 1);
}

struct Decoder {
  jpeg_decompress_struct jpeg;
  Failure failure;
  jpeg_source_mgr source;
  jpeg_progress_mgr progress;
};

// Reads the header; false leaves failure.text.
bool ReadHeader(Decoder* d, std::span<const uint8_t> file) {
  d->jpeg.err = jpeg_std_error(&d->failure.manager);
  d->failure.manager.error_exit = OnError;
  d->failure.manager.emit_message = OnMessage;
  if (setjmp(d->failure.out)) return false;
  jpeg_create_decompress(&d->jpeg);
  d->jpeg.mem->max_memory_to_use = kMaxDecoderBytes;
  d->source = {};
  d->source.next_input_byte = file.data();
  d->source.bytes_in_buffer = file.size();
  d->source.init_source = NothingToDo;
  d->source.fill_input_buffer = NoMoreBytes;
  d->source.skip_input_data = SkipBytes;
  d->source.resync_to_restart = jpeg_resync_to_restart;
  d->source.term_source = NothingToDo;
  d->jpeg.src = &d->source;
  jpeg_read_header(&d->jpeg, TRUE);
  return true;
}

// Inverted CMYK to RGB, rounded as PIL rounds.
void CmykRow(const uint8_t* from, int64_t width, uint8_t* to) {
  for (int64_t i = 0; i < width; i++, from += 4, to += 3) {
    const int light = from[3];  // 255 - K
    for (int c = 0; c < 3; c++) {
      const int t = (255 - from[c]) * light + 128;
      to[c] = static_cast<uint8_t>(light - ((t + (t >> 8)) >> 8));
    }
  }
}

// image: allocated for the header's sizes. cmyk_row: u8[width,4], or nullptr.
bool ReadPixels(Decoder* d, Image* image, uint8_t* cmyk_row) {
  // As PIL has it, the end mark may be missing, but what stands in its place must not be nonsense.
  if (setjmp(d->failure.out)) return d->failure.have_all_rows && d->failure.file_ended;
  d->progress = {};
  d->progress.progress_monitor = CountScans;
  d->jpeg.progress = &d->progress;
  d->jpeg.out_color_space = cmyk_row != nullptr ? JCS_CMYK : image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&d->jpeg);
  while (d->jpeg.output_scanline < d->jpeg.output_height) {
    uint8_t* to = image->pixels.get() + static_cast<int64_t>(d->jpeg.output_scanline) * image->width * image->channels;
    JSAMPROW row = cmyk_row != nullptr ? cmyk_row : to;
    jpeg_read_scanlines(&d->jpeg, &row, 1);
    if (cmyk_row != nullptr) CmykRow(cmyk_row, image->width, to);
  }
  d->failure.have_all_rows = true;
  jpeg_finish_decompress(&d->jpeg);
  return true;
}

}  // namespace

Result<Image> DecodeJpeg(std::span<const uint8_t> file) {
  auto decoder = std::make_unique<Decoder>();
  std::memset(&decoder->jpeg, 0, sizeof decoder->jpeg);
  struct Destroy {
    Decoder* d;
    ~Destroy() { jpeg_destroy_decompress(&d->jpeg); }
  } destroy{decoder.get()};
  if (!ReadHeader(decoder.get(), file)) return BadInput("JPEG", decoder->failure.text);
  const jpeg_decompress_struct& jpeg = decoder->jpeg;
  const int channels = jpeg.num_components;
  if (channels != 1 && channels != 3 && channels != 4) {
    return BadInput("JPEG", std::to_string(channels) + " components", "1, 3 or 4");
  }
  const int64_t width = jpeg.image_width, height = jpeg.image_height;
  if (width * height / kMostPixelsPerByte > static_cast<int64_t>(file.size())) {
    return BadInput("JPEG", std::to_string(width) + " x " + std::to_string(height) + " pixels in " + std::to_string(file.size()) + " bytes",
                    "a file that can hold them");
  }
  FP_ASSIGN_OR_RETURN(Image image, Image::Allocate(height, width, channels == 1 ? 1 : 3));
  std::unique_ptr<uint8_t[]> cmyk_row;
  if (channels == 4) cmyk_row = std::make_unique<uint8_t[]>(static_cast<size_t>(width) * 4);
  if (!ReadPixels(decoder.get(), &image, cmyk_row.get())) return BadInput("JPEG", decoder->failure.text);
  return image;
}

// Markers up to the first scan: FF, a code, a length of two bytes that counts itself.
int JpegOrientation(std::span<const uint8_t> file) {
  static constexpr char kExif[] = {'E', 'x', 'i', 'f', 0, 0};
  size_t at = 2;
  while (at + 4 <= file.size()) {
    if (file[at] != 0xff) return 1;
    const uint8_t code = file[at + 1];
    if (code == 0xff) {
      at++;
      continue;
    }
    if (code == 0x01 || (code >= 0xd0 && code <= 0xd8)) {  // no length
      at += 2;
      continue;
    }
    if (code == 0xda || code == 0xd9) return 1;
    const size_t length = static_cast<size_t>(file[at + 2]) << 8 | file[at + 3];
    if (length < 2 || at + 2 + length > file.size()) return 1;
    const auto body = file.subspan(at + 4, length - 2);
    if (code == 0xe1 && body.size() > sizeof kExif && std::memcmp(body.data(), kExif, sizeof kExif) == 0) {
      return ExifOrientation(body.subspan(sizeof kExif));
    }
    at += 2 + length;
  }
  return 1;
}

}  // namespace fusepack::internal
