// Suspects: constants that look least like their peers.
//
// When a case fails though every kernel agrees with the float64 reference and the stored trace departs nowhere, the
// package computes what it says, only not what the reference came from: some constant is another. Which one cannot be
// proven from the outputs alone; but a damaged tensor (scaled, shifted, zeroed, overwritten, one wild element) seldom
// looks like the other tensors that the model uses in the same way. This ranks them: a hint, and called one.
#pragma once

#include <string>
#include <vector>

#include "engine/graph/graph.h"

namespace fusepack {

struct Suspect {
  std::string constant;          // "layer3.0.conv1.weight"
  std::string op, scope, where;  // of the operator that uses it
  std::string feature;           // "scale", "mean", "largest element"
  double deviation = 0;          // of that feature from its peers' median, in robust standard deviations

  // "conv2d of layer3.0.conv1 at m.py:9:12 uses layer3.0.conv1.weight, whose scale is 14 deviations from its peers'"
  std::string ToString() const;
};

// Floating constants, most deviating first, at most `count`. Only those with at least kMinPeers peers: weights of
// rank 2 and more are one group, the others are grouped by operator and parameter.
inline constexpr size_t kMinPeers = 3;
Result<std::vector<Suspect>> RankSuspects(const Graph& graph, size_t count);

}  // namespace fusepack
