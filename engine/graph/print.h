// PrintGraph: the text of a graph, in the form that graph.h shows. ParseGraph (parse.h) reads it back.
//
// Names are the values' hints, "~2" and up on those that repeat, a number where there is no hint; what is not letters,
// digits, '_' and '.' is quoted. Arguments that have their default value are left out. Constants show their elements
// only up to kPrintedConstantElements.
#pragma once

#include <string>

#include "engine/graph/graph.h"

namespace fusepack {

inline constexpr int64_t kPrintedConstantElements = 8;

std::string PrintGraph(const Graph& graph);
// One node as PrintGraph prints it, without a region and without the comment: debug lines and error messages.
std::string PrintNode(const Graph& graph, const Node& node);
std::string PrintValueType(const Value& value);  // "f32[1,64,56,56]@nhwc"
std::string PrintArg(const Arg& arg);            // tensor arguments as "%<id>"

}  // namespace fusepack
