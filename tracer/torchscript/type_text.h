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

// What iterating over a value of this type gives; empty: not known. Iter[T] is range(), enumerate() or zip() of run-time
// values, which TorchScript has no name for.
inline std::string ElementType(const std::string& type) {
  for (std::string_view head : {"List[", "Iter["}) {
    if (type.rfind(head, 0) == 0) return type.substr(head.size(), type.size() - head.size() - 1);
  }
  if (type == "Tensor") return "Tensor";
  if (type == "str") return "str";
  if (type.rfind("Dict[", 0) == 0) return type.substr(5, type.find(',') - 5);
  return "";
}

// Whether a value of this type is certainly something.
inline bool NeverNone(const std::string& type) {
  return !type.empty() && !IsOptionalType(type) && type != "NoneType" && type != "Any" && type.rfind("Union", 0) != 0;
}

// The type of a variable that has either type where two paths meet; empty: not known.
inline std::string MeetTypes(const std::string& a, const std::string& b) {
  if (a == b) return a;
  if (a.empty() || b.empty()) return "";
  if (a == "NoneType") return IsOptionalType(b) ? b : "Optional[" + b + "]";
  if (b == "NoneType") return IsOptionalType(a) ? a : "Optional[" + a + "]";
  if (StripOptional(a) == StripOptional(b)) return "Optional[" + StripOptional(a) + "]";
  return "";
}

}  // namespace fusepack::torchscript
