// A case's trace (engine/case_trace.h) as the package stores it, and back.
#pragma once

#include <vector>

#include "engine/case_trace.h"
#include "package_format/package.h"

namespace fusepack {

std::vector<CaseDigest> DigestsFromTrace(const CaseTrace& trace);
// Digests that are not of this form give an empty trace: they help, they are not needed.
CaseTrace TraceFromDigests(const std::vector<CaseDigest>& digests);

}  // namespace fusepack
