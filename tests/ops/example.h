// Reads the examples of operator definitions: argument lists in Python's syntax, in which a tensor is written
//
//   f32[2,3]      elements (m - 1001) / 1024 with m = (7919*i + 104729*(k+1)) % 2003 for element i of the call's k-th
//                 tensor: within (-1, 1), exact in f16, no two neighbours alike
//   f32[2,3]>0    |element| + 0.5
//   f32[2,3]~     NaN at i % 11 = 3, infinity at i % 13 = 5, -infinity at i % 13 = 9
//   i64[4]<9      m % 9 (also for floating dtypes); without "<": m - 1001
//   bool[3]       m % 3 != 0
//
// make_expected.py makes the same tensors and calls PyTorch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ops/op.h"

namespace fusepack {

struct Example {
  std::vector<Arg> args;         // positional, up to the last one given; ValueRefs are indices into `tensors`
  std::vector<Tensor> tensors;
};

// Fails the test (and returns what it has) if the text cannot be read. `f32_as` replaces f32.
Example ReadExample(const Schema& schema, std::string_view text, DType f32_as);

}  // namespace fusepack
