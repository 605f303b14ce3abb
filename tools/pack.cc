// fusepack pack: a model is built from Python source, with PyTorch's random numbers, and becomes a package, or a
// torch.package archive where the output's name ends in .pt.
#include "package_format/npy/npy.h"
#include "package_format/write.h"
#include "tools/calibration.h"
#include "tools/command.h"
#include "tools/model_file.h"
#include "tools/predict/preprocess_options.h"
#include "tracer/archive/zip_writer.h"

namespace fusepack::tools {

void AddPack(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("pack", "Build a model from Python source and write a .fpk package or a torch.package archive (.pt)");
  struct Options {
    PackOptions pack;
    std::string output, save_input;
    SourceOptions source;
    CalibrationOptions calibration;
    PreprocessOptions preprocess;
    bool compress = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("SOURCE_ROOT", options->pack.root, "Folder that the source's imports start from")->required();
  command->add_option("--entry", options->pack.entry, "What makes the model, as pkg.module:callable")->required();
  command->add_option("--args", options->pack.args, "Its arguments, Python literals: \"10, pretrained=False\"");
  command->add_option("--intern", options->pack.intern, "Modules to keep in the package, a glob like mymodels.**");
  command->add_option("--extern", options->pack.externs, "Modules not to look for below SOURCE_ROOT, a glob");
  command->add_option("--mock", options->pack.mocks, "Modules to put stand-ins for into a torch.package archive, a glob");
  command->add_option("-o,--output", options->output, "The package (.fpk) or torch.package archive (.pt) to write")->required();
  command->add_option("--save-input", options->save_input, "Also write the reference case's input here, a .npy");
  command->add_flag("--compress", options->compress, "Store weights compressed (smaller, slower to open)");
  AddPreprocessOptions(command, &options->preprocess);
  AddSourceOptions(command, &options->source, true);
  AddCalibrationOptions(command, &options->calibration);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      FP_ASSIGN_OR_RETURN(const auto preprocess, MakePreprocess(options->preprocess));
      if (preprocess) ExampleShape(*preprocess, &convert);
      if (options->output.ends_with(".pt")) {
        if (!options->save_input.empty() || options->compress || preprocess) {
          return UsageError("--save-input, --compress or preprocessing for a .pt", "none of them");
        }
        FP_ASSIGN_OR_RETURN(const auto records, PackArchive(options->pack, convert));
        return archive::WriteZipFile(options->output, records);
      }
      FP_ASSIGN_OR_RETURN(Package package, PackSource(options->pack, convert));
      FP_RETURN_IF_ERROR(CalibratePackage(options->calibration, &package));
      package.preprocess = preprocess;
      if (!options->save_input.empty()) {
        if (package.cases.empty() || package.cases[0].inputs.size() != 1) {
          return UsageError("--save-input for a model that has not exactly one input", "a single input");
        }
        FP_RETURN_IF_ERROR(npy::WriteNpy(options->save_input, package.cases[0].inputs[0].tensor));
      }
      return WritePackage(options->output, package, WriteOptions{.compress = options->compress});
    };
  });
}

}  // namespace fusepack::tools
