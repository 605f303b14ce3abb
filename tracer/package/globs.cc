// Segments are matched from left to right; where a wildcard could take more, the place is remembered and returned to.
// Only the last wildcard matters, so time is at most pattern times name.
#include "tracer/package/globs.h"

namespace fusepack {
namespace {

std::vector<std::string> Segments(std::string_view name, char separator) {
  std::vector<std::string> out;
  for (size_t begin = 0;;) {
    const size_t end = name.find(separator, begin);
    out.emplace_back(name.substr(begin, end - begin));
    if (end == std::string_view::npos) return out;
    begin = end + 1;
  }
}

// Pattern elements against items: `wild` elements take any number of items that `takes` accepts, others exactly one that
// `equal` accepts.
template <typename P, typename S, typename Wild, typename Takes, typename Equal>
bool MatchSequence(const P& pattern, const S& items, Wild wild, Takes takes, Equal equal) {
  size_t p = 0, i = 0, back_p = std::string::npos, back_i = 0;
  while (i < items.size()) {
    if (p < pattern.size() && wild(pattern[p])) {
      back_p = p++;
      back_i = i;
    } else if (p < pattern.size() && equal(pattern[p], items[i])) {
      p++;
      i++;
    } else if (back_p != std::string::npos && takes(items[back_i])) {
      p = back_p + 1;
      i = ++back_i;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && wild(pattern[p])) p++;
  return p == pattern.size();
}

bool MatchSegment(const std::string& pattern, const std::string& text) {
  return MatchSequence(pattern, text, [](char c) { return c == '*'; }, [](char) { return true; }, [](char a, char b) { return a == b; });
}

bool MatchName(const std::vector<std::string>& pattern, const std::vector<std::string>& name) {
  return MatchSequence(pattern, name, [](const std::string& s) { return s == "**"; }, [](const std::string& s) { return !s.empty(); },
                       MatchSegment);
}

Result<std::vector<std::vector<std::string>>> ParsePatterns(const std::vector<std::string>& patterns, char separator) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& pattern : patterns) {
    out.push_back(Segments(pattern, separator));
    for (const std::string& segment : out.back()) {
      if (segment.empty() || (segment != "**" && segment.find("**") != std::string::npos)) {
        return UsageError("module pattern '" + pattern + "'", "names between '" + std::string(1, separator) + "', with '*' inside a name or '**' for whole names");
      }
    }
  }
  return out;
}

}  // namespace

Result<GlobGroup> GlobGroup::Create(const std::vector<std::string>& include, const std::vector<std::string>& exclude,
                                    char separator) {
  GlobGroup group;
  group.separator_ = separator;
  FP_ASSIGN_OR_RETURN(group.include_, ParsePatterns(include, separator));
  FP_ASSIGN_OR_RETURN(group.exclude_, ParsePatterns(exclude, separator));
  return group;
}

bool GlobGroup::Matches(std::string_view name) const {
  const std::vector<std::string> segments = Segments(name, separator_);
  const auto any = [&](const std::vector<Pattern>& patterns) {
    for (const Pattern& pattern : patterns) {
      if (MatchName(pattern, segments)) return true;
    }
    return false;
  };
  return any(include_) && !any(exclude_);
}

}  // namespace fusepack
