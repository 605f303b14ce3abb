// ParseGraph: reads the text that PrintGraph writes.
//
// Constants whose elements the text does not show come from `constants`, by name; without it they are zeros. The
// graph's operators and argument types are checked against the table, and names must be defined before use; whether
// value specs agree with the operators' shape functions is CheckGraph's to say.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/graph/graph.h"

namespace fusepack {

using ConstantSource = std::function<Result<Tensor>(const std::string& name, DType dtype, const Dims& sizes)>;

Result<Graph> ParseGraph(std::string_view text, const ConstantSource& constants = {});

}  // namespace fusepack
