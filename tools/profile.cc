// fusepack profile: where a run's time goes, a line a step of the compiled plan.
#include "engine/profile.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "package_format/atomic_write.h"
#include "tools/calibration.h"
#include "tools/cases.h"
#include "tools/command.h"
#include "tools/device_options.h"
#include "tools/model_file.h"

namespace fusepack::tools {
namespace {

nlohmann::json ProfileJson(const PlanProfile& profile, Precision precision) {
  nlohmann::json steps = nlohmann::json::array();
  for (const StepProfile& s : profile.steps) {
    steps.push_back({{"nodes", s.nodes}, {"scope", s.scope}, {"where", s.where}, {"kernel", s.kernel}, {"output", s.output},
                     {"time_us", 1e6 * s.seconds}, {"flop", s.flops}, {"bytes", s.bytes}});
  }
  return {{"precision", NameOf(precision)}, {"steps", steps}, {"runs", profile.runs}, {"time_us", 1e6 * profile.seconds}, {"compile_us", 1e6 * profile.compile_seconds},
          {"arena_bytes", profile.arena_bytes}, {"unshared_bytes", profile.unshared_bytes}, {"packed_bytes", profile.packed_bytes}};
}

// The format of chrome://tracing and Perfetto: complete events, microseconds.
nlohmann::json TraceJson(const PlanProfile& profile) {
  nlohmann::json events = nlohmann::json::array();
  for (const StepProfile& s : profile.steps) {
    events.push_back({{"name", s.nodes}, {"cat", s.kernel}, {"ph", "X"}, {"pid", 1}, {"tid", 1}, {"ts", 1e6 * s.start_seconds},
                      {"dur", 1e6 * s.seconds}, {"args", {{"scope", s.scope}, {"where", s.where}, {"output", s.output}, {"flop", s.flops}, {"bytes", s.bytes}}}});
  }
  return {{"traceEvents", events}, {"displayTimeUnit", "ms"}};
}

void PrintTable(const PlanProfile& profile, Precision precision) {
  std::printf("%9s %6s %9s %9s  %-28s %-34s %s\n", "us", "share", "GFLOP/s", "GB/s", "nodes", "kernel", "scope");
  for (const StepProfile& s : profile.steps) {
    std::printf("%9.1f %5.1f%% %9.1f %9.1f  %-28s %-34s %s\n", 1e6 * s.seconds, 100 * s.seconds / profile.seconds, s.flops / s.seconds * 1e-9,
                s.bytes / s.seconds * 1e-9, s.nodes.c_str(), s.kernel.c_str(), s.scope.c_str());
  }
  std::printf("%s: %9.1f us in %zu steps (median of %d runs); arena %.1f MB (%.1f MB without reuse), packed weights %.1f MB, compiled in %.0f ms\n",
              std::string(NameOf(precision)).c_str(), 1e6 * profile.seconds, profile.steps.size(), profile.runs, profile.arena_bytes / 1e6, profile.unshared_bytes / 1e6,
              profile.packed_bytes / 1e6, 1e3 * profile.compile_seconds);
}

}  // namespace

void AddProfile(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("profile", "Time, bytes and FLOP of each step of the compiled plan");
  struct Options {
    std::string model, output;
    int64_t batch = 0;
    bool json = false;
    SourceOptions source;
    DeviceOptions device;
  };
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model, "A .fpk, or an archive that is converted on the way")->required();
  command->add_option("-o,--output", options->output, "Write a trace.json for chrome://tracing or Perfetto");
  command->add_option("--batch", options->batch, "Batch size; the reference case's by default")->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command->add_flag("--json", options->json, "Print JSON instead of a table");
  AddDeviceOptions(command, &options->device);
  AddSourceOptions(command, &options->source, true);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(Target target, MakeTarget(options->device));
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      FP_ASSIGN_OR_RETURN(Package package, LoadModel(options->model, convert));
      if (package.cases.empty()) return WithFile(BadInput("cases", "no reference case", "one, for its inputs"), options->model);
      const ReferenceCase& reference = package.cases[0];
      std::vector<Tensor> inputs = InputsOf(reference);
      if (options->batch > 0) {
        for (Tensor& input : inputs) {
          FP_ASSIGN_OR_RETURN(input, RepeatRows(input, options->batch));
        }
      }
      FP_ASSIGN_OR_RETURN(const Method* forward, ForwardOf(package, options->model));
      FP_ASSIGN_OR_RETURN(auto session, Session::Create(forward->graph, TargetOf(*forward, target)));
      FP_ASSIGN_OR_RETURN(auto plan, session->PlanFor(SpecsOf(inputs)));
      FP_ASSIGN_OR_RETURN(PlanProfile profile, ProfilePlan(*plan, inputs));
      if (!options->output.empty()) FP_RETURN_IF_ERROR(WriteFileAtomically(options->output, TraceJson(profile).dump() + "\n"));
      if (options->json) {
        std::printf("%s\n", ProfileJson(profile, target.precision).dump(2).c_str());
      } else {
        PrintTable(profile, target.precision);
      }
      return OkStatus();
    };
  });
}

}  // namespace fusepack::tools
