// Globs over dotted module names, as torch.package's include and exclude lists have them.
//
// `*` stands for any characters, possibly none, within one segment; a segment that is `**` for zero or more whole
// segments. "torchvision.**" matches torchvision and all below it; "a.*" matches a.b and not a.b.c.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack {

class GlobGroup {
 public:
  // kUsage for a pattern with `**` as part of a segment, or an empty segment.
  // `separator` stands between segments: a dot for modules, a slash for files.
  static Result<GlobGroup> Create(const std::vector<std::string>& include, const std::vector<std::string>& exclude = {},
                                  char separator = '.');
  // Some include pattern matches and no exclude pattern does.
  bool Matches(std::string_view name) const;
  bool empty() const { return include_.empty(); }

 private:
  using Pattern = std::vector<std::string>;  // segments
  std::vector<Pattern> include_, exclude_;
  char separator_ = '.';
};

}  // namespace fusepack
