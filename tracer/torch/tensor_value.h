// The Python values of torch: tensors, symbolic ints, dtypes, devices -- and the state that they share.
//
// A TensorObject holds a real engine Tensor, or a *traced* value: a handle into the Trace that is going on. Views of one
// traced tensor form an alias group. The group has one base value; a view keeps the chain of view operators that leads
// from the base to it. Writing in place through any member replaces the base (the chain is undone by scattering back);
// other members notice by the version and are made anew from the base when they are next read. So the graph stays
// functional while Python sees aliases.
//
// Real tensors alias through their Storage. Read-only storages (mapped files) are copied at the first write; every
// TensorObject over one follows.
//
// All belong to one Interpreter and its thread. Errors are raised as Python exceptions (Raised) or as Fatal.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/graph/builder.h"
#include "engine/ops/op.h"
#include "engine/tensor.h"
#include "tracer/python/interpreter.h"
#include "tracer/torch/random.h"

namespace fusepack::torch {

struct Trace;  // trace_state.h
struct Overloads;

// Bytes of tensors that one evaluation may hold at a time (parameters in mapped files are not counted); on a smaller
// machine half of its memory.
inline constexpr int64_t kMaxTensorBytes = int64_t{16} << 30;

struct AliasGroup {
  ValueId base = kNoValue;
  uint64_t version = 0;
};

// One view operator of a traced tensor's chain; args[self_arg] stands for the tensor that it is applied to.
struct ViewStep {
  const OpDef* op = nullptr;
  std::vector<Arg> args;
  size_t self_arg = 0;
  std::vector<Dim> input_sizes;
};

struct TracedValue {
  uint64_t trace = 0;  // Trace::serial
  std::shared_ptr<AliasGroup> group;
  std::vector<ViewStep> steps;  // from the group's base to this
  ValueId value = kNoValue;     // right while version is the group's
  uint64_t version = 0;
  DType dtype = DType::kF32;
  std::vector<Dim> sizes;
  Tensor layout;  // no memory: the sizes and strides that PyTorch's tensor would have for the example
};

class TensorObject : public py::Object {
 public:
  TensorObject(py::Interpreter& in, Tensor tensor);
  explicit TensorObject(TracedValue value) : traced_(std::make_unique<TracedValue>(std::move(value))) {}
  ~TensorObject() override;

  bool traced() const { return traced_ != nullptr; }
  DType dtype() const { return traced_ ? traced_->dtype : tensor_.dtype(); }
  int rank() const { return traced_ ? static_cast<int>(traced_->sizes.size()) : tensor_.rank(); }
  std::vector<Dim> sizes() const { return traced_ ? traced_->sizes : ToDimVector(tensor_.sizes()); }
  Dim size(int dim) const { return traced_ ? traced_->sizes[dim] : Dim(tensor_.sizes()[dim]); }
  // Sizes, strides and offset; only metadata is to be used of a traced tensor's.
  const Tensor& layout() const { return traced_ ? traced_->layout : tensor_; }

  // REQUIRES: !traced(). Follows a copied storage.
  const Tensor& real(py::Interpreter& in);
  TracedValue& value() { return *traced_; }
  // The id of this tensor's present value in the running trace; a real one becomes a constant.
  ValueId Read(py::Interpreter& in, Trace& trace);

  // Stores `source` (broadcast, converted) into this tensor's elements.
  void Write(py::Interpreter& in, TensorObject& source);
  // A real tensor that a traced value is going to be written into: becomes a traced constant, in its own alias group.
  void BecomeTraced(py::Interpreter& in);
  // Makes this a handle of what `other` is (x.data = y).
  void Become(py::Interpreter& in, TensorObject& other);

  bool requires_grad = false;

  bool GetAttr(py::Interpreter& in, py::Str* name, py::Value* out) override;
  py::Value Binary(py::Interpreter& in, py::BinOp op, const py::Value& other, bool reflected) override;
  py::Value Inplace(py::Interpreter& in, py::BinOp op, const py::Value& other) override;
  py::Value Unary(py::Interpreter& in, py::UnOp op) override;
  py::Value Compare(py::Interpreter& in, py::CmpOp op, const py::Value& other) override;
  bool Contains(py::Interpreter& in, const py::Value& item) override;
  py::Value Iter(py::Interpreter& in) override;
  int64_t Len(py::Interpreter& in) override;
  bool Truth(py::Interpreter& in) override;
  py::Value GetItem(py::Interpreter& in, const py::Value& key) override;
  void SetItem(py::Interpreter& in, const py::Value& key, const py::Value& value) override;
  std::string Repr(py::Interpreter& in) override;
  uint64_t Hash(py::Interpreter& in) override;
  bool AsIndex(py::Interpreter& in, int64_t* out) override;
  bool AsFloat(py::Interpreter& in, double* out) override;

 private:
  void SetReal(py::Interpreter& in, Tensor tensor);
  void MakeWritable(py::Interpreter& in);
  void CheckNoState(py::Interpreter& in);  // raises for a parameter or buffer of the module that is being traced
  Tensor tensor_;
  std::unique_ptr<TracedValue> traced_;
  std::shared_ptr<int64_t> account_;  // bytes held by all tensors of the interpreter
  int64_t charged_ = 0;
};

// A size of a traced tensor that depends on the input's sizes. An int to Python.
class SymIntObject : public py::Object {
 public:
  explicit SymIntObject(Dim dim) : dim(std::move(dim)) {}
  const Dim dim;

  py::Value Binary(py::Interpreter& in, py::BinOp op, const py::Value& other, bool reflected) override;
  py::Value Unary(py::Interpreter& in, py::UnOp op) override;
  py::Value Compare(py::Interpreter& in, py::CmpOp op, const py::Value& other) override;
  bool Truth(py::Interpreter& in) override;
  std::string Repr(py::Interpreter& in) override;  // the example's number; not a reason for a guard
  uint64_t Hash(py::Interpreter& in) override;
  bool AsIndex(py::Interpreter& in, int64_t* out) override;
  bool AsFloat(py::Interpreter& in, double* out) override;
};

// torch.Size.
class SizeObject : public py::Tuple {
 public:
  using py::Tuple::Tuple;
  std::string Repr(py::Interpreter& in) override;  // "torch.Size([1, 3])"
};

class DTypeObject : public py::Object {
 public:
  explicit DTypeObject(DType dtype) : dtype(dtype) {}
  const DType dtype;
  std::string Repr(py::Interpreter&) override { return "torch." + std::string(TorchName(dtype)); }
};

// torch.memory_format, torch.layout and the like: a name.
class NamedConstant : public py::Object {
 public:
  explicit NamedConstant(std::string name) : name(std::move(name)) {}
  const std::string name;
  std::string Repr(py::Interpreter&) override { return name; }
};

class DeviceObject : public py::Object {
 public:
  DeviceObject(std::string kind, std::optional<int64_t> index) : kind(std::move(kind)), index(index) {}
  const std::string kind;
  const std::optional<int64_t> index;
  std::string Repr(py::Interpreter& in) override;
  std::string ToStr(py::Interpreter& in) override;
  py::Value Compare(py::Interpreter& in, py::CmpOp op, const py::Value& other) override;
  uint64_t Hash(py::Interpreter& in) override;
};

class GeneratorObject : public py::Object {
 public:
  Generator generator;
};

// What one Interpreter's torch shares: in.State<TorchState>().
struct TorchState {
  explicit TorchState(py::Interpreter& in);

  py::Type *tensor, *size, *symint, *dtype, *device, *generator, *memory_format, *layout;
  std::array<py::Ref<DTypeObject>, kDTypeCount> dtypes;
  py::Ref<DeviceObject> cpu;
  py::Ref<GeneratorObject> default_generator;
  DType default_dtype = DType::kF32;
  bool grad_enabled = true;
  bool inference_mode = false;
  Trace* trace = nullptr;  // the trace that is going on
  int64_t max_tensor_bytes;
  std::shared_ptr<int64_t> tensor_bytes = std::make_shared<int64_t>(0);
  std::unordered_map<const Storage*, std::shared_ptr<Storage>> copied;  // read-only storage -> its writable copy
  std::vector<std::shared_ptr<Storage>> kept;                          // keeps the keys of `copied` alive
  std::unordered_map<std::string, std::shared_ptr<Overloads>> overloads;
  std::unordered_map<const OpDef*, py::Type*> return_types;
};
TorchState& StateOf(py::Interpreter& in);

// Adds torch.Tensor's methods: those of the table and our own. Once, after the state exists.
void FillTensorType(py::Interpreter& in);

// --- Between C++ and Python.

py::Value NewTensor(py::Interpreter& in, Tensor tensor);
// `type`: torch.Tensor or a subclass (Parameter).
py::Value NewTensor(py::Interpreter& in, py::Type* type, Tensor tensor);
// A new value of the running trace, in an alias group of its own.
py::Value NewTraced(py::Interpreter& in, Trace& trace, ValueId value);
py::Value NewTracedView(py::Interpreter& in, TracedValue value);
TensorObject* AsTensor(const py::Value& value);  // null: no tensor
py::Value NewSize(py::Interpreter& in, const std::vector<Dim>& sizes);
py::Value FromDim(py::Interpreter& in, const Dim& dim);
// int, bool, SymInt, __index__, a real integer scalar tensor; false: not an int.
bool ToDim(py::Interpreter& in, const py::Value& value, Dim* out);
py::Value FromDType(py::Interpreter& in, DType dtype);
bool ToDType(py::Interpreter& in, const py::Value& value, DType* out);  // torch.dtype, or float, int, bool
// A number of Python as a real scalar tensor of the dtype that torch.tensor(x) has.
Tensor ScalarTensor(py::Interpreter& in, const py::Value& number);

// Throws what a failed engine call means to Python: RuntimeError, or Fatal for limits.
[[noreturn]] void RaiseStatus(py::Interpreter& in, const Status& status);
template <typename T>
T Unwrap(py::Interpreter& in, Result<T> result) {
  if (!result.ok()) RaiseStatus(in, result.status());
  return std::move(result).value();
}
inline void Check(py::Interpreter& in, const Status& status) {
  if (!status.ok()) RaiseStatus(in, status);
}
// RuntimeError. There is no torch type for most of torch's errors.
[[noreturn]] void RaiseRuntime(py::Interpreter& in, std::string message);

// Asks for memory before a tensor of these sizes is made, and pays for its elements in steps: Fatal(kLimit) where that is
// too much.
void Afford(py::Interpreter& in, DType dtype, const std::vector<Dim>& sizes);
inline void Afford(py::Interpreter& in, const Tensor& like) { Afford(in, like.dtype(), ToDimVector(like.sizes())); }

// Copies `source` into `target` (same sizes after broadcasting), converting elements.
void CopyElements(py::Interpreter& in, const Tensor& source, Tensor* target);
// The tensor expanded to `sizes` without copying (strides 0); raises where it cannot be.
Tensor BroadcastTo(py::Interpreter& in, const Tensor& tensor, const Dims& sizes);

// The packaged source that runs now, prelude frames left out: "models/resnet.py:92:15".
std::string SourcePlace(py::Interpreter& in);
inline constexpr std::string_view kPreludePrefix = "<fusepack>/";

}  // namespace fusepack::torch
