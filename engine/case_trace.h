// CaseTrace: what a reference case remembers of its intermediate values, so that a package whose weights were changed
// afterwards can say which operator first went another way.
//
// Computed when the case is made (float64 reference, node by node over the graph as packaged), stored with the case as
// a few numbers a node, and compared with the same computation on the package as it is now. A node's digest departs
// where its inputs' did not: that is the operator whose constant was changed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/graph/graph.h"

namespace fusepack {

inline constexpr int kDigestSamples = 8;

// Of one value, in float64; NaN and infinities are left out of the sums and counted.
struct NodeDigest {
  std::string op, scope, where;  // of the node that made it
  double mean = 0, mean_square = 0, max_abs = 0;
  double non_finite = 0;
  std::vector<double> samples;   // elements at i * (numel - 1) / (kDigestSamples - 1), row-major
};

struct CaseTrace {
  std::vector<NodeDigest> nodes;  // a node of the graph, in its order; the first output of each
};

// `outputs`, where it is wanted, gets the reference's outputs, float64 where they are floating.
Result<CaseTrace> ComputeCaseTrace(const Graph& graph, std::span<const Tensor> inputs,
                                   std::vector<Tensor>* outputs = nullptr);

// Relative to the digest's own size; float64 arithmetic on another machine differs by far less.
inline constexpr double kDigestTolerance = 1e-7;

// The number of the first node whose digest departs from the stored one; -1 if none does. kBadInput where the traces
// are not of the same graph.
Result<int> FirstDeparture(const CaseTrace& stored, const CaseTrace& now);

}  // namespace fusepack
