#include "engine/graph/graph.h"

namespace fusepack {

std::vector<ValueId> Node::Inputs() const {
  std::vector<ValueId> ids;
  const_cast<Node*>(this)->ForEachInput([&](ValueId& id) { ids.push_back(id); });
  return ids;
}

ValueId Graph::AddValue(std::string hint_name, DType dtype, std::vector<Dim> sizes) {
  values.push_back({std::move(hint_name), dtype, std::move(sizes)});
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId Graph::AddInput(std::string name, DType dtype, std::vector<Dim> sizes) {
  inputs.push_back(AddValue(std::move(name), dtype, std::move(sizes)));
  return inputs.back();
}

ValueId Graph::AddConstant(std::string name, Tensor tensor) {
  const ValueId id = AddValue(std::move(name), tensor.dtype(), ToDimVector(tensor.sizes()));
  constants[id] = std::move(tensor);
  return id;
}

}  // namespace fusepack
