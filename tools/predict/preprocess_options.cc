#include "tools/predict/preprocess_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "package_format/rules.h"
#include "tools/predict/preprocess_image.h"

namespace fusepack::tools {
namespace {

using Three = double[3];
constexpr Three kImageNetMean = {0.485, 0.456, 0.406}, kImageNetDeviation = {0.229, 0.224, 0.225};

struct ThreeNumbers {
  double values[3];
  constexpr ThreeNumbers(double a, double b, double c) : values{a, b, c} {}
  constexpr ThreeNumbers(const Three& from) : values{from[0], from[1], from[2]} {}
};

struct Preset {
  const char* name;
  int64_t resize, crop;
  Interpolation interpolation;
  ThreeNumbers mean, deviation;
};

constexpr Preset kPresets[] = {
    {"imagenet", 256, 224, Interpolation::kBilinear, kImageNetMean, kImageNetDeviation},
#include "tools/predict/presets.inc"
};

// The numbers of "a<separator>b<separator>...".
template <typename T>
bool ParseList(const std::string& text, char separator, std::vector<T>* out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    T value;
    const auto [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc()) return false;
    out->push_back(value);
    if (stop == end) return true;
    if (*stop != separator) return false;
    at = stop + 1;
  }
}

// "256" or "224x320" (height, width).
Status ParseSizes(const char* option, const std::string& text, std::vector<int64_t>* out) {
  out->clear();
  if (!ParseList(text, 'x', out) || out->size() > 2) return UsageError(std::string(option) + " " + text, "a size like 256, or height x width like 224x320");
  return OkStatus();
}

Status ParseNumbers(const char* option, const std::string& text, std::vector<double>* out) {
  out->clear();
  if (!ParseList(text, ',', out)) return UsageError(std::string(option) + " " + text, "numbers like 0.485,0.456,0.406, or one for grey");
  return OkStatus();
}

std::string Shortest(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string SizesText(const std::vector<int64_t>& sizes) {
  return std::to_string(sizes[0]) + (sizes.size() == 2 ? "x" + std::to_string(sizes[1]) : "");
}

}  // namespace

void AddPreprocessOptions(CLI::App* command, PreprocessOptions* options) {
  const char* group = "Images to inputs (as torchvision does on PIL images)";
  command->add_option("--preprocess", options->preset, "imagenet, or torchvision's weights as ResNet50_Weights.IMAGENET1K_V2")->group(group);
  command->add_option("--resize", options->resize, "Resize the shorter side to N, or to HxW; 'none' to leave it out")->group(group);
  command->add_option("--crop", options->crop, "Crop the centre, N or HxW; 'none' to leave it out")->group(group);
  command->add_option("--mean", options->mean, "Subtract from pixels of 0 to 1, as 0.485,0.456,0.406; one number makes images grey")->group(group);
  command->add_option("--std", options->deviation, "Divide by, as 0.229,0.224,0.225")->group(group);
  command->add_option("--interpolation", options->interpolation, "nearest, box, bilinear, hamming, bicubic or lanczos")->group(group);
}

Result<Preprocess> PreprocessPreset(const std::string& name) {
  const auto* preset = std::find_if(std::begin(kPresets), std::end(kPresets), [&](const Preset& p) { return name == p.name; });
  if (preset == std::end(kPresets)) {
    return UsageError("--preprocess " + name, "imagenet, or one of torchvision's classification weights, as ResNet50_Weights.IMAGENET1K_V2");
  }
  Preprocess out;
  out.name = name;
  out.resize = {preset->resize};
  out.crop = {preset->crop, preset->crop};
  out.interpolation = preset->interpolation;
  out.mean.assign(std::begin(preset->mean.values), std::end(preset->mean.values));
  out.deviation.assign(std::begin(preset->deviation.values), std::end(preset->deviation.values));
  return out;
}

std::vector<std::string> PreprocessPresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return names;
}

Result<std::optional<Preprocess>> MakePreprocess(const PreprocessOptions& options) {
  const bool changed = !(options.resize + options.crop + options.mean + options.deviation + options.interpolation).empty();
  if (options.preset.empty() && !changed) return std::optional<Preprocess>();
  Preprocess out;
  if (!options.preset.empty()) {
    FP_ASSIGN_OR_RETURN(out, PreprocessPreset(options.preset));
    if (changed) out.name += " (changed)";
  }
  if (options.resize == "none") out.resize.clear();
  else if (!options.resize.empty()) FP_RETURN_IF_ERROR(ParseSizes("--resize", options.resize, &out.resize));
  if (options.crop == "none") out.crop.clear();
  else if (!options.crop.empty()) FP_RETURN_IF_ERROR(ParseSizes("--crop", options.crop, &out.crop));
  if (out.crop.size() == 1) out.crop.push_back(out.crop[0]);
  if (!options.mean.empty()) FP_RETURN_IF_ERROR(ParseNumbers("--mean", options.mean, &out.mean));
  if (!options.deviation.empty()) FP_RETURN_IF_ERROR(ParseNumbers("--std", options.deviation, &out.deviation));
  if (out.deviation.empty()) out.deviation.assign(out.mean.size(), 1.0);
  if (out.mean.empty()) out.mean.assign(out.deviation.size(), 0.0);
  if (out.mean.size() == 1) out.channels = 1;
  if (!options.interpolation.empty()) {
    const auto* named = std::find(std::begin(kInterpolationNames), std::end(kInterpolationNames), options.interpolation);
    if (named == std::end(kInterpolationNames)) {
      return UsageError("--interpolation " + options.interpolation, "nearest, box, bilinear, hamming, bicubic or lanczos");
    }
    out.interpolation = static_cast<Interpolation>(named - std::begin(kInterpolationNames));
  }
  if (Status status = fpk::CheckPreprocess(out); !status.ok()) return UsageError("--" + status.error().where + " " + status.error().found, status.error().expected);
  return std::optional<Preprocess>(out);
}

void ExampleShape(const Preprocess& preprocess, ConvertOptions* convert) {
  const auto size = FixedInputSize(preprocess);
  if (!size || !convert->shapes.empty() || !convert->inputs.empty()) return;
  convert->shapes.push_back({DType::kF32, {1, preprocess.channels, size->height, size->width}});
}

std::string ToString(const Preprocess& p) {
  std::string out = p.channels == 1 ? "grey" : "RGB";
  if (!p.resize.empty()) out += ", resize " + SizesText(p.resize) + " " + kInterpolationNames[static_cast<int>(p.interpolation)];
  if (!p.crop.empty()) out += ", crop " + SizesText(p.crop);
  if (!p.mean.empty()) {
    out += ", mean";
    for (double m : p.mean) out += " " + Shortest(m);
    out += ", std";
    for (double d : p.deviation) out += " " + Shortest(d);
  }
  return out;
}

}  // namespace fusepack::tools
