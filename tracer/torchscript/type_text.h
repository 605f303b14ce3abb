// Types as TorchScript writes them: "Tensor", "Optional[List[int]]", "Dict[str, __torch__.models.Point]".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fusepack::torchscript {

inline bool IsOptionalType(std::string_view type) { return type.starts_with("Optional["); }

// T of Optional[T], anything else as it is.
inline std::string StripOptional(std::string_view type) {
  return std::string(IsOptionalType(type) && type.back() == ']' ? type.substr(9, type.size() - 10) : type);
}

// What stands between the outer brackets, parted at the commas outside inner ones; none: no brackets.
inline std::vector<std::string> TypeParts(std::string_view type) {
  std::vector<std::string> out;
  const size_t open = type.find('[');
  if (open == std::string_view::npos || type.back() != ']') return out;
  const auto add = [&](size_t begin, size_t end) {
    while (begin < end && type[begin] == ' ') begin++;
    while (end > begin && type[end - 1] == ' ') end--;
    out.emplace_back(type.substr(begin, end - begin));
  };
  int nested = 0;
  size_t begin = open + 1;
  for (size_t i = begin; i < type.size(); i++) {
    if (type[i] == '[') nested++;
    if (type[i] == ']' && nested-- == 0) {
      add(begin, i);
      break;
    }
    if (type[i] == ',' && nested == 0) {
      add(begin, i);
      begin = i + 1;
    }
  }
  return out;
}

}  // namespace fusepack::torchscript
