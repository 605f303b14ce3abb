// Names of fx nodes and globals, made exactly as torch.fx makes them (torch/fx/graph.py, _Namespace).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace fusepack::fx {

// Hands out names that are unique in one graph (or one piece of generated code) and shadow neither a keyword nor a
// built-in. `identity` stands for the object that gets the name: the same object gets the same name again, and an
// object that *is* the built-in of that name may have it. nullptr: no object.
class Namespace {
 public:
  std::string CreateName(std::string candidate, const void* identity = nullptr);
  // Lets `identity` own an illegal name: the built-in function `getattr` is called getattr.
  void AllowName(const std::string& name, const void* identity) { owners_[name] = identity; }

 private:
  std::unordered_set<std::string> used_;
  std::unordered_map<std::string, int64_t> base_count_;
  std::unordered_map<const void*, std::string> names_;
  std::unordered_map<std::string, const void*> owners_;
};

// "BatchNorm2d" -> "batch_norm2d": an underscore between a lower-case and an upper-case letter, then all lower case.
std::string SnakeCase(std::string_view name);

// The name that a node gets for its target: "layer1.0.conv1" as it is, "__add__" -> "add", in snake case.
std::string NameForTarget(std::string_view target);

bool IsIdentifier(std::string_view text);

// `base` followed by the attribute path: "self.layer1", or getattr(self.layer1, "0") where a part is no identifier.
std::string FormatTarget(std::string base, std::string_view path);

}  // namespace fusepack::fx
