// CompilationUnit: the Python modules of one TorchScript program (`__torch__...`) in the evaluator.
//
// TorchScript's own source is Python by its grammar, but not by its names: `torch` is the aten namespace (the prelude's
// torch.jit._aten), `__torch__.a.b.C` a class or function of the program, CONSTANTS a table of the archive, and annotate,
// unchecked_cast, ops and others (torch.jit._environment) are given. A unit makes such modules and binds those names. It is
// the importer of its modules, so that a pickle's classes are found here first and everything else in the interpreter.
//
// The interpreter owns its units (NewUnit); a unit lives as long as it. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracer/python/interpreter.h"

namespace fusepack::torchscript {

// File versions: 3 is the oldest that operators are kept for; torch.div of integers changed with 4.
inline constexpr int kFirstVersionOfTrueDivision = 4;
inline constexpr size_t kMaxConstants = 1 << 16;

class CompilationUnit : public py::Importer {
 public:
  // `module`: "__torch__.torch.nn.functional". kBadInput where the text is no Python, or there is one of that name.
  Status AddSource(const std::string& module, const std::string& text);
  // c0, c1, ... of CONSTANTS.
  void SetConstants(std::vector<py::Value> values) { constants_ = std::move(values); }
  const std::vector<py::Value>& constants() const { return constants_; }
  // As they were added, by module.
  const std::map<std::string, std::string>& sources() const { return sources_; }
  int version() const { return version_; }

  py::Module* Import(py::Interpreter& in, const std::string& name) override;

  // The class or function of that qualified name: "__torch__.models.___torch_mangle_3.Net". Null where there is none.
  py::Value Find(py::Interpreter& in, const std::string& qualified_name);
  // Whether `type` is a class of this unit.
  bool Has(py::Interpreter& in, const py::Type* type);
  bool IsFolder(std::string_view path) const;  // a module's path, or the beginning of one

 private:
  friend CompilationUnit& NewUnit(py::Interpreter& in, int version);
  explicit CompilationUnit(int version) : version_(version) {}
  py::Value NamespaceAt(py::Interpreter& in, const std::string& path);
  class Namespace;

  const int version_;
  std::map<std::string, std::string> sources_, rewritten_;
  std::vector<py::Value> constants_;
  std::unordered_map<std::string, py::Ref<py::Module>> modules_;
  std::unordered_map<std::string, py::Value> namespaces_;
  std::vector<std::pair<py::Str*, py::Value>> names_;  // bound in every module
};

CompilationUnit& NewUnit(py::Interpreter& in, int version);
// The unit that `type` is a class of; null: none.
CompilationUnit* UnitOf(py::Interpreter& in, const py::Type* type);

}  // namespace fusepack::torchscript
