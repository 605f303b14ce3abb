#include "tools/device_options.h"

#include <algorithm>
#include <iterator>

#include "kernels/base/parallel.h"

namespace fusepack::tools {

void AddDeviceOptions(CLI::App* command, DeviceOptions* options) {
  command->add_option("--device", options->device, "auto, cpu, or cuda[:N]")->capture_default_str();
  command->add_option("--precision", options->precision, "fp32; fp32-split: errors up to 2e-5 of the largest output an operator; bf16; int8: of a package with --calibrate")->capture_default_str();
  command->add_option("--threads", options->threads, "Threads, 0 for all cores")->capture_default_str()->check(CLI::Range(0, 4096));
}

Result<Target> MakeTarget(const DeviceOptions& options) {
  if (options.device == "cuda" || options.device.rfind("cuda:", 0) == 0) {
    return Status(Error{ErrorCode::kNoDevice, "", "--device " + options.device, "no CUDA backend in this build", "cpu", ""});
  }
  if (options.device != "auto" && options.device != "cpu") {
    return UsageError("--device " + options.device, "auto, cpu or cuda[:N]");
  }
  Target target;
  const auto named = std::find_if(std::begin(kPrecisionNames), std::end(kPrecisionNames),
                                  [&](const PrecisionName& p) { return p.name == options.precision; });
  if (named == std::end(kPrecisionNames)) return UsageError("--precision " + options.precision, "fp32, fp32-split, bf16 or int8");
  target.precision = named->precision;
  SetThreadCount(options.threads);
  target.threads = options.threads;
  return target;
}

}  // namespace fusepack::tools
