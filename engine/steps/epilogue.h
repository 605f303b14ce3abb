// Epilogues: which nodes behind a convolution or a product the library can compute before it stores the result.
#pragma once

#include <optional>

#include "engine/steps/region.h"
#include "kernels/onednn/library.h"

namespace fusepack {

// The library's form of a pointwise node of one tensor operand; nothing where there is none.
std::optional<kernels::Epilogue> EltwiseEpilogue(const Graph& graph, const Node& node);

// The addend of `node` where it is value + addend (alpha 1) of one size; kNoValue else.
ValueId AddendOf(const Graph& graph, const Node& node, ValueId value);

// The nodes behind region.nodes[0] as epilogues. addend_input: the number of the region input that is added, or -1.
struct RegionEpilogues {
  std::vector<kernels::Epilogue> list;
  int addend_input = -1;
};
Result<RegionEpilogues> ReadEpilogues(const Graph& region);

}  // namespace fusepack
