// PreprocessImage: an Image becomes a model's input as package_format/preprocess.h states it; ResizeImage: its resize alone.
//
// Both give torchvision's numbers on a PIL image bit for bit. Only what the crop shows is computed, so an image of one
// pixel's height costs no more than its crop. Threads: any number.
#pragma once

#include <optional>
#include <vector>

#include "package_format/preprocess.h"
#include "tools/predict/image.h"

namespace fusepack {

// Where the result's height and width do not depend on the image: f32[channels,height,width].
struct InputSize {
  int64_t height = 0, width = 0;
  friend bool operator==(const InputSize&, const InputSize&) = default;
};
std::optional<InputSize> FixedInputSize(const Preprocess& preprocess);

// The result's size for an image of this size. kLimit where a resized image without a crop would be over kMaxImagePixels.
Result<InputSize> InputSizeFor(const Preprocess& preprocess, int64_t height, int64_t width);

// to: f32[channels,height,width], dense, of InputSizeFor. Channels are converted on the way.
Status PreprocessImage(const Image& image, const Preprocess& preprocess, float* to);

// Image.resize((width, height), interpolation).
Result<Image> ResizeImage(const Image& image, int64_t height, int64_t width, Interpolation interpolation);

}  // namespace fusepack
