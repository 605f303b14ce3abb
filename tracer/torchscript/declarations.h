// What a class of a TorchScript program declares, read from its source.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack::torchscript {

struct ClassDeclarations {
  std::vector<std::pair<std::string, std::string>> attributes;  // name and type, in order; constants (Final) are none
  std::vector<std::string> methods;
  std::vector<std::string> bases;
  bool HasMethod(std::string_view name) const;
};

// kBadInput where `source` is no Python or has no class of that name.
Result<ClassDeclarations> DeclarationsOf(const std::string& source, const std::string& class_name);

// The text of a method, or of a function where class_name is empty; empty: there is none.
Result<std::string> TextOf(const std::string& source, const std::string& class_name, const std::string& function);

}  // namespace fusepack::torchscript
