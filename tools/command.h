// What the subcommands of `fusepack` share: how one is added to the command line, and the options that several take.
//
// A subcommand is one file with one Add function. It declares its options and sets `*run`, which the main function
// calls once the command line is known to be right. Results go to stdout, everything else to stderr.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack::tools {

using Run = std::function<Status()>;

void AddConvert(CLI::App& app, Run* run);
void AddPack(CLI::App& app, Run* run);
void AddInspect(CLI::App& app, Run* run);
void AddRun(CLI::App& app, Run* run);
void AddVerify(CLI::App& app, Run* run);
void AddPredict(CLI::App& app, Run* run);
void AddBench(CLI::App& app, Run* run);
void AddProfile(CLI::App& app, Run* run);
void AddTest(CLI::App& app, Run* run);
void AddExport(CLI::App& app, Run* run);

}  // namespace fusepack::tools
