// --preprocess, --resize, --crop, --mean, --std and --interpolation, for convert, pack and predict.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "kernels/base/status.h"
#include "package_format/preprocess.h"
#include "tracer/convert.h"

namespace fusepack::tools {

struct PreprocessOptions {
  std::string preset, resize, crop, mean, deviation, interpolation;
};

void AddPreprocessOptions(CLI::App* command, PreprocessOptions* options);

// What the options say: a preset, changed by what stands beside it. Absent where none is given. kUsage.
Result<std::optional<Preprocess>> MakePreprocess(const PreprocessOptions& options);

// "imagenet", or weights as torchvision calls them: "ResNet50_Weights.IMAGENET1K_V2". kUsage for another name.
Result<Preprocess> PreprocessPreset(const std::string& name);
std::vector<std::string> PreprocessPresetNames();

// Without example inputs in `convert`: one image of the size that preprocessing gives every image, where it gives one.
void ExampleShape(const Preprocess& preprocess, ConvertOptions* convert);

// "RGB, resize 256 bilinear, crop 224x224, mean 0.485 0.456 0.406, std 0.229 0.224 0.225"
std::string ToString(const Preprocess& preprocess);

}  // namespace fusepack::tools
