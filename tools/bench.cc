// fusepack bench: throughput and latency for each batch size, of outputs that verified.
#include "engine/bench.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "kernels/base/cpu_features.h"
#include "kernels/base/parallel.h"
#include "package_format/atomic_write.h"
#include "tools/calibration.h"
#include "tools/cases.h"
#include "tools/command.h"
#include "tools/device_options.h"
#include "tools/model_file.h"

namespace fusepack::tools {
namespace {

Status Refuse(const std::string& model, const std::string& why) {
  return Status(Error{ErrorCode::kVerifyFailed, model, "bench", why, "outputs that verify, before any figure", ""});
}

// Verifies the first case, upon which figures rest, and gives the tolerance that it was held to.
Result<Tolerance> VerifiedCase(const Package& package, const Target& target, const std::string& model) {
  if (package.cases.empty()) return Refuse(model, "no reference case");
  const ReferenceCase& reference = package.cases[0];
  FP_ASSIGN_OR_RETURN(CaseVerdict verdict, VerifyCase(package, reference, target));
  if (!verdict.passed) return Refuse(model, "case " + reference.name + " differs: " + verdict.outputs[0].comparison.ToString());
  return verdict.outputs[0].comparison.tolerance;
}

// Samples depend on their batch in training mode only; there, repeating the whole case keeps its statistics.
bool RowsAreComparable(const Package& package, const ReferenceCase& reference, int64_t batch) {
  const std::string* mode = package.FindMetadata("mode");
  const int64_t own = reference.inputs[0].tensor.rank() > 0 ? reference.inputs[0].tensor.sizes()[0] : 0;
  return mode == nullptr || *mode == "eval" || (own > 0 && batch % own == 0);
}

Status VerifyBatch(const Package& package, const ReferenceCase& reference, Session& session, const std::vector<Tensor>& inputs,
                   int64_t batch, const Tolerance& tolerance, const std::string& model) {
  FP_ASSIGN_OR_RETURN(auto outputs, session.Run(inputs));
  if (!RowsAreComparable(package, reference, batch)) return OkStatus();
  for (size_t i = 0; i < outputs.size(); i++) {
    const Tensor& expected = reference.outputs[i].tensor;
    if (outputs[i].rank() == 0 || outputs[i].sizes()[0] != batch || expected.rank() == 0) continue;
    FP_ASSIGN_OR_RETURN(Tensor repeated, RepeatRows(expected, batch));
    FP_ASSIGN_OR_RETURN(Comparison comparison, CompareTensors(outputs[i], repeated, tolerance));
    if (!comparison.passed) return Refuse(model, "batch " + std::to_string(batch) + " differs: " + comparison.ToString());
  }
  return OkStatus();
}

nlohmann::json ResultJson(const BenchResult& r, Precision precision) {
  return {{"batch", r.batch},
          {"precision", NameOf(precision)},
          {"images_per_second", r.images_per_second},
          {"gflops", r.gflops},
          {"latency_ms", {{"min", r.min_ms}, {"median", r.median_ms}, {"p99", r.p99_ms}}},
          {"verified", true},
          {"peak_fraction", r.peak_fraction}};
}

}  // namespace

void AddBench(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("bench", "Measure throughput and latency; refuses outputs that do not verify");
  struct Options {
    std::string model, batches = "1", json;
    double seconds = 3;
    SourceOptions source;
    DeviceOptions device;
  };
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model, "A .fpk, or an archive that is converted on the way")->required();
  command->add_option("--batch", options->batches, "Batch sizes, as 1,8,32")->capture_default_str();
  command->add_option("--seconds", options->seconds, "Time for each batch size")->capture_default_str()->check(CLI::Range(0.001, 3600.0));
  command->add_option("--json", options->json, "Also write the figures here");
  AddDeviceOptions(command, &options->device);
  AddSourceOptions(command, &options->source, true);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(auto batches, ParseBatches(options->batches));
      FP_ASSIGN_OR_RETURN(Target target, MakeTarget(options->device));
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      FP_ASSIGN_OR_RETURN(Package package, LoadModel(options->model, convert));
      FP_ASSIGN_OR_RETURN(const Tolerance tolerance, VerifiedCase(package, target, options->model));
      const ReferenceCase* reference = &package.cases[0];
      const Method* method = package.FindMethod(reference->method);
      FP_ASSIGN_OR_RETURN(auto session, Session::Create(method->graph, TargetOf(*method, target)));

      const std::string machine = CpuBrand() + ", " + CpuLevelName(target.cpu) + ", " + std::to_string(ThreadCount()) + " threads";
      nlohmann::json report = {{"model", options->model}, {"device", "cpu"}, {"machine", machine}, {"results", nlohmann::json::array()}};
      std::printf("%s on cpu (%s), %s, verified\n", options->model.c_str(), machine.c_str(), options->device.precision.c_str());
      std::printf("%6s %10s %10s %10s %10s %10s %8s\n", "batch", "images/s", "min ms", "median ms", "p99 ms", "GFLOP/s", "of peak");
      for (int64_t batch : batches) {
        std::vector<Tensor> inputs;
        for (const CaseTensor& input : reference->inputs) {
          FP_ASSIGN_OR_RETURN(Tensor rows, RepeatRows(input.tensor, batch));
          inputs.push_back(std::move(rows));
        }
        FP_RETURN_IF_ERROR(WithFile(VerifyBatch(package, *reference, *session, inputs, batch, tolerance, options->model), options->model));
        FP_ASSIGN_OR_RETURN(auto plan, session->PlanFor(SpecsOf(inputs)));
        FP_ASSIGN_OR_RETURN(BenchResult result, Bench(*plan, inputs, options->seconds));
        std::printf("%6lld %10.1f %10.3f %10.3f %10.3f %10.1f %7.0f%%\n", static_cast<long long>(batch), result.images_per_second,
                    result.min_ms, result.median_ms, result.p99_ms, result.gflops, 100 * result.peak_fraction);
        report["results"].push_back(ResultJson(result, target.precision));
      }
      if (options->json.empty()) return OkStatus();
      return WriteFileAtomically(options->json, report.dump(2) + "\n");
    };
  });
}

}  // namespace fusepack::tools
