// fusepack run: inputs from .npy files, outputs to .npy files.
#include "engine/run.h"
#include "package_format/npy/npy.h"
#include "tools/calibration.h"
#include "tools/command.h"
#include "tools/device_options.h"
#include "tools/model_file.h"

namespace fusepack::tools {
namespace {

Status CheckCount(const char* option, size_t given, size_t needed, const std::string& model) {
  if (given == needed) return OkStatus();
  return WithFile(UsageError(std::to_string(given) + " " + option + (given == 1 ? "" : "s"),
                             std::to_string(needed) + " (forward's " + (needed == 1 ? "one" : "number") + ")"), model);
}

}  // namespace

void AddRun(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("run", "Run a model on .npy inputs");
  struct Options {
    std::string model;
    std::vector<std::string> inputs, outputs;
    SourceOptions source;
    DeviceOptions device;
  };
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model, "A .fpk, or an archive that is converted on the way")->required();
  command->add_option("--input", options->inputs, "Argument of forward, a .npy; repeat in order")->required();
  command->add_option("--output", options->outputs, "Where to write what forward returns; repeat in order")->required();
  AddDeviceOptions(command, &options->device);
  AddSourceOptions(command, &options->source, false);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(Target target, MakeTarget(options->device));
      std::vector<Tensor> inputs;
      for (const std::string& path : options->inputs) {
        FP_ASSIGN_OR_RETURN(Tensor input, npy::ReadNpy(path));
        inputs.push_back(std::move(input));
      }
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      // The archive is traced on what it is going to run, unless the user gives other example sizes.
      if (convert.shapes.empty()) convert.inputs = inputs;
      convert.reference_case = false;
      FP_ASSIGN_OR_RETURN(Package package, LoadModel(options->model, convert));
      FP_ASSIGN_OR_RETURN(const Method* forward, ForwardOf(package, options->model));
      FP_RETURN_IF_ERROR(CheckCount("--input", inputs.size(), forward->graph.inputs.size(), options->model));
      FP_RETURN_IF_ERROR(CheckCount("--output", options->outputs.size(), forward->graph.outputs.size(), options->model));

      FP_ASSIGN_OR_RETURN(auto session, Session::Create(forward->graph, TargetOf(*forward, target)));
      auto outputs = session->Run(inputs);
      if (!outputs.ok()) return WithFile(outputs.status(), options->model);
      for (size_t i = 0; i < outputs->size(); i++) {
        FP_RETURN_IF_ERROR(npy::WriteNpy(options->outputs[i], (*outputs)[i]));
      }
      return OkStatus();
    };
  });
}

}  // namespace fusepack::tools
