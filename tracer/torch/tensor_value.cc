// Aliasing, real and traced (tensor_value.h has the model), and the small value types.
//
// Writing through a traced view undoes its chain of view operators from the inside out: with x0 the base and
// x[i] = op_i(x[i-1]), the new x[n] is given and x[i-1] is x[i-1] with the part that op_i shows replaced: by
// select_scatter, slice_scatter, the inverse permutation or a reshape back.
#include "tracer/torch/tensor_value.h"

#include <atomic>
#include <cmath>
#include <cstring>

#include "tracer/torch/dispatch.h"
#include "tracer/torch/indexing.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::Interpreter;
using py::Str;
using py::Value;

void RaiseRuntime(Interpreter& in, std::string message) { in.Raise(in.types().runtime_error, std::move(message)); }

void RaiseStatus(Interpreter& in, const Status& status) {
  if (status.error().code == ErrorCode::kLimit || status.error().code == ErrorCode::kInternal) {
    throw py::Fatal{status.error()};
  }
  Error error = status.error();
  error.file.clear();
  RaiseRuntime(in, error.ToString());
}

TorchState& StateOf(Interpreter& in) { return in.State<TorchState>(); }

// --- TensorObject

TensorObject::TensorObject(Interpreter& in, Tensor tensor) { SetReal(in, std::move(tensor)); }

TensorObject::~TensorObject() {
  if (account_ != nullptr) *account_ -= charged_;
}

void TensorObject::SetReal(Interpreter& in, Tensor tensor) {
  tensor_ = std::move(tensor);
  TorchState& state = StateOf(in);
  if (account_ == nullptr) account_ = state.tensor_bytes;
  *account_ -= charged_;
  charged_ = 0;
  // The first handle of a storage of our own pays for it; views ride along.
  if (tensor_.storage()->writable() && tensor_.storage().use_count() == 1) {
    if (*account_ + tensor_.storage()->bytes() > state.max_tensor_bytes) {
      in.OverLimit("more than " + std::to_string(state.max_tensor_bytes >> 20) + " MiB of tensors", "fewer at a time");
    }
    charged_ = tensor_.storage()->bytes();
    *account_ += charged_;
  }
}

const Tensor& TensorObject::real(Interpreter& in) {
  FP_CHECK(!traced());
  if (!tensor_.storage()->writable()) {
    TorchState& state = StateOf(in);
    if (!state.copied.empty()) {
      const auto found = state.copied.find(tensor_.storage().get());
      if (found != state.copied.end()) {
        tensor_ = Tensor(found->second, tensor_.dtype(), tensor_.sizes(), tensor_.strides(), tensor_.offset());
      }
    }
  }
  return tensor_;
}

void TensorObject::MakeWritable(Interpreter& in) {
  real(in);
  if (tensor_.storage()->writable()) return;
  TorchState& state = StateOf(in);
  const std::shared_ptr<Storage> old = tensor_.storage();
  std::shared_ptr<Storage> copy = Unwrap(in, Storage::Allocate(old->bytes()));
  std::memcpy(copy->mutable_data(), old->data(), old->bytes());
  state.copied[old.get()] = copy;
  state.kept.push_back(old);
  tensor_ = Tensor(copy, tensor_.dtype(), tensor_.sizes(), tensor_.strides(), tensor_.offset());
}

Result<ValueId> Trace::ConstantFor(const Tensor& tensor) {
  const TensorKey key = KeyOf(tensor);
  if (const auto found = constants.find(key); found != constants.end()) return found->second;
  const auto state = state_storages.find(tensor.storage().get());
  if (state == state_storages.end()) {
    FP_ASSIGN_OR_RETURN(Tensor copy, tensor.Clone());
    return graph.AddConstant("constant" + std::to_string(unnamed++), std::move(copy));
  }
  const auto named = names.find(key);
  const std::string name = named != names.end() ? named->second : state->second + ".view" + std::to_string(unnamed++);
  const ValueId id = graph.AddConstant(name, tensor);
  constants[key] = id;
  return id;
}

uint64_t Trace::NextSerial() {
  static std::atomic<uint64_t> next{1};
  return next++;
}

void Trace::Locate(Interpreter& in) {
  builder.set_where(SourcePlace(in));
  builder.set_scope(scopes.empty() ? "" : scopes.back());
}

ValueId TensorObject::Read(Interpreter& in, Trace& trace) {
  if (!traced()) return Unwrap(in, trace.ConstantFor(real(in)));
  if (traced_->trace != trace.serial) RaiseRuntime(in, "a tensor of an earlier trace is used after its end");
  if (traced_->version != traced_->group->version) {
    ValueId id = traced_->group->base;
    trace.Locate(in);
    for (const ViewStep& step : traced_->steps) {
      std::vector<Arg> args = step.args;
      args[step.self_arg] = ValueRef{id};
      id = Unwrap(in, trace.builder.Add(*step.op, std::move(args)))[0];
    }
    traced_->value = id;
    traced_->version = traced_->group->version;
  }
  return traced_->value;
}

namespace {

ValueId AddOne(Interpreter& in, Trace& trace, std::string_view op, std::vector<Arg> args) {
  if (FindOp(op) == nullptr) RaiseRuntime(in, "no operator '" + std::string(op) + "' for a write through a view");
  return Unwrap(in, trace.builder.AddOne(op, std::move(args)));
}

int64_t DimArg(const ViewStep& step, std::string_view name) {
  const int64_t dim = std::get<Dim>(step.args[step.op->schema().IndexOf(name)]).hint();
  return dim < 0 ? dim + static_cast<int64_t>(step.input_sizes.size()) : dim;
}

// `before` with the part that `step` shows replaced by `part`.
ValueId Undo(Interpreter& in, Trace& trace, const ViewStep& step, ValueId before, ValueId part) {
  const std::string_view name = step.op->name;
  const auto arg = [&](std::string_view parameter) { return step.args[step.op->schema().IndexOf(parameter)]; };
  if (name == "select") return AddOne(in, trace, "select_scatter", {ValueRef{before}, ValueRef{part}, arg("dim"), arg("index")});
  if (name == "slice") {
    return AddOne(in, trace, "slice_scatter",
                  {ValueRef{before}, ValueRef{part}, arg("dim"), arg("start"), arg("end"), arg("step")});
  }
  if (name == "transpose") return AddOne(in, trace, "transpose", {ValueRef{part}, arg("dim0"), arg("dim1")});
  if (name == "t") return AddOne(in, trace, "t", {ValueRef{part}});
  if (name == "permute") {
    const std::vector<Dim> dims = std::get<std::vector<Dim>>(arg("dims"));
    std::vector<Dim> inverse(dims.size());
    for (size_t i = 0; i < dims.size(); i++) {
      const int64_t d = dims[i].hint();
      inverse[d < 0 ? d + dims.size() : d] = Dim(static_cast<int64_t>(i));
    }
    return AddOne(in, trace, "permute", {ValueRef{part}, inverse});
  }
  static constexpr std::string_view kReshapes[] = {"reshape", "view", "flatten", "unflatten", "unsqueeze", "squeeze",
                                                   "view_as", "reshape_as", "alias", "detach", "contiguous"};
  for (std::string_view reshape : kReshapes) {
    if (name == reshape) return AddOne(in, trace, "reshape", {ValueRef{part}, step.input_sizes});
  }
  if (name == "narrow") {
    const int64_t dim = DimArg(step, "dim");
    const Dim start = std::get<Dim>(arg("start"));
    const Dim end = start + std::get<Dim>(arg("length"));
    return AddOne(in, trace, "slice_scatter", {ValueRef{before}, ValueRef{part}, Dim(dim), start, end, Dim(1)});
  }
  RaiseRuntime(in, "writing through a view made by '" + std::string(name) + "' cannot be traced");
}

}  // namespace

void TensorObject::CheckNoState(Interpreter& in) {
  const Trace* trace = StateOf(in).trace;
  if (trace == nullptr) return;
  const auto found = trace->state_storages.find(tensor_.storage().get());
  if (found != trace->state_storages.end()) {
    RaiseRuntime(in, "forward writes to '" + found->second + "' in place; a traced graph keeps no state");
  }
}

void TensorObject::BecomeTraced(Interpreter& in) {
  real(in);
  CheckNoState(in);
  TorchState& state = StateOf(in);
  if (state.trace == nullptr) RaiseRuntime(in, "a tensor of an earlier trace is used after its end");
  if (tensor_.storage().use_count() > 1) {
    RaiseRuntime(in, "a traced value is written into a real tensor that others view");
  }
  TracedValue value;
  value.trace = state.trace->serial;
  value.group = std::make_shared<AliasGroup>();
  value.group->base = value.value = Read(in, *state.trace);
  value.dtype = tensor_.dtype();
  value.sizes = ToDimVector(tensor_.sizes());
  value.layout = tensor_;
  traced_ = std::make_unique<TracedValue>(std::move(value));
}

void TensorObject::Write(Interpreter& in, TensorObject& source) {
  TorchState& state = StateOf(in);
  if (!traced() && !source.traced()) {
    real(in);
    CheckNoState(in);
    MakeWritable(in);
    Tensor from = source.real(in);
    CopyElements(in, from, &tensor_);
    return;
  }
  if (!traced()) BecomeTraced(in);
  FP_CHECK(state.trace != nullptr);
  Trace& trace = *state.trace;
  ValueId part = source.Read(in, trace);
  trace.Locate(in);
  const TensorSpec spec = trace.builder.Spec(part);
  if (spec.dtype != traced_->dtype) part = AddOne(in, trace, "to", {ValueRef{part}, traced_->dtype});
  bool same = spec.sizes.size() == traced_->sizes.size();
  for (size_t i = 0; same && i < spec.sizes.size(); i++) {
    same = SameExpr(spec.sizes[i], traced_->sizes[i]) ||
           (spec.sizes[i].hint() == traced_->sizes[i].hint() && spec.sizes[i].hint() != 1 &&
            trace.builder.guards().Equal(spec.sizes[i], traced_->sizes[i]));
  }
  if (!same) part = AddOne(in, trace, "expand", {ValueRef{part}, traced_->sizes});
  // Forward along the chain for the values to put parts into, then back.
  std::vector<ValueId> befores;
  ValueId id = traced_->group->base;
  for (const ViewStep& step : traced_->steps) {
    befores.push_back(id);
    if (&step == &traced_->steps.back()) break;
    std::vector<Arg> args = step.args;
    args[step.self_arg] = ValueRef{id};
    id = Unwrap(in, trace.builder.Add(*step.op, std::move(args)))[0];
  }
  const ValueId whole = part;
  for (size_t i = traced_->steps.size(); i-- > 0;) part = Undo(in, trace, traced_->steps[i], befores[i], part);
  traced_->group->base = part;
  traced_->group->version++;
  traced_->value = whole;
  traced_->version = traced_->group->version;
}

void TensorObject::Become(Interpreter& in, TensorObject& other) {
  if (other.traced()) {
    traced_ = std::make_unique<TracedValue>(other.value());
  } else {
    traced_.reset();
    SetReal(in, other.real(in));
  }
}

bool TensorObject::GetAttr(Interpreter& in, Str* name, Value* out) { return py::Object::GetAttr(in, name, out); }

Value TensorObject::Iter(Interpreter& in) {
  if (rank() == 0) in.RaiseTypeError("iteration over a 0-d tensor");
  return in.Iter(in.CallMethod(Value(this), "unbind", {Value::Int(0)}));
}

int64_t TensorObject::Len(Interpreter& in) {
  if (rank() == 0) in.RaiseTypeError("len() of a 0-d tensor");
  return in.Index(FromDim(in, size(0)));
}

bool TensorObject::Truth(Interpreter& in) {
  if (traced()) {
    RaiseRuntime(in, "a branch depends on the elements of a tensor that is being traced; only its sizes may decide");
  }
  const Tensor& t = real(in);
  if (t.numel() == 0) RaiseRuntime(in, "Boolean value of Tensor with no values is ambiguous");
  if (t.numel() > 1) RaiseRuntime(in, "Boolean value of Tensor with more than one value is ambiguous");
  return t.ItemAsDouble() != 0;
}

bool TensorObject::Contains(Interpreter& in, const Value& item) {
  return in.Truth(in.CallMethod(in.Compare(py::CmpOp::kEq, Value(this), item), "any"));
}

Value TensorObject::GetItem(Interpreter& in, const Value& key) { return TensorGetItem(in, *this, key); }
void TensorObject::SetItem(Interpreter& in, const Value& key, const Value& value) { TensorSetItem(in, *this, key, value); }

uint64_t TensorObject::Hash(Interpreter&) { return reinterpret_cast<uintptr_t>(static_cast<py::Object*>(this)) >> 4; }

bool TensorObject::AsIndex(Interpreter& in, int64_t* out) {
  if (traced()) RaiseRuntime(in, "int() of a tensor that is being traced; only sizes are numbers then");
  const Tensor& t = real(in);
  if (t.numel() != 1) RaiseRuntime(in, "a Tensor with " + std::to_string(t.numel()) + " elements cannot be converted to Scalar");
  *out = IsIntegral(t.dtype()) ? t.ItemAsInt() : static_cast<int64_t>(t.ItemAsDouble());
  return true;
}

bool TensorObject::AsFloat(Interpreter& in, double* out) {
  if (traced()) RaiseRuntime(in, "float() of a tensor that is being traced; only sizes are numbers then");
  const Tensor& t = real(in);
  if (t.numel() != 1) RaiseRuntime(in, "a Tensor with " + std::to_string(t.numel()) + " elements cannot be converted to Scalar");
  *out = t.ItemAsDouble();
  return true;
}

// --- SymIntObject

namespace {

Guards& GuardsOf(Interpreter& in) {
  TorchState& state = StateOf(in);
  if (state.trace == nullptr) RaiseRuntime(in, "a size of an earlier trace is used after its end");
  Guards& guards = state.trace->builder.guards();
  guards.set_where(SourcePlace(in));
  return guards;
}

bool OperandDim(Interpreter&, const Value& v, Dim* out) {
  if (v.is_int()) return *out = Dim(v.integer()), true;
  if (v.is_bool()) return *out = Dim(static_cast<int64_t>(v.boolean())), true;
  if (auto* sym = v.As<SymIntObject>()) return *out = sym->dim, true;
  if (auto* box = v.As<py::IntBox>()) return *out = Dim(box->value), true;
  return false;
}

}  // namespace

Value SymIntObject::Binary(Interpreter& in, py::BinOp op, const Value& other, bool reflected) {
  Dim d;
  if (other.is_float()) {
    const Value pinned = Value::Int(GuardsOf(in).Pin(dim));
    return reflected ? in.Binary(op, other, pinned) : in.Binary(op, pinned, other);
  }
  if (!OperandDim(in, other, &d)) {
    // A sequence is repeated a fixed number of times.
    if (op == py::BinOp::kMul && (other.As<py::List>() || other.As<py::Tuple>() || other.As<py::Str>())) {
      return in.Binary(op, other, Value::Int(GuardsOf(in).Pin(dim)));
    }
    return Value();
  }
  const Dim& a = reflected ? d : dim;
  const Dim& b = reflected ? dim : d;
  switch (op) {
    case py::BinOp::kAdd: return FromDim(in, a + b);
    case py::BinOp::kSub: return FromDim(in, a - b);
    case py::BinOp::kMul: return FromDim(in, a * b);
    case py::BinOp::kFloorDiv:
    case py::BinOp::kMod:
      if (GuardsOf(in).Decide(b, fusepack::Compare::kEq, Dim(0))) {
        in.Raise(in.types().zero_division_error, "integer division or modulo by zero");
      }
      return FromDim(in, op == py::BinOp::kMod ? Mod(a, b) : FloorDiv(a, b));
    default: {
      Guards& guards = GuardsOf(in);
      return in.Binary(op, Value::Int(guards.Pin(a)), Value::Int(guards.Pin(b)));
    }
  }
}

Value SymIntObject::Unary(Interpreter& in, py::UnOp op) {
  if (op == py::UnOp::kPos) return Value(this);
  if (op == py::UnOp::kNeg) return FromDim(in, -dim);
  return Value::Int(~GuardsOf(in).Pin(dim));
}

Value SymIntObject::Compare(Interpreter& in, py::CmpOp op, const Value& other) {
  Dim d;
  if (other.is_float()) return in.Compare(op, Value::Int(GuardsOf(in).Pin(dim)), other);
  if (!OperandDim(in, other, &d)) return Value();
  static constexpr fusepack::Compare kOps[] = {fusepack::Compare::kEq, fusepack::Compare::kNe, fusepack::Compare::kLt,
                                               fusepack::Compare::kLe, fusepack::Compare::kGt, fusepack::Compare::kGe};
  return Value::Bool(GuardsOf(in).Decide(dim, kOps[static_cast<int>(op)], d));
}

bool SymIntObject::Truth(Interpreter& in) { return GuardsOf(in).Decide(dim, fusepack::Compare::kNe, Dim(0)); }
std::string SymIntObject::Repr(Interpreter&) { return std::to_string(dim.hint()); }
uint64_t SymIntObject::Hash(Interpreter& in) { return in.Hash(Value::Int(GuardsOf(in).Pin(dim))); }
bool SymIntObject::AsIndex(Interpreter& in, int64_t* out) { return *out = GuardsOf(in).Pin(dim), true; }
bool SymIntObject::AsFloat(Interpreter& in, double* out) {
  return *out = static_cast<double>(GuardsOf(in).Pin(dim)), true;
}

std::string SizeObject::Repr(Interpreter& in) {
  std::string out = "torch.Size([";
  for (size_t i = 0; i < size(); i++) out += (i ? ", " : "") + in.Repr((*this)[i]);
  return out + "])";
}

// --- DeviceObject

std::string DeviceObject::Repr(Interpreter&) {
  return "device(type='" + kind + "'" + (index ? ", index=" + std::to_string(*index) : "") + ")";
}
std::string DeviceObject::ToStr(Interpreter&) { return kind + (index ? ":" + std::to_string(*index) : ""); }
Value DeviceObject::Compare(Interpreter&, py::CmpOp op, const Value& other) {
  auto* d = other.As<DeviceObject>();
  if (d == nullptr || (op != py::CmpOp::kEq && op != py::CmpOp::kNe)) return Value();
  return Value::Bool((kind == d->kind && index == d->index) == (op == py::CmpOp::kEq));
}
uint64_t DeviceObject::Hash(Interpreter&) { return std::hash<std::string>()(kind) + (index ? *index + 1 : 0); }

// --- Conversions

Value NewTensor(Interpreter& in, py::Type* type, Tensor tensor) {
  return Value(in.New<TensorObject>(type, in, std::move(tensor)));
}
Value NewTensor(Interpreter& in, Tensor tensor) { return NewTensor(in, StateOf(in).tensor, std::move(tensor)); }

Value NewTracedView(Interpreter& in, TracedValue value) {
  return Value(in.New<TensorObject>(StateOf(in).tensor, std::move(value)));
}

Value NewTraced(Interpreter& in, Trace& trace, ValueId id) {
  const TensorSpec spec = trace.builder.Spec(id);
  TracedValue value;
  value.trace = trace.serial;
  value.group = std::make_shared<AliasGroup>();
  value.group->base = value.value = id;
  value.dtype = spec.dtype;
  value.sizes = spec.sizes;
  Dims sizes;
  for (const Dim& d : spec.sizes) sizes.push_back(d.hint());
  static const std::shared_ptr<Storage> nowhere = Storage::Wrap(nullptr, INT64_MAX, nullptr, false);
  value.layout = Tensor(nowhere, spec.dtype, sizes, ContiguousStrides(sizes), 0);
  return NewTracedView(in, std::move(value));
}

TensorObject* AsTensor(const Value& value) { return value.As<TensorObject>(); }

Value FromDim(Interpreter& in, const Dim& dim) {
  if (dim.is_constant()) return Value::Int(dim.hint());
  return Value(in.New<SymIntObject>(StateOf(in).symint, dim));
}

Value NewSize(Interpreter& in, const std::vector<Dim>& sizes) {
  std::vector<Value> items;
  for (const Dim& d : sizes) items.push_back(FromDim(in, d));
  return Value(in.New<SizeObject>(StateOf(in).size, in.heap(), std::move(items)));
}

bool ToDim(Interpreter& in, const Value& v, Dim* out) {
  if (OperandDim(in, v, out)) return true;
  if (auto* t = AsTensor(v)) {
    if (t->traced() || t->rank() != 0 || !IsIntegral(t->dtype())) return false;
    return *out = Dim(t->real(in).ItemAsInt()), true;
  }
  if (!v.is_object()) return false;
  int64_t i;
  if (!in.FindIndex(v, &i)) return false;
  return *out = Dim(i), true;
}

Value FromDType(Interpreter& in, DType dtype) { return Value(StateOf(in).dtypes[static_cast<int>(dtype)]); }

bool ToDType(Interpreter& in, const Value& v, DType* out) {
  if (auto* d = v.As<DTypeObject>()) return *out = d->dtype, true;
  py::Object* object = v.object_or_null();
  if (object == nullptr) return false;
  if (object == in.types().floating) return *out = DType::kF64, true;
  if (object == in.types().integer) return *out = DType::kI64, true;
  if (object == in.types().boolean) return *out = DType::kBool, true;
  return false;
}

Tensor ScalarTensor(Interpreter& in, const Value& v) {
  if (v.is_bool()) return Tensor::Scalar(DType::kBool, v.boolean());
  if (v.is_float()) return Tensor::Scalar(StateOf(in).default_dtype, v.number());
  if (auto* box = v.As<py::FloatBox>()) return Tensor::Scalar(StateOf(in).default_dtype, box->value);
  const int64_t i = in.Index(v);
  return Tensor::FromValues<int64_t>({}, std::span<const int64_t>(&i, 1));
}

void Afford(Interpreter& in, DType dtype, const std::vector<Dim>& sizes) {
  TorchState& state = StateOf(in);
  CheckedI64 numel = 1;
  for (const Dim& d : sizes) numel = numel * std::max<int64_t>(d.hint(), 0);
  const CheckedI64 bytes = CheckedI64(*state.tensor_bytes) + numel * static_cast<int64_t>(ItemSize(dtype));
  if (!bytes.Within(state.max_tensor_bytes)) {
    in.OverLimit("tensors of more than " + std::to_string(state.max_tensor_bytes >> 20) + " MiB (one of sizes " +
                     ToString(sizes) + ")", "smaller ones, or fewer at a time");
  }
  in.Step(1 + numel.value() / 256);
}

Tensor BroadcastTo(Interpreter& in, const Tensor& tensor, const Dims& sizes) {
  const auto fail = [&] {
    RaiseRuntime(in, "shape " + tensor.sizes().ToString() + " cannot be broadcast to shape " + sizes.ToString());
  };
  // Leading dimensions of size 1 may be dropped, as copy_ to a smaller target never may otherwise.
  const int extra = sizes.size() - tensor.rank();
  for (int i = 0; i < -extra; i++) {
    if (tensor.sizes()[i] != 1) fail();
  }
  Dims strides(sizes.size(), 0);
  for (int d = 0; d < sizes.size(); d++) {
    const int from = d - extra;
    if (from < 0) continue;
    if (tensor.sizes()[from] == sizes[d]) strides[d] = tensor.strides()[from];
    else if (tensor.sizes()[from] != 1) fail();
  }
  return tensor.AsStrided(sizes, strides, tensor.offset());
}

void CopyElements(Interpreter& in, const Tensor& source, Tensor* target) {
  if (target->numel() == 0) return;
  for (int d = 0; d < target->rank(); d++) {
    if (target->strides()[d] == 0 && target->sizes()[d] > 1) {
      RaiseRuntime(in, "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                       "location. Please clone() the tensor before performing the operation.");
    }
  }
  Afford(in, source.dtype(), ToDimVector(source.sizes()));
  Tensor from = source;
  // Elements that overlap the target's are read before any is written.
  if (from.storage() == target->storage() || from.dtype() != target->dtype()) {
    from = from.dtype() == target->dtype() ? Unwrap(in, from.Clone()) : Unwrap(in, from.To(target->dtype()));
  }
  from = BroadcastTo(in, from, target->sizes());
  MutableTensorView to = target->mutable_view();
  const TensorView view = from.view();
  const size_t item = ItemSize(target->dtype());
  if (to.contiguous() && view.contiguous()) {
    std::memcpy(to.data, view.data, to.numel() * item);
    return;
  }
  Dims index(to.rank(), 0);
  int64_t a = 0, b = 0;
  for (;;) {
    std::memcpy(static_cast<char*>(to.data) + a * static_cast<int64_t>(item),
                static_cast<const char*>(view.data) + b * static_cast<int64_t>(item), item);
    int d = to.rank() - 1;
    for (; d >= 0; d--) {
      a += to.strides[d];
      b += view.strides[d];
      if (++index[d] < to.sizes[d]) break;
      a -= to.strides[d] * to.sizes[d];
      b -= view.strides[d] * to.sizes[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

std::string SourcePlace(Interpreter& in) {
  py::Position place;
  for (int up = 0;; up++) {
    place = in.CurrentPosition(up);
    if (place.line == 0) break;
    if (!place.file.starts_with(kPreludePrefix) && !place.file.starts_with("<lib>/")) {
      return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    }
  }
  return "";
}

}  // namespace fusepack::torch
