// What a module's source imports, by its statements alone: nothing is evaluated.
#pragma once

#include <string>
#include <vector>

#include "kernels/base/status.h"

namespace fusepack {

struct ImportReference {
  std::string module;  // absolute
  std::string name;    // of `from module import name`, else empty
};

// After torch/package/find_file_dependencies.py: `import` and `from` statements anywhere in the file, and calls of
// __import__ with constant arguments, each once, in source order. `package` resolves relative imports (the module
// itself where it is a package, else its parent). kBadInput for source that does not parse, or an import relative to
// more than there is.
Result<std::vector<ImportReference>> FindImports(const std::string& file, const std::string& source, const std::string& package);

}  // namespace fusepack
