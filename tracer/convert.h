// Convert and Pack: the straight line from an archive, or from Python source, to a Package.
//
//   OpenArchive -> Unpickle -> LoadModules -> Trace -> (WritePackage)
//
// Both evaluate Python source under `limits` and do nothing else with what they were given. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/target.h"
#include "engine/tensor.h"
#include "kernels/base/status.h"
#include "package_format/package.h"
#include "tracer/archive/package_layout.h"
#include "tracer/archive/zip_writer.h"
#include "tracer/python/interpreter.h"

namespace fusepack {

struct ConvertOptions {
  std::string pickle;             // "model/model.pkl"; empty: the archive's only one
  bool eval = false;              // as model.eval() before anything else; false: as stored
  // Example inputs of forward: given ones, or drawn like torch.rand after torch.manual_seed(seed) (torch.randint(0, 2)
  // for integers). Sizes are examples: the graph holds for all that pass its guards.
  std::vector<Tensor> inputs;
  std::vector<InputSpec> shapes;  // where inputs is empty
  uint64_t seed = 0;
  std::vector<Tensor> expected;   // outputs for `inputs` that somebody else computed; empty: computed here in float64
  std::string expected_by = "given with --expect";
  bool reference_case = true;     // false: no case, so nothing that verify could check
  py::Limits limits;
  std::function<void(const std::string&)> warn;  // a line for the user; may be empty
};

Result<Package> ConvertArchive(const std::string& path, const ConvertOptions& options);

struct PackOptions {
  std::string root;                 // folder that holds the source: sys.path's entry
  std::string entry;                // "pkg.module:callable"
  std::string args;                 // Python literals: "num_classes=10, [2, 2]"
  std::vector<std::string> intern;  // module globs to keep inside the package; empty: all below root
  std::vector<std::string> externs; // module globs never looked for below root
  std::vector<std::string> mocks;   // module globs that a torch.package archive has stand-ins for
};

// Builds the model as `torch.manual_seed(seed); model = callable(args)` would and draws the inputs from the same
// generator right afterwards.
Result<Package> PackSource(const PackOptions& pack, const ConvertOptions& options);

// The same model as the records of a torch.package archive, pickled as model/model.pkl; it is not traced, so it needs no
// example inputs.
Result<std::vector<archive::NewRecord>> PackArchive(const PackOptions& pack, const ConvertOptions& options);

// A TorchScript archive of the model: its source, scripted (script.h), or the program that a TorchScript archive holds.
// Writes `output` whole or not at all.
Status ExportTorchScript(std::shared_ptr<const archive::Archive> archive, const ConvertOptions& options, const std::string& output);

// Only torch.fx's view of the archive's model.
Result<FxGraphRecord> TraceFx(const std::string& path, const ConvertOptions& options);

}  // namespace fusepack
