// fusepack predict: images in, predictions out. A FileList becomes items, a Pipeline runs them, a PredictionFile keeps them.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "engine/run.h"
#include "kernels/base/parallel.h"
#include "tools/command.h"
#include "tools/device_options.h"
#include "tools/model_file.h"
#include "tools/predict/pipeline.h"
#include "tools/predict/prediction_file.h"
#include "tools/predict/preprocess_image.h"
#include "tools/predict/preprocess_options.h"
#include "tools/predict/progress.h"

namespace fusepack::tools {
namespace {

constexpr int64_t kMaxBatch = 4096;

struct Options {
  std::string model, output, labels, shard;
  std::vector<std::string> paths;
  size_t top = 5;
  int64_t batch = 32;
  bool resume = false, recursive = false, ignore_exif = false;
  PreprocessOptions preprocess;
  SourceOptions source;
  DeviceOptions device;
};

Result<PredictionKind> KindOf(const std::string& output) {
  if (output.empty() || HasExtension(output, ".jsonl") || output.starts_with("/dev/")) return PredictionKind::kJsonLines;
  if (HasExtension(output, ".csv")) return PredictionKind::kCsv;
  if (HasExtension(output, ".npy")) return PredictionKind::kNpy;
  return UsageError("-o " + output, "a name that ends in .jsonl, .csv or .npy");
}

// "2/8": part 2 of parts 0 to 7.
Status KeepShard(const std::string& text, FileList* files) {
  size_t index = 0, count = 0;
  const size_t slash = text.find('/');
  const char* const end = text.data() + text.size();
  if (slash == std::string::npos || std::from_chars(text.data(), text.data() + slash, index).ptr != text.data() + slash ||
      std::from_chars(text.data() + slash + 1, end, count).ptr != end || slash + 1 == text.size() || slash == 0 || index >= count) {
    return UsageError("--shard " + text, "I/N with I from 0 to N - 1");
  }
  files->KeepShard(index, count);
  return OkStatus();
}

// forward's one input, which must be what images become.
Result<const Value*> InputOf(const Method& forward, const std::optional<Preprocess>& preprocess, const std::string& model) {
  const Graph& graph = forward.graph;
  if (graph.inputs.size() != 1) return WithFile(BadInput("forward", std::to_string(graph.inputs.size()) + " inputs", "one"), model);
  const Value& input = graph.value(graph.inputs[0]);
  const std::string found = std::string(ShortName(input.dtype)) + ToString(input.sizes);
  if (input.dtype != DType::kF32) return WithFile(BadInput("forward's input", found, "f32"), model);
  if (input.sizes.empty()) return WithFile(BadInput("forward's input", found, "a batch"), model);
  if (preprocess && input.sizes.size() != 4) return WithFile(BadInput("forward's input", found, "f32[N,C,H,W], as images become"), model);
  if (graph.outputs.empty()) return WithFile(BadInput("forward", "no output", "one"), model);
  return &input;
}

double Percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

void PrintSummary(size_t items, size_t there_before, size_t failed, double seconds, const StageTimes& times) {
  std::string before = there_before > 0 ? " (" + std::to_string(there_before) + " more were there)" : "";
  std::fprintf(stderr,
               "fusepack: %zu predictions%s, %zu %s, %.2f s, %.1f images/s; engine busy %.0f%%, waiting for images %.0f%%; "
               "threads' time: read %.2f s, decode %.2f s, preprocess %.2f s, infer %.2f s, write %.2f s\n",
               items, before.c_str(), failed, failed == 1 ? "error" : "errors", seconds, seconds > 0 ? static_cast<double>(items) / seconds : 0.0,
               Percent(times.infer_s, seconds), Percent(times.wait_s, seconds), times.read_s, times.decode_s, times.preprocess_s, times.infer_s,
               times.write_s);
}

Status Predict(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  FP_ASSIGN_OR_RETURN(const PredictionKind kind, KindOf(options.output));
  if (options.resume && options.output.empty()) return UsageError("--resume without -o", "-o FILE, which is gone on with");
  FP_ASSIGN_OR_RETURN(Target target, MakeTarget(options.device));
  LineFormat format;
  format.top = options.top;
  if (!options.labels.empty()) {
    FP_ASSIGN_OR_RETURN(format.labels, ReadLabels(options.labels));
  }
  FP_ASSIGN_OR_RETURN(std::optional<Preprocess> preprocess, MakePreprocess(options.preprocess));

  FP_ASSIGN_OR_RETURN(FileList files, FileList::Collect(options.paths, options.recursive));
  if (files.size() == 0) return WithFile(BadInput("", "no image", "files .jpg, .jpeg, .png or .npy"), options.paths[0]);
  if (!options.shard.empty()) FP_RETURN_IF_ERROR(KeepShard(options.shard, &files));

  FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options.source));
  convert.reference_case = false;
  if (preprocess) ExampleShape(*preprocess, &convert);
  FP_ASSIGN_OR_RETURN(Package package, LoadModel(options.model, convert));
  if (!preprocess) preprocess = package.preprocess;
  FP_ASSIGN_OR_RETURN(const Method* forward, ForwardOf(package, options.model));
  FP_ASSIGN_OR_RETURN(const Value* input, InputOf(*forward, preprocess, options.model));
  FP_ASSIGN_OR_RETURN(auto session, Session::Create(forward->graph, target));

  const ItemSource source(&files, static_cast<int>(input->sizes.size()), preprocess.has_value());
  ItemSource there = source;
  FP_ASSIGN_OR_RETURN(auto file, PredictionFile::Open(options.output, kind, format, options.resume, [&there] { return there.Next(); }));
  const size_t before = file->done();
  // A batch that was begun is run whole again: the same items in the same place give the same bits.
  const size_t skip = before - before % static_cast<size_t>(options.batch);

  PipelineOptions pipeline;
  pipeline.batch = options.batch;
  pipeline.decoders = ThreadCount();
  pipeline.preprocess = preprocess;
  pipeline.decode.upright = !options.ignore_exif;
  StageTimes times;
  size_t drop = before - skip, items = 0, failed_before = file->failed();
  Progress progress(files.size(), 0);
  const auto write = [&](std::vector<Outcome> outcomes) -> Status {
    const size_t file_index = outcomes.back().item.file_index;
    outcomes.erase(outcomes.begin(), outcomes.begin() + static_cast<std::ptrdiff_t>(std::min(drop, outcomes.size())));
    drop = 0;  // it is less than a batch
    items += outcomes.size();
    FP_RETURN_IF_ERROR(file->Append(std::move(outcomes)));
    progress.Show(file_index + 1, items, file->failed() - failed_before);
    return OkStatus();
  };
  FP_RETURN_IF_ERROR(RunPipeline(source, skip, *session, pipeline, write, &times));
  FP_RETURN_IF_ERROR(file->Finish());
  progress.Clear();
  PrintSummary(items, before, file->failed(), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), times);
  if (file->failed() == 0) return OkStatus();
  return Status(Error{ErrorCode::kVerifyFailed, options.model, "predict",
                      std::to_string(file->failed()) + " of " + std::to_string(before + items) + " failed (their lines say why)", "all predicted", ""});
}

}  // namespace

void AddPredict(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("predict", "Images in, predictions out: JPEG, PNG and .npy files or folders of them");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model, "A .fpk, or an archive that is converted on the way")->required();
  command->add_option("PATH", options->paths, "Images, .npy batches, or folders of them")->required();
  command->add_option("-o,--output", options->output, "Where to: .jsonl or .csv for predictions, .npy for raw outputs; standard output if absent");
  command->add_option("--top", options->top, "Classes a line")->capture_default_str()->check(CLI::Range(1, 1000));
  command->add_option("--labels", options->labels, "Names of the classes: a line each, or a JSON array");
  command->add_option("--batch", options->batch, "Images that run together")->capture_default_str()->check(CLI::Range(int64_t{1}, kMaxBatch));
  command->add_flag("--resume", options->resume, "Go on where an interrupted run with the same arguments stopped");
  command->add_option("--shard", options->shard, "Only part I of N, I from 0; parts one after the other are the whole");
  command->add_flag("--recursive", options->recursive, "Enter folders in folders");
  command->add_flag("--ignore-exif", options->ignore_exif, "Leave images as stored, whatever their EXIF orientation");
  AddPreprocessOptions(command, &options->preprocess);
  AddDeviceOptions(command, &options->device);
  AddSourceOptions(command, &options->source, false);
  command->callback([options, run] { *run = [options] { return Predict(*options); }; });
}

}  // namespace fusepack::tools
