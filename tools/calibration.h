// --calibrate and --calibration-input: the ranges that int8 needs, into a package that is about to be written.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "engine/target.h"
#include "package_format/package.h"

namespace fusepack::tools {

struct CalibrationOptions {
  std::string method;               // empty: no calibration
  std::vector<std::string> inputs;  // .npy files: forward's arguments, again and again
  bool report = false;
};

void AddCalibrationOptions(CLI::App* command, CalibrationOptions* options);

// On the package's reference cases and the options' inputs. The report goes to stdout, a line a layer.
Status CalibratePackage(const CalibrationOptions& options, Package* package);

// The target with the method's ranges, where it has some.
Target TargetOf(const Method& method, Target target);

}  // namespace fusepack::tools
