// WritePackage: a Package to a .fpk file.
//
// Deterministic: the same Package gives the same bytes (with `compress`, for one version of libzstd). Crash-safe: at
// any moment the old or the new file is there, whole (atomic_write.h). Storages that tensors share are written once,
// and so are equal bytes, whoever holds them.
//
// Errors: kIo from the system; kBadInput or kLimit for what ReadPackage would refuse (rules.h), so that nothing is
// written that cannot be read; kInternal for a graph that is not portable.
#pragma once

#include <string>

#include "package_format/package.h"

namespace fusepack {

struct WriteOptions {
  bool compress = false;
};

Status WritePackage(const std::string& path, const Package& package, const WriteOptions& options = {});

}  // namespace fusepack
