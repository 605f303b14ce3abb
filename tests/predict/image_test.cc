// Images as PIL reads them, resizes as PIL computes them: make_images.py wrote both sides.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "package_format/npy/npy.h"
#include "tools/predict/image.h"
#include "tools/predict/pipeline.h"
#include "tools/predict/preprocess_image.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;
const fs::path kImages = "tests/predict/images";

std::vector<fs::path> AllImages(bool bad) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kImages)) {
    if (entry.is_regular_file() && entry.path().filename().string().starts_with("bad_") == bad) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Tensor Expected(const std::string& name) { return npy::ReadNpy((kImages / "expected" / (name + ".npy")).string()).value(); }

void ExpectSame(const Image& image, const Tensor& expected, const std::string& what) {
  ASSERT_EQ(expected.dtype(), DType::kU8);
  ASSERT_EQ(image.height, expected.sizes()[0]) << what;
  ASSERT_EQ(image.width, expected.sizes()[1]) << what;
  ASSERT_EQ(image.channels, expected.rank() == 3 ? 3 : 1) << what;
  const Tensor dense = expected.Contiguous().value();
  const uint8_t* want = dense.view().as<uint8_t>();
  for (int64_t i = 0; i < image.bytes(); i++) {
    ASSERT_EQ(image.pixels[i], want[i]) << what << ": byte " << i << " of " << image.width << "x" << image.height << "x" << image.channels;
  }
}

Image Load(const fs::path& path) {
  const auto bytes = ReadImageFile(path.string()).value();
  return DecodeImage(bytes).value();
}

TEST(DecodeImage, EveryKindAsPil) {
  const auto paths = AllImages(false);
  ASSERT_GT(paths.size(), 35u);
  for (const fs::path& path : paths) {
    const std::string name = path.filename().string();
    const auto bytes = ReadImageFile(path.string()).value();
    auto image = DecodeImage(bytes);
    ASSERT_TRUE(image.ok()) << name << ": " << image.status().ToString();
    ExpectSame(WithChannels(Load(path), 3).value(), Expected(name), name);
    ExpectSame(WithChannels(Load(path), 1).value(), Expected(name + ".grey"), name + " grey");
  }
}

TEST(DecodeImage, RefusesBrokenOnes) {
  const auto paths = AllImages(true);
  ASSERT_GE(paths.size(), 8u);
  for (const fs::path& path : paths) {
    const auto bytes = ReadImageFile(path.string()).value();
    const auto image = DecodeImage(bytes);
    ASSERT_FALSE(image.ok()) << path;
    EXPECT_EQ(image.status().ToString().find('\n'), std::string::npos);
  }
}

// Any cut is an answer; what is read although something is missing lacks no more than an end mark.
TEST(DecodeImage, EveryCut) {
  for (const char* name : {"rgb_420.jpg", "rgb_progressive.jpg", "cmyk.jpg", "exif_6.jpg", "rgba_16.png", "interlaced.png", "palette_4.png"}) {
    const auto bytes = ReadImageFile((kImages / name).string()).value();
    for (size_t size = 0; size + 64 < bytes.size(); size++) {
      EXPECT_FALSE(DecodeImage(std::span(bytes).first(size)).ok()) << name << " cut at " << size;
    }
  }
}

// Any changed byte is an answer of some kind (the sanitizers look on).
TEST(DecodeImage, EveryChangedByte) {
  for (const char* name : {"rgb_progressive.jpg", "cmyk.jpg", "exif_6.jpg", "exif_6.png", "rgba_16.png", "interlaced.png", "palette_4.png", "short_palette.png"}) {
    auto bytes = ReadImageFile((kImages / name).string()).value();
    for (size_t i = 0; i < bytes.size(); i++) {
      const uint8_t good = bytes[i];
      for (uint8_t other : {uint8_t(good ^ 1), uint8_t(good ^ 0x80), uint8_t(0xff), uint8_t(0)}) {
        bytes[i] = other;
        static_cast<void>(DecodeImage(bytes));
      }
      bytes[i] = good;
    }
  }
}

TEST(ResizeImage, EveryFilterAsPil) {
  size_t seen = 0;
  for (const char* name : {"rgb_444.jpg", "grey.png", "tall.jpg"}) {
    const Image whole = WithChannels(Load(kImages / name), 3).value();
    for (int i = 0; i < 6; i++) {
      for (const auto& entry : fs::directory_iterator(kImages / "expected")) {
        const std::string file = entry.path().stem().string();
        if (!file.starts_with(std::string(name) + "." + kInterpolationNames[i] + "-")) continue;
        const Tensor expected = Expected(file);
        auto resized = ResizeImage(whole, expected.sizes()[0], expected.sizes()[1], static_cast<Interpolation>(i));
        ASSERT_TRUE(resized.ok()) << resized.status().ToString();
        ExpectSame(*resized, expected, file);
        seen++;
      }
    }
  }
  EXPECT_EQ(seen, 72u);
}

// Only what the crop shows is computed; it is what cutting it out of the whole gives.
TEST(PreprocessImage, CropIsCutFromTheWhole) {
  const Image image = Load(kImages / "rgb_444.jpg");  // 53 x 37
  Preprocess whole;
  whole.resize = {30};
  Preprocess cut = whole;
  cut.crop = {24, 20};
  const InputSize size = InputSizeFor(whole, image.height, image.width).value();
  EXPECT_EQ(size, (InputSize{30, 42}));  // int(30 * 53 / 37)
  std::vector<float> all(3 * 30 * 42), part(3 * 24 * 20);
  ASSERT_TRUE(PreprocessImage(image, whole, all.data()).ok());
  ASSERT_TRUE(PreprocessImage(image, cut, part.data()).ok());
  for (int c = 0; c < 3; c++) {
    for (int i = 0; i < 24; i++) {
      for (int j = 0; j < 20; j++) ASSERT_EQ(part[(c * 24 + i) * 20 + j], all[(c * 30 + i + 3) * 42 + j + 11]);
    }
  }
}

TEST(PreprocessImage, CropOfASmallImageIsPaddedWithZeros) {
  const Image image = WithChannels(Load(kImages / "one_pixel.jpg"), 3).value();
  Preprocess p;
  p.crop = {4, 3};
  p.mean = {0.5, 0.5, 0.5};
  p.deviation = {0.25, 0.5, 1};
  std::vector<float> out(3 * 4 * 3);
  ASSERT_TRUE(PreprocessImage(image, p, out.data()).ok());
  for (int i = 0; i < 12; i++) {
    if (i == 1 * 3 + 1) continue;  // (4 - 1) / 2 = 1 above, 1 to the left
    EXPECT_EQ(out[i], -2) << i;
    EXPECT_EQ(out[24 + i], -0.5f) << i;
  }
  EXPECT_EQ(out[4], (static_cast<float>(image.pixels[0]) / 255.0f - 0.5f) / 0.25f);
}

TEST(PreprocessImage, ThinImagesCostWhatTheirCropCosts) {
  Image thin = Image::Allocate(1, 60000, 3).value();
  std::fill_n(thin.pixels.get(), thin.bytes(), uint8_t{200});
  Preprocess p;
  p.resize = {256};
  p.crop = {224, 224};
  std::vector<float> out(3 * 224 * 224);
  ASSERT_TRUE(PreprocessImage(thin, p, out.data()).ok());
  EXPECT_EQ(out[0], 200.0f / 255.0f);
  p.crop.clear();
  EXPECT_FALSE(InputSizeFor(p, 1, 60000).ok());
}

TEST(Exif, BrokenOnesAreUpright) {
  const auto bytes = [](std::initializer_list<int> list) { return std::vector<uint8_t>(list.begin(), list.end()); };
  EXPECT_EQ(ExifOrientation({}), 1);
  EXPECT_EQ(ExifOrientation(bytes({'I', 'I', 42, 0, 8, 0, 0, 0})), 1);
  EXPECT_EQ(ExifOrientation(bytes({'I', 'I', 42, 0, 255, 255, 255, 255, 0, 0})), 1);
  EXPECT_EQ(ExifOrientation(bytes({'I', 'I', 42, 0, 8, 0, 0, 0, 255, 255, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0})), 6);
  EXPECT_EQ(ExifOrientation(bytes({'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 2, 0, 0, 0, 6, 0, 0, 0})), 1);
}

}  // namespace
}  // namespace fusepack
