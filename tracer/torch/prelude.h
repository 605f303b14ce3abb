// The prelude: torch.nn and what surrounds it, in our own Python (prelude/**/*.py), embedded by a genrule.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fusepack::torch {

struct PreludeFile {
  const char* module;       // "torch.nn.modules.conv"
  const char* path;         // "torch/nn/modules/conv.py"
  std::string_view source;
  bool is_package;
};
std::span<const PreludeFile> PreludeFiles();

}  // namespace fusepack::torch
