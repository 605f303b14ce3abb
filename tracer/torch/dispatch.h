// Calls operators of the table with Python's arguments.
//
// Every torch name ("torch.max", "Tensor.relu_", "torch._C._nn.gelu") is an Overloads: the definitions bound to it, in
// the order in which to try them. A call goes, in this order,
//   to a TorchFunctionObject among its arguments (an fx Proxy);
//   into the running trace, where an argument is traced or a size depends on the input;
//   to EvalOp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ops/op.h"
#include "tracer/python/interpreter.h"
#include "tracer/torch/overrides.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::torch {

struct Overloads {
  std::string name;  // "torch.max", "Tensor.max"
  std::vector<const OpDef*> ops;
  bool in_place = false;  // the result is written into the first argument, which is returned
  py::Value function;     // what Python code sees under the name
};

// The overloads of a torch name, made on first use; null where the table has none. "Tensor.relu_" finds Tensor.relu.
Overloads* FindOverloads(py::Interpreter& in, std::string_view name);
// A Python function for them. `module` is what __module__ says.
py::Value FunctionFor(py::Interpreter& in, Overloads& overloads);

py::Value CallOverloads(py::Interpreter& in, Overloads& overloads, const py::Args& args);
// The same by torch name; CHECKs that the table has it.
py::Value CallTorch(py::Interpreter& in, std::string_view name, std::initializer_list<py::Value> args);
py::Value CallTorch(py::Interpreter& in, std::string_view name, const py::Args& args);
// One operator by its own name.
py::Value CallOp(py::Interpreter& in, std::string_view op_name, std::initializer_list<py::Value> args);

// The first argument, also inside tuples, lists, dicts and slices, that takes part in place of torch; null: none.
TorchFunctionObject* FindTorchFunction(const py::Args& args);
TorchFunctionObject* FindTorchFunction(const py::Value& value);

// A NativeFunction that checks for TorchFunctionObjects before `function` binds its arguments; `method`: of Tensor.
py::Value NewTorchFunction(py::Interpreter& in, std::string name, std::string module, std::string_view parameters,
                           py::NativeFunction::Bound function, bool method = false);

}  // namespace fusepack::torch
