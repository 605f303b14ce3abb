// fusepack convert: an archive becomes a package.
#include "package_format/write.h"
#include "tools/calibration.h"
#include "tools/command.h"
#include "tools/model_file.h"
#include "tools/predict/preprocess_options.h"

namespace fusepack::tools {

void AddConvert(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("convert", "Read a torch.package or TorchScript archive, trace it, write a .fpk package (or a .fpk again, calibrated or compressed)");
  struct Options {
    std::string archive, output;
    SourceOptions source;
    CalibrationOptions calibration;
    PreprocessOptions preprocess;
    bool compress = false, no_case = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("ARCHIVE", options->archive, "The archive")->required();
  command->add_option("-o,--output", options->output, "The package to write")->required();
  command->add_flag("--compress", options->compress, "Store weights compressed (smaller, slower to open)");
  command->add_flag("--no-case", options->no_case, "Store no reference case");
  AddPreprocessOptions(command, &options->preprocess);
  AddSourceOptions(command, &options->source, true);
  AddCalibrationOptions(command, &options->calibration);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options->source));
      convert.reference_case = !options->no_case;
      FP_ASSIGN_OR_RETURN(const auto preprocess, MakePreprocess(options->preprocess));
      if (preprocess) ExampleShape(*preprocess, &convert);
      FP_ASSIGN_OR_RETURN(Package package, LoadModel(options->archive, convert));
      if (preprocess) package.preprocess = preprocess;
      FP_RETURN_IF_ERROR(WithFile(CalibratePackage(options->calibration, &package), options->archive));
      return WritePackage(options->output, package, WriteOptions{.compress = options->compress});
    };
  });
}

}  // namespace fusepack::tools
