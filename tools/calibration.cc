#include "tools/calibration.h"

#include <cstdio>

#include "engine/calibrate.h"
#include "package_format/npy/npy.h"
#include "tools/cases.h"

namespace fusepack::tools {

void AddCalibrationOptions(CLI::App* command, CalibrationOptions* options) {
  const char* group = "int8";
  command->add_option("--calibrate", options->method, "Store ranges for --precision int8, from the reference case's inputs")
      ->expected(0, 1)->default_str("minmax")->check(CLI::IsMember(std::vector<std::string>(std::begin(kCalibrationMethods), std::end(kCalibrationMethods))))
      ->group(group);
  command->add_option("--calibration-input", options->inputs, "Another input to look at, a .npy; one for each argument of forward, repeated")->group(group);
  command->add_flag("--calibrate-report", options->report, "Print what int8 does to each layer: cosine and largest error against fp32")->group(group);
}

Status CalibratePackage(const CalibrationOptions& options, Package* package) {
  if (options.method.empty()) {
    if (!options.inputs.empty() || options.report) return UsageError("--calibration-input or --calibrate-report alone", "--calibrate METHOD with them");
    return OkStatus();
  }
  const auto method = CalibrationMethodFromName(options.method);
  if (!method) return UsageError("--calibrate " + options.method, "minmax, percentile, mse or entropy");
  for (Method& m : package->methods) {
    std::vector<std::vector<Tensor>> samples;
    for (const ReferenceCase& reference : package->cases) {
      if (reference.method == m.name) samples.push_back(InputsOf(reference));
    }
    const size_t arguments = m.graph.inputs.size();
    if (arguments == 0 || options.inputs.size() % arguments != 0) {
      return UsageError(std::to_string(options.inputs.size()) + " --calibration-input", "a multiple of forward's " + std::to_string(arguments) + " arguments");
    }
    for (size_t i = 0; i < options.inputs.size(); i++) {
      if (i % arguments == 0) samples.emplace_back();
      FP_ASSIGN_OR_RETURN(Tensor input, npy::ReadNpy(options.inputs[i]));
      samples.back().push_back(std::move(input));
    }
    if (samples.empty()) return BadInput("--calibrate", "no reference case and no --calibration-input", "inputs to look at");
    FP_ASSIGN_OR_RETURN(Ranges ranges, Calibrate(m.graph, samples, *method));
    m.calibration = Calibration{options.method, static_cast<uint32_t>(samples.size()), std::move(ranges)};
    if (!options.report) continue;
    Target target;
    target.precision = Precision::kInt8;
    FP_ASSIGN_OR_RETURN(const auto layers, CompareLayers(m.graph, TargetOf(m, target), samples[0]));
    std::printf("%10s %10s  %-18s %-28s %s\n", "cosine", "max error", "stored", "nodes", "scope");
    for (const LayerError& l : layers) {
      std::printf("%10.6f %10.2g  %-18s %-28s %s\n", l.cosine, l.max_error, l.stored.c_str(), l.nodes.c_str(), l.scope.c_str());
    }
  }
  return OkStatus();
}

Target TargetOf(const Method& method, Target target) {
  if (method.calibration) target.ranges = std::make_shared<const Ranges>(method.calibration->ranges);
  return target;
}

}  // namespace fusepack::tools
