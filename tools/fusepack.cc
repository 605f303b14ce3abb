// The command. Exit statuses are ErrorCode's; the one line of an error goes to stderr.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/command.h"

namespace fusepack::tools {
namespace {

void PrintError(const Error& error, bool as_json, bool with_traceback) {
  if (as_json) {
    const nlohmann::json line = {{"error",
                                  {{"code", static_cast<int>(error.code)},
                                   {"file", error.file},
                                   {"where", error.where},
                                   {"found", error.found},
                                   {"expected", error.expected},
                                   {"traceback", error.traceback}}}};
    std::fprintf(stderr, "%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  if (with_traceback && !error.traceback.empty()) {
    std::fprintf(stderr, "%s%s", error.traceback.c_str(), error.traceback.back() == '\n' ? "" : "\n");
  }
  std::fprintf(stderr, "fusepack: error: %s\n", error.ToString().c_str());
}

// Nothing is half written (files appear by rename), so a signal may end the process where it is.
void OnInterrupt(int) { std::_Exit(static_cast<int>(ErrorCode::kInterrupted)); }

// A thread of GCC's OpenMP that waits for another spins for milliseconds. On a machine that others use too it then holds
// the core which that other thread needs, and everything takes several times as long. Ten microseconds bridge the gaps
// between kernels. The runtime reads the setting before main, hence the new start (6 ms); a user's own setting stands.
void BoundSpinning(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("GOMP_SPINCOUNT", "2000", 1);
  execv("/proc/self/exe", argv);  // comes back only where there is no /proc; then it is merely slower
}

int Main(int argc, char** argv) {
  BoundSpinning(argv);
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Takes PyTorch models out of Python: reads torch.package and TorchScript archives, runs and verifies them.", "fusepack"};
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every subcommand");
  app.fallthrough();
  bool json_errors = false, traceback = false;
  app.add_flag("--json-errors", json_errors, "Print an error as one JSON object");
  app.add_flag("--traceback", traceback, "Print the packaged source's traceback above an error");

  Run run;
  AddConvert(app, &run);
  AddPack(app, &run);
  AddInspect(app, &run);
  AddRun(app, &run);
  AddVerify(app, &run);
  AddPredict(app, &run);
  AddBench(app, &run);
  AddProfile(app, &run);
  AddTest(app, &run);
  AddExport(app, &run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& wrong) {
    Error error;
    error.code = ErrorCode::kUsage;
    error.found = wrong.what();
    PrintError(error, json_errors, false);
    return static_cast<int>(error.code);
  }
  Status status;
  try {
    status = run();
  } catch (const std::bad_alloc&) {
    status = LimitExceeded("", "out of memory");
  } catch (const std::exception& unexpected) {
    status = InternalError(unexpected.what());
  }
  if (status.ok() && (std::fflush(stdout) != 0 || std::ferror(stdout))) status = IoError("standard output", std::strerror(errno));
  if (status.ok()) return 0;
  PrintError(status.error(), json_errors, traceback);
  return static_cast<int>(status.error().code);
}

}  // namespace
}  // namespace fusepack::tools

int main(int argc, char** argv) { return fusepack::tools::Main(argc, argv); }
