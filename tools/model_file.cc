#include "tools/model_file.h"

#include <charconv>
#include <cstdio>

#include "package_format/mapped_file.h"
#include "package_format/npy/npy.h"
#include "package_format/read.h"

namespace fusepack::tools {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 40;  // of one dimension on the command line

// The whole of `text` as a number from `low` to kMaxSize.
bool ParseNumber(std::string_view text, int64_t low, int64_t* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && *out >= low && *out <= kMaxSize;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

Result<std::vector<Tensor>> ReadAll(const std::vector<std::string>& paths) {
  std::vector<Tensor> tensors;
  for (const std::string& path : paths) {
    FP_ASSIGN_OR_RETURN(Tensor tensor, npy::ReadNpy(path));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace

void AddSourceOptions(CLI::App* command, SourceOptions* options, bool cases) {
  const char* group = "Reading an archive";
  command->add_option("--pickle", options->pickle, "Pickle of the model inside the archive, as model/model.pkl")->group(group);
  command->add_flag("--eval", options->eval, "Switch the model to eval mode (otherwise as stored)")->group(group);
  command->add_option("--shape", options->shapes, "Example sizes of an input, as 1x3x224x224 or i64:1x16")->group(group);
  command->add_option("--seed", options->seed, "Seed of torch.manual_seed for what is drawn")->group(group);
  if (cases) {
    command->add_option("--input", options->inputs, "Example input, a .npy; one for each argument of forward")->group(group);
    command->add_option("--expect", options->expected, "Output for the --input's that PyTorch computed, a .npy each")->group(group);
  }
  command->add_option("--time-limit", options->time_limit_s, "Seconds that evaluating the source may take")->group(group);
  command->add_option("--step-limit", options->step_limit, "Steps that evaluating the source may take")->group(group);
  command->add_option("--memory-limit", options->memory_limit_mb, "MiB that evaluating the source may take")->group(group);
}

Result<InputSpec> ParseShape(const std::string& text) {
  InputSpec spec;
  std::string_view sizes = text;
  if (const size_t colon = text.find(':'); colon != std::string::npos) {
    const auto dtype = DTypeFromShortName(text.substr(0, colon));
    if (!dtype) return UsageError("--shape " + text + ": element type '" + text.substr(0, colon) + "'", "one like f32, i64, u8");
    spec.dtype = *dtype;
    sizes = sizes.substr(colon + 1);
  }
  if (sizes.empty()) return spec;
  for (std::string_view part : Split(sizes, 'x')) {
    int64_t size;
    if (!ParseNumber(part, 0, &size)) return UsageError("--shape " + text, "sizes like 1x3x224x224");
    if (spec.sizes.size() == kMaxRank) return UsageError("--shape " + text, "at most 16 sizes");
    spec.sizes.push_back(size);
  }
  return spec;
}

Result<std::vector<int64_t>> ParseBatches(const std::string& text) {
  std::vector<int64_t> batches;
  for (std::string_view part : Split(text, ',')) {
    int64_t batch;
    if (!ParseNumber(part, 1, &batch)) return UsageError("--batch " + text, "whole numbers from 1 on, as 1,8,32");
    batches.push_back(batch);
  }
  return batches;
}

Result<ConvertOptions> MakeConvertOptions(const SourceOptions& options) {
  ConvertOptions convert;
  convert.pickle = options.pickle;
  convert.eval = options.eval;
  convert.seed = options.seed;
  for (const std::string& text : options.shapes) {
    FP_ASSIGN_OR_RETURN(InputSpec spec, ParseShape(text));
    convert.shapes.push_back(spec);
  }
  if (!options.inputs.empty() && !options.shapes.empty()) return UsageError("both --input and --shape", "one of them");
  FP_ASSIGN_OR_RETURN(convert.inputs, ReadAll(options.inputs));
  FP_ASSIGN_OR_RETURN(convert.expected, ReadAll(options.expected));
  if (options.time_limit_s > 0) convert.limits.seconds = options.time_limit_s;
  if (options.step_limit > 0) convert.limits.steps = options.step_limit;
  if (options.memory_limit_mb > 0) convert.limits.memory_bytes = options.memory_limit_mb << 20;
  convert.warn = [](const std::string& line) { std::fprintf(stderr, "fusepack: warning: %s\n", line.c_str()); };
  return convert;
}

Result<FileKind> DetectFileKind(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  if (IsPackage(bytes)) return FileKind::kPackage;
  if (bytes.size() >= 2 && bytes[0] == 'P' && bytes[1] == 'K') return FileKind::kArchive;
  return WithFile(BadInput("first bytes", bytes.empty() ? "an empty file" : "neither a package's nor a zip file's",
                           "a .fpk or a PyTorch archive"), path);
}

Result<Package> LoadModel(const std::string& path, const ConvertOptions& options) {
  FP_ASSIGN_OR_RETURN(FileKind kind, DetectFileKind(path));
  return kind == FileKind::kPackage ? ReadPackage(path) : ConvertArchive(path, options);
}

Result<const Method*> ForwardOf(const Package& package, const std::string& path) {
  const Method* forward = package.FindMethod("forward");
  if (forward == nullptr) return WithFile(BadInput("methods", "none is called forward", "one"), path);
  return forward;
}

}  // namespace fusepack::tools
