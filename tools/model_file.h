// Every command's FILE: a .fpk as it is, or an archive that is converted on the way, with convert's options.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "engine/target.h"
#include "package_format/package.h"
#include "tracer/convert.h"

namespace fusepack::tools {

// The command line's form of ConvertOptions.
struct SourceOptions {
  std::string pickle;
  bool eval = false;
  std::vector<std::string> shapes, inputs, expected;
  uint64_t seed = 0;
  double time_limit_s = 0;     // 0: the evaluator's default
  int64_t step_limit = 0, memory_limit_mb = 0;
};

// Adds --pickle, --eval, --shape, --seed and the limits; with `cases` also --input and --expect (which `run` uses
// for something else).
void AddSourceOptions(CLI::App* command, SourceOptions* options, bool cases);

// Reads the named files and parses the shapes. A warning goes to stderr.
Result<ConvertOptions> MakeConvertOptions(const SourceOptions& options);

enum class FileKind { kPackage, kArchive };
// By the first bytes. kIo if it cannot be read, kBadInput if it is neither.
Result<FileKind> DetectFileKind(const std::string& path);

Result<Package> LoadModel(const std::string& path, const ConvertOptions& options);
// The package's method `forward`; kBadInput naming `path` where it has none.
Result<const Method*> ForwardOf(const Package& package, const std::string& path);

// "1x3x224x224", "i64:1x16", "f32:" (a scalar).
Result<InputSpec> ParseShape(const std::string& text);

// "1,8,32": whole numbers from 1 on.
Result<std::vector<int64_t>> ParseBatches(const std::string& text);

}  // namespace fusepack::tools
