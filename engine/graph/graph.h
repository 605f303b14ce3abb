// Graph: the engine's IR. Flat and functional: every value is defined once and never changes.
//
// A value is a tensor whose dtype is known and whose sizes are Dims over the graph's symbols. Its definition is an
// input, a constant or an output of one node; nodes stand in topological order. In-place operators do not exist here
// (the tracer makes them functional). A fused group is a node of the operator `fused` whose `region` is a Graph of
// its own, with the group's inputs as inputs. Graphs are values: passes take one and return another, and copies share
// constants' storage.
//
// Text form (print.h, parse.h), which parses back to the same graph:
//
//   graph resnet18(%x: f32[s0,3,s1,s2]) symbols(s0=1, s1=224, s2=224) {
//     const %conv1.weight: f32[64,3,7,7]
//     guard s1 >= 7  # torchvision/models/resnet.py:268:12
//     %1: f32[s0,64,(s1 + 5) // 2,(s2 + 5) // 2] = conv2d(%x, %conv1.weight, None, stride=[2,2], ...)  # conv1, resnet.py:268:12
//     return %1
//   }
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/graph/dim.h"
#include "engine/tensor.h"

namespace fusepack {

struct OpDef;  // engine/ops/op.h
struct Graph;

using ValueId = int;                       // index into Graph::values
inline constexpr ValueId kNoValue = -1;    // None in a list of optional tensors

struct ValueRef {                          // a tensor argument
  ValueId id = kNoValue;
  friend bool operator==(const ValueRef&, const ValueRef&) = default;
};
using ValueList = std::vector<ValueId>;    // a tensor-list argument; kNoValue where an element is None

// One argument of a node. monostate is Python's None. PyTorch's Scalar is bool, Dim (int) or double.
using Arg = std::variant<std::monostate, bool, Dim, double, std::string, DType, std::vector<Dim>, std::vector<double>,
                         ValueRef, ValueList>;

struct Value {
  std::string name;       // a hint for printing; constants have their qualified name ("layer1.0.conv1.weight")
  DType dtype = DType::kF32;
  std::vector<Dim> sizes;
  // Where elements lie, in elements a step of each dimension; empty is row-major. Set by the ChooseLayouts pass, when
  // sizes are numbers. Printed "@nhwc" where dimension 1 is innermost and dense, "@[...]" otherwise.
  std::vector<int64_t> strides = {};
};

struct Node {
  const OpDef* op = nullptr;
  std::vector<Arg> args;                // one for each parameter of op->schema(), defaults filled in
  std::vector<ValueId> outputs;
  std::string scope;                    // qualified name of the module that ran it ("layer1.0.conv1"); may be empty
  std::string where;                    // "torchvision/models/resnet.py:92:15"; may be empty
  std::shared_ptr<const Graph> region;  // only for the operator `fused`

  // Ids of all tensor inputs in argument order (None left out).
  std::vector<ValueId> Inputs() const;
  // Calls f(ValueId&) on each tensor input, so that a pass can rewire it.
  template <typename F>
  void ForEachInput(F f);
};

struct GraphOutput {
  ValueId id = kNoValue;
  std::string path;  // place in the structure that forward returned: "" for a lone tensor, "0", "1.2", "out"
};

struct Graph {
  std::string name;
  std::vector<int64_t> symbol_hints;      // the example's value of s0, s1, ...
  std::vector<Value> values;
  std::vector<ValueId> inputs;            // in forward's order
  std::map<ValueId, Tensor> constants;
  std::vector<Node> nodes;
  std::vector<GraphOutput> outputs;
  std::vector<Guard> guards;

  const Value& value(ValueId id) const { return values[id]; }
  // Adds a value. Names are hints: print.h numbers those that repeat.
  ValueId AddValue(std::string hint_name, DType dtype, std::vector<Dim> sizes);
  ValueId AddInput(std::string name, DType dtype, std::vector<Dim> sizes);
  ValueId AddConstant(std::string name, Tensor tensor);
};

template <typename F>
void Node::ForEachInput(F f) {
  for (Arg& arg : args) {
    if (auto* ref = std::get_if<ValueRef>(&arg)) {
      if (ref->id != kNoValue) f(ref->id);
    } else if (auto* list = std::get_if<ValueList>(&arg)) {
      for (ValueId& id : *list) {
        if (id != kNoValue) f(id);
      }
    }
  }
}

}  // namespace fusepack
