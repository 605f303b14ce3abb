// --device, --precision and --threads, which every command that runs a model takes.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "engine/target.h"
#include "kernels/base/status.h"

namespace fusepack::tools {

struct DeviceOptions {
  std::string device = "auto", precision = "fp32";
  int threads = 0;
};

void AddDeviceOptions(CLI::App* command, DeviceOptions* options);

// kNoDevice for a device that is not there, kUsage for words that mean nothing. Sets the thread count.
Result<Target> MakeTarget(const DeviceOptions& options);

}  // namespace fusepack::tools
