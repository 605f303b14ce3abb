// x[key] and x[key] = value by PyTorch's rules: ints, slices, None, Ellipsis, bools, tensors and lists.
#pragma once

#include "tracer/torch/tensor_value.h"

namespace fusepack::torch {

py::Value TensorGetItem(py::Interpreter& in, TensorObject& self, const py::Value& key);
void TensorSetItem(py::Interpreter& in, TensorObject& self, const py::Value& key, const py::Value& value);

}  // namespace fusepack::torch
