// Package: everything that a .fpk file says, as plain C++ values.
//
// Ownership: values own themselves; Tensors and Bytes that came out of ReadPackage point into the mapped file (or
// into memory that its segments were decoded to) and keep it alive, so a Package may be taken apart and outlive its
// file name. Their storages are read-only. Tensors that shared a storage when they were written share one again.
// Threads: a Package may be read from any number of threads; changing one is the caller's to order.
//
// read.h and write.h are the two ways between a Package and a file; FORMAT.md is the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/target.h"
#include "engine/tensor.h"
#include "package_format/mapped_file.h"
#include "package_format/preprocess.h"

namespace fusepack {

// Ranges of a method's values, by value id: engine/calibrate.h.
struct Calibration {
  std::string algorithm;  // "minmax"
  uint32_t samples = 0;   // inputs that were looked at
  Ranges ranges;
};

struct Method {
  std::string name;  // "forward"
  Graph graph;       // portable: no `fused` nodes
  std::optional<Calibration> calibration = {};
};

enum class StateKind : uint8_t { kParameter, kBuffer, kNonPersistentBuffer, kConstant };

struct StateTensor {
  std::string name;  // "layer1.0.conv1.weight"
  Tensor tensor;
  StateKind kind = StateKind::kParameter;
};

struct FxNodeRecord {
  std::string op;      // "call_module"
  std::string name;    // "layer1_0_conv1"
  std::string target;  // "layer1.0.conv1"
  std::string args;    // Python repr: "(maxpool,)"
  std::string kwargs;  // Python repr: "{}"
  std::string type;    // annotation, empty if none
  std::string where;   // "torchvision/models/resnet.py:92"
  std::vector<std::pair<std::string, std::string>> meta;
};

struct FxGraphRecord {
  std::string name;  // module that it is the graph of; "" for the model
  std::string root_class, tracer_class;
  std::string code;
  std::vector<FxNodeRecord> nodes;
};

struct SourceRecord {
  std::string name;  // "model/model.pkl", ".data/0.storage", "torchvision/models/resnet.py"
  Bytes bytes;       // equal bytes (a storage's record and its tensors) are stored once
};

// What the package was made from, whole enough to be written out again.
struct SourceArchive {
  std::string kind;  // "torch.package", "torchscript", "source"; empty if there is none
  int64_t version = 0;
  std::string python_version;
  std::string root;   // the archive's root folder
  std::string model;  // record of the model's pickle, or "pkg.module:callable"
  std::vector<std::string> externs;
  std::vector<SourceRecord> records;
};

struct CaseTensor {
  std::string path;  // an input's name, or an output's place as GraphOutput::path
  Tensor tensor;
};

struct CaseTolerance {
  std::string precision;  // "fp32", "fp32-split", "bf16", "fp16", "int8"
  double of_largest = 0;  // allowed |error| as a share of the largest |expected|
  double absolute = 0;    // allowed on top of it
};

// What a node computed for a case, condensed to a few numbers (engine/case_trace.h says which).
struct CaseDigest {
  std::string name, scope, where;
  std::vector<double> numbers;
};

struct ReferenceCase {
  std::string name;
  std::string method = "forward";
  std::vector<CaseTensor> inputs, outputs;
  std::string computed_by;  // "PyTorch 2.15.0" or "fusepack float64 reference"
  std::vector<CaseTolerance> tolerances;
  std::vector<CaseDigest> digests;
};

// An optional section, good for the device and versions that its key names and ignored elsewhere.
struct PlanSection {
  std::string key;
  Bytes blob;
};

struct Package {
  std::string producer;  // "fusepack 0.1.0"
  std::vector<Method> methods;
  std::vector<StateTensor> state;
  std::vector<FxGraphRecord> fx_graphs;
  SourceArchive archive;
  std::vector<ReferenceCase> cases;
  std::vector<PlanSection> plans;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<Preprocess> preprocess;

  // nullptr if there is none of that name.
  const Method* FindMethod(std::string_view name) const;
  const std::string* FindMetadata(std::string_view key) const;
};

inline const Method* Package::FindMethod(std::string_view name) const {
  for (const Method& m : methods) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

inline const std::string* Package::FindMetadata(std::string_view key) const {
  for (const auto& [k, v] : metadata) {
    if (k == key) return &v;
  }
  return nullptr;
}

}  // namespace fusepack
