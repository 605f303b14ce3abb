// The formats of `fusepack export`. A format is one function and one line of the table in export.cc.
#pragma once

#include <string>

#include "tracer/convert.h"

namespace fusepack::tools {

struct ExportOptions {
  std::string file, output;
  ConvertOptions convert;  // for a file that has to be converted first
};

// A torch.package archive: of a .fpk its records as they were packaged, of an archive the same records laid out anew.
Status ExportTorchPackage(const ExportOptions& options);
// A TorchScript archive: the model's source, scripted.
Status ExportTorchScriptFile(const ExportOptions& options);

}  // namespace fusepack::tools
