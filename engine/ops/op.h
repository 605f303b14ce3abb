// OpDef: one operator, defined once. Everything else -- torch bindings and argument checks, shape inference,
// dispatch, differential tests, bench shapes, the operator page of the docs -- is derived from the table of these.
//
// A definition is a file engine/ops/<name>.cc (or a line of pointwise.inc) and a line in the explicit list table.cc.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/ops/schema.h"
#include "kernels/base/status.h"

namespace fusepack {

// What is known of a tensor before it exists.
struct TensorSpec {
  DType dtype = DType::kF32;
  std::vector<Dim> sizes;
};

// The arguments of one call, by parameter name. `args` has one entry a parameter, defaults filled in; a tensor
// argument is an index into `tensors` there. Getters CHECK the type: arguments have been bound against the schema.
template <typename TensorType>
class OpArgs {
 public:
  OpArgs(const Schema& schema, std::span<const Arg> args, std::span<const TensorType> tensors)
      : schema_(schema), args_(args), tensors_(tensors) {}

  const TensorType& tensor(std::string_view name) const { return tensors_[get<ValueRef>(name).id]; }
  bool is_tensor(std::string_view name) const { return std::holds_alternative<ValueRef>(arg(name)); }
  const TensorType& tensor(const ValueRef& ref) const { return tensors_[ref.id]; }
  std::vector<const TensorType*> tensor_list(std::string_view name) const;  // nullptr where None
  bool has(std::string_view name) const { return !std::holds_alternative<std::monostate>(arg(name)); }
  bool boolean(std::string_view name) const { return get<bool>(name); }
  const Dim& dim(std::string_view name) const { return get<Dim>(name); }
  int64_t integer(std::string_view name) const { return dim(name).hint(); }
  // An int[] parameter; a lone int given for int[2] has been repeated by binding.
  const std::vector<Dim>& dims(std::string_view name) const { return get<std::vector<Dim>>(name); }
  std::vector<int64_t> integers(std::string_view name) const;
  double number(std::string_view name) const;  // a Scalar or float, as double
  bool is_floating_scalar(std::string_view name) const { return std::holds_alternative<double>(arg(name)); }
  const std::string& string(std::string_view name) const { return get<std::string>(name); }
  DType dtype(std::string_view name) const { return get<DType>(name); }

  const Arg& arg(std::string_view name) const { return args_[schema_.IndexOf(name)]; }
  std::span<const Arg> args() const { return args_; }
  const Schema& schema() const { return schema_; }

 private:
  template <typename T>
  const T& get(std::string_view name) const {
    const T* value = std::get_if<T>(&arg(name));
    if (value == nullptr) internal::CheckFailed(__FILE__, __LINE__, "argument '" + std::string(name) + "' has another type");
    return *value;
  }
  const Schema& schema_;
  std::span<const Arg> args_;
  std::span<const TensorType> tensors_;
};

// Output specs from argument specs. May ask questions about symbolic sizes through `guards`. Errors are PyTorch's
// conditions in our one-line form.
struct ShapeCall : OpArgs<TensorSpec> {
  ShapeCall(const Schema& s, std::span<const Arg> a, std::span<const TensorSpec> t, Guards& g)
      : OpArgs(s, a, t), guards(g) {}
  Guards& guards;
};
using ShapeFn = Result<std::vector<TensorSpec>> (*)(const ShapeCall& call);

// Eager evaluation on real tensors, any strides, with the reference kernels: the oracle. `outputs` are dense, zeroed
// and have the sizes that `shape` gave; the kernel writes them.
using EvalCall = OpArgs<Tensor>;
using EvalFn = Status (*)(const EvalCall& call, std::span<Tensor> outputs);

// An operator whose output aliases its first tensor argument wherever strides allow (reshape, permute, slice, ...).
// Returns the aliasing tensor, or an undefined one where a copy is needed (then `eval` runs).
using ViewFn = Result<Tensor> (*)(const EvalCall& call);

// An operator whose output sizes depend on the elements (nonzero, indexing with a mask): makes its own outputs. Empty
// where this call is an ordinary one after all (then `shape` and `eval` run). A graph cannot hold such a call: its
// `shape` gives an error.
using DataDependentFn = Result<std::vector<Tensor>> (*)(const EvalCall& call);

// Inlines the operator as calls of others (used where an operator needs no kernel of its own): builds nodes in `graph`.
class GraphBuilder;  // engine/graph/builder.h
using DecomposeFn = Result<std::vector<ValueId>> (*)(GraphBuilder& builder, std::span<const Arg> args);

struct OpDef {
  std::string_view name;                    // "max_pool2d"; unique, the name in graph text
  std::vector<std::string_view> torch;      // names it is bound to: "torch.max_pool2d", "Tensor.relu", "torch._C._nn.gelu"
  std::string_view params;                  // PyTorch's schema syntax: "Tensor input, int[2] kernel_size, int[2] stride=[], ..."
  std::string_view returns = "Tensor";      // "Tensor", "Tensor[]", or named: "(Tensor values, Tensor indices)"
  ShapeFn shape = nullptr;
  EvalFn eval = nullptr;
  ViewFn view = nullptr;
  DataDependentFn data_dependent = nullptr;
  DecomposeFn decompose = nullptr;
  bool inplace = true;                      // Tensor.<name>_ writes the result into the first argument
  // Pointwise only: the C expression that CPU and CUDA compile. x, y, z are the tensor (or Tensor|Scalar) arguments and
  // a, b, c, d the Scalar and float ones, both in schema order and converted to the computing type T (float for f16,
  // bf16 and f32; pointwise.h says which for which dtypes). It may call kernels/pointwise/functions.h.
  std::string_view expression = {};
  std::vector<std::string_view> examples;   // "f32[1,3,8,8], 2": argument lists for tests and benches
  std::string_view doc;

  const Schema& schema() const;             // `params`, parsed once. Only for definitions in the table
};

// The table, in the order of table.cc.
std::span<const OpDef* const> AllOps();
const OpDef* FindOp(std::string_view name);                // by OpDef::name; nullptr if there is none
const OpDef* FindOpByTorchName(std::string_view qualified);  // "torch.relu", "Tensor.relu"; the first overload
// All definitions bound to one torch name ("torch.max": max, max_dim, maximum), in the order in which to try them.
std::span<const OpDef* const> FindOverloads(std::string_view qualified);

// Runs one operator eagerly on real tensors. `args` as OpArgs has them, over `tensors`.
// They may be short: defaults follow. Outputs of view operators alias their argument's storage.
Result<std::vector<Tensor>> EvalOp(const OpDef& op, std::span<const Arg> args, std::span<const Tensor> tensors);

// The arguments with their tensors numbered 0, 1, ... in order of appearance, and the old number of each: what a call
// over a compact list of tensors needs, made from a node of a large graph.
std::vector<Arg> CompactArgs(std::span<const Arg> args, std::vector<ValueId>* tensor_ids);

}  // namespace fusepack
