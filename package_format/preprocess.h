// Preprocess: how an image becomes a model's input, stored in a package so that nobody has to remember it.
//
// The steps and their arithmetic are those of torchvision's classification transforms on PIL images:
//   1. colour: RGB, or one grey channel (PIL's "L")
//   2. resize with PIL's antialiased 8-bit filters
//   3. crop the centre; what the image is too small for is zero
//   4. y[c,i,j] = (x[i,j,c] / 255 - mean[c]) / deviation[c], in f32
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fusepack {

// The numbers stand in files.
enum class Interpolation : uint8_t { kNearest = 0, kBox = 1, kBilinear = 2, kHamming = 3, kBicubic = 4, kLanczos = 5 };
inline constexpr const char* kInterpolationNames[] = {"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"};

struct Preprocess {
  std::string name;                       // of the preset, for people; may be empty
  int channels = 3;                       // 3: RGB, 1: grey
  std::vector<int64_t> resize;            // none: size stays; one: of the shorter side; two: height, width
  Interpolation interpolation = Interpolation::kBilinear;
  std::vector<int64_t> crop;              // none, or height, width
  std::vector<double> mean, deviation;    // none (0 and 1), or one a channel

  friend bool operator==(const Preprocess&, const Preprocess&) = default;
};

}  // namespace fusepack
