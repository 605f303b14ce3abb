// numbers = {mean, mean_square, max_abs, non_finite, samples...}
#include "tracer/case_digests.h"

namespace fusepack {

constexpr size_t kFixedNumbers = 4;

std::vector<CaseDigest> DigestsFromTrace(const CaseTrace& trace) {
  std::vector<CaseDigest> digests;
  for (const NodeDigest& node : trace.nodes) {
    CaseDigest digest{node.op, node.scope, node.where, {node.mean, node.mean_square, node.max_abs, node.non_finite}};
    digest.numbers.insert(digest.numbers.end(), node.samples.begin(), node.samples.end());
    digests.push_back(std::move(digest));
  }
  return digests;
}

CaseTrace TraceFromDigests(const std::vector<CaseDigest>& digests) {
  CaseTrace trace;
  for (const CaseDigest& digest : digests) {
    const auto& n = digest.numbers;
    if (n.size() < kFixedNumbers) return {};
    trace.nodes.push_back({digest.name, digest.scope, digest.where, n[0], n[1], n[2], n[3], {n.begin() + kFixedNumbers, n.end()}});
  }
  return trace;
}

}  // namespace fusepack
