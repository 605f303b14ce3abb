// fusepack verify: the package's reference cases, run and compared; --bisect looks for where a difference begins.
#include <cstdio>

#include "engine/bisect.h"
#include "engine/compare.h"
#include "engine/run.h"
#include "engine/suspects.h"
#include "tools/calibration.h"
#include "tools/cases.h"
#include "tools/command.h"
#include "tools/device_options.h"
#include "tools/model_file.h"

namespace fusepack::tools {
namespace {

constexpr size_t kSuspects = 3;

// Says where a case begins to differ. One that fails though nothing departs gets the constants to look at first.
Status Bisect(const Package& package, const ReferenceCase& reference, bool passed, const Target& target) {
  const Method* method = package.FindMethod(reference.method);
  const CaseTrace trace = TraceOf(reference);
  FP_ASSIGN_OR_RETURN(Culprit culprit, BisectCase(method->graph, TargetOf(*method, target), InputsOf(reference), trace.nodes.empty() ? nullptr : &trace));
  std::printf("%s: %s\n", reference.name.c_str(), culprit.ToString().c_str());
  if (passed || culprit.kind != Culprit::Kind::kNone) return OkStatus();
  std::printf("%s: the package computes what it says, so a constant is not the reference's; least like their peers (a hint):\n",
              reference.name.c_str());
  FP_ASSIGN_OR_RETURN(auto suspects, RankSuspects(method->graph, kSuspects));
  for (const Suspect& suspect : suspects) std::printf("%s:   %s\n", reference.name.c_str(), suspect.ToString().c_str());
  return OkStatus();
}

}  // namespace

void AddVerify(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("verify", "Run the reference cases and compare; exit status 1 if one fails");
  struct Options {
    std::string model;
    bool bisect = false;
    SourceOptions source;
    DeviceOptions device;
  };
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model, "A .fpk, or an archive that is converted on the way")->required();
  command->add_flag("--bisect", options->bisect, "Name the first operator that differs, with its place in the source");
  AddDeviceOptions(command, &options->device);
  AddSourceOptions(command, &options->source, true);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(Target target, MakeTarget(options->device));
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      FP_ASSIGN_OR_RETURN(Package package, LoadModel(options->model, convert));
      if (package.cases.empty()) {
        return WithFile(BadInput("cases", "no reference case", "one (convert with --input and --expect, or --shape)"), options->model);
      }
      size_t failed = 0;
      for (const ReferenceCase& reference : package.cases) {
        auto verdict = VerifyCase(package, reference, target);
        if (!verdict.ok()) return WithFile(WithPlace(verdict.status(), "case " + reference.name), options->model);
        for (const OutputVerdict& output : verdict->outputs) {
          std::printf("%s%s%s (%s): %s\n", reference.name.c_str(), output.path.empty() ? "" : " ", output.path.c_str(),
                      reference.computed_by.c_str(), output.comparison.ToString().c_str());
          if (target.precision == Precision::kFp32) continue;
          std::printf("  %s, %s; tolerance: %s\n", std::string(NameOf(target.precision)).c_str(), output.comparison.Agreement().c_str(),
                      output.comparison.tolerance.reason.c_str());
        }
        failed += !verdict->passed;
        if (options->bisect) FP_RETURN_IF_ERROR(WithFile(Bisect(package, reference, verdict->passed, target), options->model));
      }
      if (failed == 0) return OkStatus();
      return Status(Error{ErrorCode::kVerifyFailed, options->model, "verify",
                          std::to_string(failed) + " of " + std::to_string(package.cases.size()) + " cases differ from their reference",
                          "outputs within tolerance", ""});
    };
  });
}

}  // namespace fusepack::tools
