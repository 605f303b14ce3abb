// What `fusepack inspect` says about an archive before anything of it is evaluated.
//
// InspectArchive collects; ReportText and ReportJson only print what it collected, so that both say the same.
// Threads: pure functions. Errors: those of reading the archive; a damaged pickle fails the whole inspection.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tracer/archive/package_layout.h"

namespace fusepack::archive {

// A tensor at one of the places that the pickle reaches it from. The first 100,000 are reported.
struct TensorReport {
  std::string name;  // "layer1.0.conv1.weight"
  TensorRef tensor;
  std::string storage;  // its key
  std::string same_as;  // the first name of the same tensor object; empty for the first
};

// A torch.nn.Module (or a TorchScript one) as its pickled state describes it.
struct ModuleReport {
  std::string name;        // "layer1.0.conv1"; empty for the root
  std::string class_name;  // "torch.nn.modules.conv.Conv2d"
  int depth = 0;
  bool training = false;
  bool same_as_before = false;       // a module that occurs above: its tensors and children are not repeated
  std::vector<size_t> parameters, buffers;  // indices into PickleReport::tensors
};

struct GlobalReport {
  PickleAudit::Use use;
  std::string origin;  // "built in" (given a meaning by unpickle.h), "packaged", "extern" or "missing"
};

struct PickleReport {
  std::string path;  // "model/model.pkl"
  std::shared_ptr<const PickleTree> tree;
  std::vector<GlobalReport> globals;
  std::vector<TensorReport> tensors;
  std::vector<ModuleReport> modules;  // depth first
  int64_t parameter_count = 0;        // elements of distinct parameters (TorchScript: tensors that require grad)
  int64_t storage_bytes = 0;          // of the distinct storages that the tensors use
};

struct SourceReport {
  std::string module, file;
  uint64_t bytes = 0, lines = 0;
};

struct ArchiveReport {
  std::shared_ptr<const Archive> archive;
  std::vector<SourceReport> sources;
  std::vector<PickleReport> pickles;
};

Result<ArchiveReport> InspectArchive(std::shared_ptr<const Archive> archive);

// The parts of a report; the summary's few lines always come first.
struct InspectSections {
  bool records = false;
  bool sources = false;  // interned and extern modules
  bool globals = false;
  bool tensors = false;
  bool modules = false;  // the module tree

  static InspectSections All() { return {true, true, true, true, true}; }
};

// Lines for a terminal, columns aligned.
std::string ReportText(const ArchiveReport& report, const InspectSections& sections);
nlohmann::ordered_json ReportJson(const ArchiveReport& report);

}  // namespace fusepack::archive
