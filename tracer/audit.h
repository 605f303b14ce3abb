// What is inside an archive as far as it matters for whether its code can run here, found without running any of it; and
// who imports whom, as a graph.
//
// Threads: pure functions. Errors: those of reading the archive.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tracer/archive/package_layout.h"

namespace fusepack {

// A place in a source that the evaluator refuses when it gets there.
struct OutsideConstruct {
  std::string file;
  int line = 0, column = 0;
  std::string construct;  // "'async def'", "a call of eval()", "syntax: ..."
};

struct AuditGlobal {
  std::string module, name;
  uint64_t count = 0;
  bool called = false;
  std::string origin;   // "built in", "packaged", "extern", "missing"
  std::string problem;  // why it could not be had here; empty: it can
};

struct AuditPickle {
  std::string path;
  int protocol = 0;
  std::vector<std::pair<std::string, uint64_t>> opcodes;  // name, count; in the order of their bytes
  std::vector<AuditGlobal> globals;
};

struct AuditExtern {
  std::string module;
  bool here = false;  // the evaluator has a module of that name
};

struct AuditReport {
  std::string file;
  std::vector<AuditExtern> externs;
  std::vector<std::string> mocks;
  std::vector<AuditPickle> pickles;
  std::vector<OutsideConstruct> outside;  // by file and line

  // Of globals and sources. A missing extern is none by itself: only code that reaches it fails.
  int problems() const;
};

Result<AuditReport> AuditArchive(std::shared_ptr<const archive::Archive> archive);
std::string AuditText(const AuditReport& report);
nlohmann::ordered_json AuditJson(const AuditReport& report);

// Constructs outside the subset anywhere in a source, by its syntax.
std::vector<OutsideConstruct> FindOutsideConstructs(const std::string& file, const std::string& source);

// DOT in the form of PackageExporter::dependency_graph_string(): pickles as "<package.name>", modules by name; an edge from
// a pickle to the modules of its globals, from a source to what it imports.
Result<std::string> ModuleGraphDot(const archive::Archive& archive);

}  // namespace fusepack
