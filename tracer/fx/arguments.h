// Argument values: what Node::args and Node::kwargs hold. Nodes and plain values, nested in tuples, lists, dicts and
// slices. A node keeps its lists and dicts as torch.fx's immutable_list and immutable_dict, so that nobody can change
// them behind the back of the use tracking.
#pragma once

#include <functional>

#include "tracer/python/interpreter.h"

namespace fusepack::fx {

class Node;

// A copy of `argument` with f(leaf) for everything that is no container. Throws py::Raised or py::Fatal.
py::Value MapAggregate(py::Interpreter& in, const py::Value& argument, const std::function<py::Value(const py::Value&)>& f);
// The same with f(node) for each Node; other leaves stay.
py::Value MapArg(py::Interpreter& in, const py::Value& argument, const std::function<py::Value(Node*)>& f);
// Calls f(leaf) for each leaf, in order.
void VisitLeaves(const py::Value& argument, const std::function<void(const py::Value&)>& f);
// Calls f(node) for each Node, in order.
void VisitNodes(const py::Value& argument, const std::function<void(Node*)>& f);

py::Value NewImmutableList(py::Interpreter& in, std::vector<py::Value> items);
py::Ref<py::Dict> NewImmutableDict(py::Interpreter& in);

// torch.fx.immutable_collections.immutable_list and immutable_dict.
struct ImmutableTypes {
  explicit ImmutableTypes(py::Interpreter& in);
  py::Type *list, *dict;
};

}  // namespace fusepack::fx
