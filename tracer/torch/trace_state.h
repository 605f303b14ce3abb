// Trace: an engine graph under construction, as the tensor values see it.
//
// Owned by TraceToEngine (trace.h) for the time of one forward; TorchState::trace points at it.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "engine/graph/builder.h"
#include "engine/graph/graph.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::torch {

struct Trace {
  explicit Trace(std::string name) : builder(&graph) { graph.name = std::move(name); }

  const uint64_t serial = NextSerial();  // tells the values of one trace from another's
  Graph graph;
  GraphBuilder builder;

  // Parameters and buffers by storage and place in it.
  using TensorKey = std::tuple<const Storage*, int64_t, std::vector<int64_t>, std::vector<int64_t>, DType>;
  static TensorKey KeyOf(const Tensor& tensor) {
    return {tensor.storage().get(), tensor.offset(), tensor.sizes().ToVector(), tensor.strides().ToVector(),
            tensor.dtype()};
  }
  std::map<TensorKey, std::string> names;
  std::map<TensorKey, ValueId> constants;
  std::unordered_map<const Storage*, std::string> state_storages;  // never written while tracing

  std::unordered_map<const py::Object*, std::string> module_names;
  std::vector<std::string> scopes;  // qualified names of the modules that run, innermost last
  int unnamed = 0;

  static uint64_t NextSerial();
  // The constant that holds `tensor`: module state is shared, everything else copied as it is now.
  Result<ValueId> ConstantFor(const Tensor& tensor);
  // Puts the present place and scope on nodes and guards that follow.
  void Locate(py::Interpreter& in);
};

}  // namespace fusepack::torch
