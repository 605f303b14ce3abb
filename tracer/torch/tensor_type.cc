// torch.Tensor and the small types beside it: what is not an operator of the table -- sizes, dtypes, devices, data
// pointers, conversion to Python numbers, and the in-place samplers.
#include <unistd.h>

#include <cmath>

#include "tracer/torch/dispatch.h"
#include "tracer/torch/indexing.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Str;
using py::Type;
using py::Value;

namespace {

TensorObject& Self(Interpreter& in, const Value& v) {
  TensorObject* t = AsTensor(v);
  if (t == nullptr) in.RaiseTypeError("expected a torch.Tensor, not " + in.TypeName(v));
  return *t;
}

int NormalizeDim(Interpreter& in, int64_t dim, int rank) {
  const int limit = std::max(rank, 1);
  if (dim < -limit || dim >= limit) {
    in.Raise(in.types().index_error, "Dimension out of range (expected to be in range of [" + std::to_string(-limit) +
                                         ", " + std::to_string(limit - 1) + "], but got " + std::to_string(dim) + ")");
  }
  return static_cast<int>(dim < 0 ? dim + limit : dim);
}

Dim Numel(TensorObject& t) {
  Dim n = 1;
  for (const Dim& d : t.sizes()) n = n * d;
  return n;
}

Value Convert(Interpreter& in, TensorObject& t, DType dtype) {
  if (t.dtype() == dtype) return Value(&t);
  if (t.traced()) return CallOp(in, "to", {Value(&t), FromDType(in, dtype)});
  Afford(in, dtype, t.sizes());
  return NewTensor(in, Unwrap(in, t.real(in).To(dtype)));
}

Value Clone(Interpreter& in, TensorObject& t) {
  if (t.traced()) {
    Trace& trace = *StateOf(in).trace;
    return NewTraced(in, trace, t.Read(in, trace));  // the same value, in an alias group of its own
  }
  Afford(in, t.real(in));
  return NewTensor(in, Unwrap(in, t.real(in).Clone()));
}

Value Alias(Interpreter& in, TensorObject& t) {
  if (t.traced()) return NewTracedView(in, t.value());
  return NewTensor(in, t.real(in));
}

// x.to(dtype | device | other, ...): the dtype asked for, if any.
Value To(Interpreter& in, TensorObject& self, const Args& args) {
  DType dtype = self.dtype();
  bool copy = false;
  const auto take = [&](const Value& v) {
    if (ToDType(in, v, &dtype)) return;
    if (TensorObject* other = AsTensor(v)) {
      dtype = other->dtype();
    } else if (v.As<DeviceObject>() || v.As<Str>()) {
      const std::string kind = v.As<Str>() ? v.As<Str>()->text() : v.As<DeviceObject>()->kind;
      if (!kind.starts_with("cpu")) RaiseRuntime(in, "device '" + kind + "' is not there: evaluation runs on the CPU");
    } else if (!v.is_none() && !v.is_bool()) {
      in.RaiseTypeError("to() received an invalid combination of arguments - got (" + in.TypeName(v) + ")");
    }
  };
  for (const Value& v : args.positional) take(v);
  for (const py::Keyword& k : args.keywords) {
    const std::string& name = k.name->text();
    if (name == "dtype" || name == "device" || name == "other") take(k.value);
    else if (name == "copy") copy = in.Truth(k.value);
    else if (name != "non_blocking" && name != "memory_format") in.RaiseTypeError("to() got an unexpected keyword argument '" + name + "'");
  }
  if (dtype == self.dtype() && copy) return Clone(in, self);
  return Convert(in, self, dtype);
}

Value Item(Interpreter& in, TensorObject& t) {
  if (t.traced()) RaiseRuntime(in, "item() of a tensor that is being traced; only sizes are numbers then");
  const Tensor& x = t.real(in);
  if (x.numel() != 1) RaiseRuntime(in, "a Tensor with " + std::to_string(x.numel()) + " elements cannot be converted to Scalar");
  if (x.dtype() == DType::kBool) return Value::Bool(x.ItemAsInt() != 0);
  return IsIntegral(x.dtype()) ? Value::Int(x.ItemAsInt()) : Value::Float(x.ItemAsDouble());
}

Value ToList(Interpreter& in, const Tensor& t, int dim, int64_t offset) {
  if (dim == t.rank()) {
    if (t.dtype() == DType::kBool) return Value::Bool(t.ItemAsInt(offset) != 0);
    return IsIntegral(t.dtype()) ? Value::Int(t.ItemAsInt(offset)) : Value::Float(t.ItemAsDouble(offset));
  }
  int64_t inner = 1;
  for (int d = dim + 1; d < t.rank(); d++) inner *= t.sizes()[d];
  std::vector<Value> items;
  in.Step(t.sizes()[dim]);
  for (int64_t i = 0; i < t.sizes()[dim]; i++) items.push_back(ToList(in, t, dim + 1, offset + i * inner));
  return Value(in.NewList(std::move(items)));
}

Generator& GeneratorOf(Interpreter& in, const Value& v) {
  if (v.is_none()) return StateOf(in).default_generator->generator;
  auto* g = v.As<GeneratorObject>();
  if (g == nullptr) in.RaiseTypeError("expected a torch.Generator, not " + in.TypeName(v));
  return g->generator;
}

// In-place samplers fill a fresh tensor of the same strides, which is then written.
template <typename Fill>
Value Sample(Interpreter& in, const Value& self, Fill fill) {
  TensorObject& t = Self(in, self);
  if (t.traced()) RaiseRuntime(in, "random numbers cannot be traced");
  Tensor like = t.real(in);
  Afford(in, like);
  Tensor fresh = Unwrap(in, Tensor::Zeros(like.dtype(), like.sizes()));
  // Dense but permuted tensors are filled in the order of their memory.
  int64_t extent = 1;
  for (int d = 0; d < like.rank(); d++) extent += (like.sizes()[d] - 1) * like.strides()[d];
  if (!like.contiguous() && extent == like.numel()) fresh = fresh.AsStrided(like.sizes(), like.strides(), 0);
  Check(in, fill(fresh));
  in.Step(1 + like.numel() / 64);
  const Value made = NewTensor(in, std::move(fresh));
  t.Write(in, *AsTensor(made));
  return self;
}

const char* LegacyName(DType dtype) {
  switch (dtype) {
    case DType::kF32: return "torch.FloatTensor";
    case DType::kF64: return "torch.DoubleTensor";
    case DType::kF16: return "torch.HalfTensor";
    case DType::kBF16: return "torch.BFloat16Tensor";
    case DType::kI64: return "torch.LongTensor";
    case DType::kI32: return "torch.IntTensor";
    case DType::kI16: return "torch.ShortTensor";
    case DType::kI8: return "torch.CharTensor";
    case DType::kU8: return "torch.ByteTensor";
    case DType::kBool: return "torch.BoolTensor";
    case DType::kC64: return "torch.ComplexFloatTensor";
    case DType::kC128: return "torch.ComplexDoubleTensor";
  }
  return "";
}

// x.new_zeros(2, 3) and kin: torch.zeros((2, 3), dtype=x.dtype).
Value NewLike(Interpreter& in, const char* factory, const Args& args, size_t leading) {
  TensorObject& self = Self(in, args.positional[0]);
  std::vector<Value> positional(args.positional.begin() + 1, args.positional.end());
  if (leading == 0 && positional.size() > 1) positional = {Value(in.NewTuple(std::move(positional)))};
  std::vector<py::Keyword> keywords;
  bool has_dtype = false;
  for (const py::Keyword& k : args.keywords) {
    has_dtype |= k.name->text() == "dtype" && !k.value.is_none();
    if (k.name->text() == "dtype" && k.value.is_none()) continue;
    keywords.push_back(k);
  }
  if (!has_dtype) keywords.push_back({in.Intern("dtype"), FromDType(in, self.dtype())});
  return in.Call(in.GetAttr(in.Import("torch"), factory), Args(positional, keywords));
}

struct Method {
  const char* name;
  const char* parameters;
  py::NativeFunction::Bound function;
};

std::vector<Method> Methods() {
  std::vector<Method> out;
  const auto add = [&](const char* name, const char* parameters, py::NativeFunction::Bound f) {
    out.push_back({name, parameters, std::move(f)});
  };
  add("size", "self, dim=None", [](Interpreter& in, BoundArgs& a) {
    TensorObject& t = Self(in, a[0]);
    if (a[1].is_none()) return NewSize(in, t.sizes());
    if (t.rank() == 0) in.Raise(in.types().index_error, "dimension specified as " + std::to_string(a.Int(1)) + " but tensor has no dimensions");
    return FromDim(in, t.size(NormalizeDim(in, a.Int(1), t.rank())));
  });
  for (const char* name : {"dim", "ndimension"}) {
    add(name, "self", [](Interpreter& in, BoundArgs& a) { return Value::Int(Self(in, a[0]).rank()); });
  }
  for (const char* name : {"numel", "nelement"}) {
    add(name, "self", [](Interpreter& in, BoundArgs& a) { return FromDim(in, Numel(Self(in, a[0]))); });
  }
  add("stride", "self, dim=None", [](Interpreter& in, BoundArgs& a) {
    const Tensor& layout = Self(in, a[0]).layout();
    if (!a[1].is_none()) return Value::Int(layout.strides()[NormalizeDim(in, a.Int(1), layout.rank())]);
    std::vector<Value> items;
    for (int64_t s : layout.strides()) items.push_back(Value::Int(s));
    return Value(in.NewTuple(std::move(items)));
  });
  add("storage_offset", "self", [](Interpreter& in, BoundArgs& a) { return Value::Int(Self(in, a[0]).layout().offset()); });
  add("is_contiguous", "self, memory_format=None", [](Interpreter& in, BoundArgs& a) {
    return Value::Bool(Self(in, a[0]).layout().contiguous());
  });
  add("is_floating_point", "self", [](Interpreter& in, BoundArgs& a) { return Value::Bool(IsFloating(Self(in, a[0]).dtype())); });
  add("is_complex", "self", [](Interpreter& in, BoundArgs& a) { return Value::Bool(Category(Self(in, a[0]).dtype()) == 3); });
  add("is_pinned", "self", [](Interpreter&, BoundArgs&) { return Value::Bool(false); });
  add("is_inference", "self", [](Interpreter&, BoundArgs&) { return Value::Bool(false); });
  add("get_device", "self", [](Interpreter&, BoundArgs&) { return Value::Int(-1); });
  add("element_size", "self", [](Interpreter& in, BoundArgs& a) {
    return Value::Int(static_cast<int64_t>(ItemSize(Self(in, a[0]).dtype())));
  });
  add("item", "self", [](Interpreter& in, BoundArgs& a) { return Item(in, Self(in, a[0])); });
  add("__bool__", "self", [](Interpreter& in, BoundArgs& a) { return Value::Bool(Self(in, a[0]).Truth(in)); });
  add("tolist", "self", [](Interpreter& in, BoundArgs& a) {
    TensorObject& t = Self(in, a[0]);
    if (t.traced()) RaiseRuntime(in, "tolist() of a tensor that is being traced; only sizes are numbers then");
    return ToList(in, t.real(in), 0, 0);
  });
  for (const char* name : {"numpy", "__array__"}) {
    add(name, "self, *args, **kwargs", [](Interpreter& in, BoundArgs&) -> Value { RaiseRuntime(in, "numpy is not available here"); });
  }
  for (const char* name : {"detach", "view_as_real", "cpu", "alias"}) {
    add(name, "self, *args, **kwargs", [](Interpreter& in, BoundArgs& a) { return Alias(in, Self(in, a[0])); });
  }
  for (const char* name : {"detach_", "share_memory_", "retain_grad", "pin_memory"}) {
    add(name, "self", [](Interpreter& in, BoundArgs& a) { return Self(in, a[0]), a[0]; });
  }
  add("requires_grad_", "self, requires_grad=True", [](Interpreter& in, BoundArgs& a) {
    Self(in, a[0]).requires_grad = a.Bool(1);
    return a[0];
  });
  add("register_hook", "self, hook", [](Interpreter&, BoundArgs&) { return Value::None(); });
  add("backward", "self, *args, **kwargs", [](Interpreter& in, BoundArgs&) -> Value { RaiseRuntime(in, "there is no autograd here: models are evaluated only"); });
  add("cuda", "self, *args, **kwargs", [](Interpreter& in, BoundArgs&) -> Value { RaiseRuntime(in, "device 'cuda' is not there: evaluation runs on the CPU"); });
  add("data_ptr", "self", [](Interpreter& in, BoundArgs& a) { return Value::Int(static_cast<int64_t>(reinterpret_cast<intptr_t>(&Self(in, a[0])))); });
  add("clone", "self, *, memory_format=None", [](Interpreter& in, BoundArgs& a) { return Clone(in, Self(in, a[0])); });
  add("__deepcopy__", "self, memo=None", [](Interpreter& in, BoundArgs& a) {
    TensorObject& t = Self(in, a[0]);
    if (t.traced()) return Clone(in, t);
    // Within one deepcopy a tensor is copied once: shared parameters stay shared.
    auto* memo = a[1].As<py::Dict>();
    const Value key = Value::Int(static_cast<int64_t>(reinterpret_cast<uintptr_t>(static_cast<py::Object*>(&t))));
    if (memo != nullptr) {
      if (Value* found = memo->table.Find(in, key)) return *found;
    }
    Afford(in, t.real(in));
    const Value copy = NewTensor(in, t.type(), Unwrap(in, t.real(in).Clone()));
    AsTensor(copy)->requires_grad = t.requires_grad;
    if (memo != nullptr) memo->table.Set(in, key, copy);
    return copy;
  });
  add("contiguous", "self, memory_format=None", [](Interpreter& in, BoundArgs& a) {
    TensorObject& t = Self(in, a[0]);
    return t.layout().contiguous() ? a[0] : Clone(in, t);
  });
  add("type", "self, dtype=None, non_blocking=False", [](Interpreter& in, BoundArgs& a) {
    TensorObject& t = Self(in, a[0]);
    if (a[1].is_none()) return Value(in.NewStr(LegacyName(t.dtype())));
    DType dtype = t.dtype();
    if (auto* s = a[1].As<Str>()) {
      for (int i = 0; i < kDTypeCount; i++) {
        if (s->text() == LegacyName(static_cast<DType>(i))) return Convert(in, t, static_cast<DType>(i));
      }
      in.RaiseValueError("invalid type: '" + s->text() + "'");
    }
    if (!ToDType(in, a[1], &dtype)) a.Wrong(1, "torch.dtype or str");
    return Convert(in, t, dtype);
  });
  add("type_as", "self, other", [](Interpreter& in, BoundArgs& a) { return Convert(in, Self(in, a[0]), Self(in, a[1]).dtype()); });
  static constexpr std::pair<const char*, DType> kCasts[] = {
      {"float", DType::kF32}, {"double", DType::kF64}, {"half", DType::kF16}, {"bfloat16", DType::kBF16},
      {"int", DType::kI32},   {"long", DType::kI64},   {"short", DType::kI16}, {"bool", DType::kBool},
      {"byte", DType::kU8},   {"char", DType::kI8}};
  for (const auto& [name, dtype] : kCasts) {
    add(name, "self, memory_format=None", [dtype = dtype](Interpreter& in, BoundArgs& a) { return Convert(in, Self(in, a[0]), dtype); });
  }
  add("view_as", "self, other", [](Interpreter& in, BoundArgs& a) {
    return in.CallMethod(a[0], "view", {NewSize(in, Self(in, a[1]).sizes())});
  });
  add("reshape_as", "self, other", [](Interpreter& in, BoundArgs& a) {
    return in.CallMethod(a[0], "reshape", {NewSize(in, Self(in, a[1]).sizes())});
  });
  add("expand_as", "self, other", [](Interpreter& in, BoundArgs& a) {
    return in.CallMethod(a[0], "expand", {NewSize(in, Self(in, a[1]).sizes())});
  });
  add("copy_", "self, src, non_blocking=False", [](Interpreter& in, BoundArgs& a) {
    const Value source = AsTensor(a[1]) ? a[1] : NewTensor(in, ScalarTensor(in, a[1]));
    Self(in, a[0]).Write(in, *AsTensor(source));
    return a[0];
  });
  add("fill_", "self, value", [](Interpreter& in, BoundArgs& a) {
    const Value source = AsTensor(a[1]) ? a[1] : NewTensor(in, ScalarTensor(in, a[1]));
    Self(in, a[0]).Write(in, *AsTensor(source));
    return a[0];
  });
  add("zero_", "self", [](Interpreter& in, BoundArgs& a) {
    const Value zero = NewTensor(in, Tensor::Scalar(Self(in, a[0]).dtype(), 0));
    Self(in, a[0]).Write(in, *AsTensor(zero));
    return a[0];
  });
  add("normal_", "self, mean=0.0, std=1.0, *, generator=None", [](Interpreter& in, BoundArgs& a) {
    const double mean = a.Float(1), std = a.Float(2);
    if (std < 0) RaiseRuntime(in, "normal expects std >= 0.0, but found std " + in.Repr(a[2]));
    return Sample(in, a[0], [&](Tensor& t) { return FillNormal(GeneratorOf(in, a[3]), t.mutable_view(), mean, std); });
  });
  add("uniform_", "self, from=0.0, to=1.0, *, generator=None", [](Interpreter& in, BoundArgs& a) {
    const double low = a.Float(1), high = a.Float(2);
    return Sample(in, a[0], [&](Tensor& t) { return FillUniform(GeneratorOf(in, a[3]), t.mutable_view(), low, high); });
  });
  add("bernoulli_", "self, p=0.5, *, generator=None", [](Interpreter& in, BoundArgs& a) {
    const double p = a.Float(1);
    return Sample(in, a[0], [&](Tensor& t) { return FillBernoulli(GeneratorOf(in, a[2]), t.mutable_view(), p); });
  });
  add("random_", "self, from=0, to=None, *, generator=None", [](Interpreter& in, BoundArgs& a) {
    int64_t low = a.Int(1), high = a[2].is_none() ? low : a.Int(2);
    if (a[2].is_none()) low = 0;
    return Sample(in, a[0], [&](Tensor& t) { return FillRandomIntegers(GeneratorOf(in, a[3]), t.mutable_view(), low, high); });
  });
  add("_trunc_normal_", "self, mean, std, a, b, generator=None", [](Interpreter& in, BoundArgs& a) {
    const double mean = a.Float(1), std = a.Float(2), low = a.Float(3), high = a.Float(4);
    return Sample(in, a[0], [&](Tensor& t) {
      return FillTruncatedNormal(GeneratorOf(in, a[5]), t.mutable_view(), mean, std, low, high);
    });
  });
  return out;
}

std::vector<py::NativeProperty> Properties() {
  std::vector<py::NativeProperty> out;
  const auto get = [&](const char* name, std::function<Value(Interpreter&, TensorObject&)> f) {
    out.push_back({name, [f](Interpreter& in, const Value& v) { return f(in, Self(in, v)); }, {}});
  };
  get("shape", [](Interpreter& in, TensorObject& t) { return NewSize(in, t.sizes()); });
  get("ndim", [](Interpreter&, TensorObject& t) { return Value::Int(t.rank()); });
  get("dtype", [](Interpreter& in, TensorObject& t) { return FromDType(in, t.dtype()); });
  get("device", [](Interpreter& in, TensorObject&) { return Value(StateOf(in).cpu); });
  get("layout", [](Interpreter& in, TensorObject&) { return in.GetAttr(in.Import("torch"), "strided"); });
  get("itemsize", [](Interpreter&, TensorObject& t) { return Value::Int(static_cast<int64_t>(ItemSize(t.dtype()))); });
  get("nbytes", [](Interpreter& in, TensorObject& t) {
    return FromDim(in, Numel(t) * Dim(static_cast<int64_t>(ItemSize(t.dtype()))));
  });
  for (const char* name : {"is_cuda", "is_meta", "is_sparse", "is_quantized", "is_nested", "is_mkldnn", "is_mps", "is_xpu"}) {
    get(name, [](Interpreter&, TensorObject&) { return Value::Bool(false); });
  }
  get("is_leaf", [](Interpreter&, TensorObject&) { return Value::Bool(true); });
  get("grad_fn", [](Interpreter&, TensorObject&) { return Value::None(); });
  get("T", [](Interpreter& in, TensorObject& t) {
    std::vector<Value> dims;
    for (int d = t.rank() - 1; d >= 0; d--) dims.push_back(Value::Int(d));
    return CallOp(in, "permute", {Value(&t), Value(in.NewTuple(std::move(dims)))});
  });
  get("mT", [](Interpreter& in, TensorObject& t) { return CallTorch(in, "Tensor.transpose", {Value(&t), Value::Int(-2), Value::Int(-1)}); });
  get("real", [](Interpreter&, TensorObject& t) { return Value(&t); });
  out.push_back({"grad", [](Interpreter&, const Value&) { return Value::None(); }, [](Interpreter&, const Value&, const Value&) {}});
  out.push_back({"data", [](Interpreter& in, const Value& v) { return Alias(in, Self(in, v)); },
                 [](Interpreter& in, const Value& v, const Value& x) { Self(in, v).Become(in, Self(in, x)); }});
  out.push_back({"requires_grad", [](Interpreter& in, const Value& v) { return Value::Bool(Self(in, v).requires_grad); },
                 [](Interpreter& in, const Value& v, const Value& x) { Self(in, v).requires_grad = in.Truth(x); }});
  return out;
}

// A name of the class, seen by instances, that keeps its arguments as they came.
void AddRaw(Interpreter& in, Type* type, const char* name, py::NativeFunction::Raw raw) {
  const std::string method = name;
  auto self = std::make_shared<py::Object*>(nullptr);
  Value function = in.NewRawFunction(name, [raw, method, self](Interpreter& in, const Args& args) {
    if (TorchFunctionObject* hook = FindTorchFunction(args)) return hook->TorchFunction(in, Value(*self), method, args);
    if (args.positional.empty()) in.RaiseTypeError(method + "() needs a tensor");
    return raw(in, args);
  });
  *self = function.object();
  function.As<py::NativeFunction>()->is_method = true;
  type->EnsureDict()->Set(in.Intern(name), function);
}

Args Rest(const Args& args) { return Args(args.positional.subspan(1), args.keywords); }

void DefineTensor(Interpreter& in, TorchState& state) {
  py::NativeType tensor;
  tensor.name = "Tensor";
  tensor.module = "torch";
  tensor.dunders =
      "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __matmul__ __rmatmul__ __truediv__ __rtruediv__ __floordiv__ "
      "__rfloordiv__ __mod__ __rmod__ __pow__ __rpow__ __lshift__ __rshift__ __and__ __rand__ __or__ __ror__ __xor__ "
      "__rxor__ __iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__ __iand__ __ior__ __ixor__ "
      "__neg__ __pos__ __invert__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __getitem__ __setitem__ __len__ __iter__ "
      "__contains__ __hash__ __repr__ __bool__ __int__ __index__ __float__";
  tensor.instances_have_dict = true;
  tensor.construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
    // torch.Tensor(data) or torch.Tensor(2, 3): the default dtype.
    const DType dtype = StateOf(in).default_dtype;
    if (args.size() == 0) return NewTensor(in, cls, Unwrap(in, Tensor::Zeros(dtype, {0})));
    if (args.size() == 1 && AsTensor(args.positional[0])) return Alias(in, *AsTensor(args.positional[0]));
    if (args.size() == 1 && (args.positional[0].As<py::List>() || (args.positional[0].As<py::Tuple>() && args.positional[0].object()->type() != StateOf(in).size))) {
      const py::Keyword as[] = {{in.Intern("dtype"), FromDType(in, dtype)}};
      return in.Call(in.GetAttr(in.Import("torch"), "tensor"), Args(args.positional, as));
    }
    return in.Call(in.GetAttr(in.Import("torch"), "empty"), args);
  };
  tensor.properties = Properties();
  tensor.static_methods.push_back({"_make_subclass", "cls, data, requires_grad=False", [](Interpreter& in, BoundArgs& a) {
    auto* cls = a[0].As<Type>();
    if (cls == nullptr || !cls->IsSubclassOf(StateOf(in).tensor)) a.Wrong(0, "a subclass of torch.Tensor");
    TensorObject& data = Self(in, a[1]);
    const Value made = data.traced() ? Value(in.New<TensorObject>(cls, data.value())) : NewTensor(in, cls, data.real(in));
    AsTensor(made)->requires_grad = a.Bool(2);
    return made;
  }});
  state.tensor = in.DefineType(tensor);
}

// After the state is complete: methods need overloads, which live in it.
void FillTensor(Interpreter& in, TorchState& state) {
  py::Dict* members = state.tensor->EnsureDict();
  for (const OpDef* op : AllOps()) {
    for (std::string_view name : op->torch) {
      if (!name.starts_with("Tensor.")) continue;
      if (members->Get(in.Intern(name.substr(7)))) continue;  // a property of ours: data, T
      members->Set(in.Intern(name.substr(7)), FunctionFor(in, *FindOverloads(in, name)));
      const std::string in_place = std::string(name) + "_";
      if (!name.ends_with("__") && fusepack::FindOverloads(in_place).empty()) {
        if (Overloads* overloads = FindOverloads(in, in_place)) members->Set(in.Intern(in_place.substr(7)), FunctionFor(in, *overloads));
      }
    }
  }
  for (const Method& m : Methods()) {
    members->Set(in.Intern(m.name), NewTorchFunction(in, m.name, "", m.parameters, m.function, true));
  }
  if (Overloads* abs = FindOverloads(in, "Tensor.abs")) members->Set(in.Intern("__abs__"), FunctionFor(in, *abs));
  AddRaw(in, state.tensor, "to", [](Interpreter& in, const Args& args) { return To(in, Self(in, args.positional[0]), Rest(args)); });
  AddRaw(in, state.tensor, "view", [](Interpreter& in, const Args& args) {
    DType dtype;
    if (args.positional.size() == 2 && args.positional[1].As<DTypeObject>() && ToDType(in, args.positional[1], &dtype)) {
      TensorObject& t = Self(in, args.positional[0]);
      if (dtype == t.dtype()) return Alias(in, t);
      RaiseRuntime(in, "view(dtype) is not supported");
    }
    return CallTorch(in, "Tensor.reshape", args);
  });
  static constexpr std::pair<const char*, size_t> kFactories[] = {
      {"zeros", 0}, {"ones", 0}, {"empty", 0}, {"full", 1}, {"tensor", 1}};
  for (const auto& [factory, leading] : kFactories) {
    AddRaw(in, state.tensor, in.Intern("new_" + std::string(factory))->text().c_str(),
           [factory = factory, leading = leading](Interpreter& in, const Args& args) { return NewLike(in, factory, args, leading); });
  }
}

}  // namespace

TorchState::TorchState(Interpreter& in)
    : max_tensor_bytes(std::min<int64_t>(kMaxTensorBytes, int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE) / 2)) {
  const auto define = [&](const char* name, const char* module, Type* base, const char* dunders) {
    py::NativeType definition;
    definition.name = name;
    definition.module = module;
    definition.base = base;
    definition.dunders = dunders;
    return definition;
  };
  py::NativeType size_type = define("Size", "torch", in.types().tuple, "__repr__");
  size_type.construct = [](Interpreter& in, Type*, const Args& args) {
    std::vector<Value> items;
    if (!args.positional.empty()) items = in.ToVector(args.positional[0]);
    return Value(in.New<SizeObject>(StateOf(in).size, in.heap(), std::move(items)));
  };
  size_type.methods.push_back({"numel", "self", [](Interpreter& in, BoundArgs& a) {
    Value n = Value::Int(1);
    for (const Value& v : a[0].As<py::Tuple>()->items()) n = in.Binary(py::BinOp::kMul, n, v);
    return n;
  }});
  size = in.DefineType(size_type);
  symint = in.DefineType(define("SymInt", "torch", in.types().integer, "__repr__ __hash__ __eq__ __bool__ __index__ __int__ __float__"));

  py::NativeType dtype_type = define("dtype", "torch", nullptr, "__repr__");
  dtype_type.properties.push_back({"is_floating_point", [](Interpreter&, const Value& v) { return Value::Bool(IsFloating(v.As<DTypeObject>()->dtype)); }, {}});
  dtype_type.properties.push_back({"is_complex", [](Interpreter&, const Value& v) { return Value::Bool(Category(v.As<DTypeObject>()->dtype) == 3); }, {}});
  dtype_type.properties.push_back({"is_signed", [](Interpreter&, const Value& v) {
    const DType d = v.As<DTypeObject>()->dtype;
    return Value::Bool(d != DType::kBool && d != DType::kU8);
  }, {}});
  dtype_type.properties.push_back({"itemsize", [](Interpreter&, const Value& v) { return Value::Int(static_cast<int64_t>(ItemSize(v.As<DTypeObject>()->dtype))); }, {}});
  dtype = in.DefineType(dtype_type);
  for (int i = 0; i < kDTypeCount; i++) dtypes[i] = in.New<DTypeObject>(dtype, static_cast<DType>(i));

  py::NativeType device_type = define("device", "torch", nullptr, "__repr__ __str__ __eq__ __hash__");
  device_type.construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
    if (args.positional.empty() && args.keywords.empty()) in.RaiseTypeError("device() needs a type");
    const Value& v = args.positional.empty() ? args.keywords[0].value : args.positional[0];
    if (v.As<DeviceObject>()) return v;
    if (v.is_int()) return Value(in.New<DeviceObject>(cls, "cuda", v.integer()));
    auto* s = v.As<Str>();
    if (s == nullptr) in.RaiseTypeError("device(): argument 'type' must be str, not " + in.TypeName(v));
    std::string kind = s->text();
    std::optional<int64_t> index;
    if (const size_t colon = kind.find(':'); colon != std::string::npos) {
      int64_t number = 0;
      for (char c : kind.substr(colon + 1)) {
        if (c < '0' || c > '9' || number > 1000) RaiseRuntime(in, "Invalid device string: '" + s->text() + "'");
        number = number * 10 + (c - '0');
      }
      index = number;
      kind = kind.substr(0, colon);
    }
    static constexpr std::string_view kKinds[] = {"cpu", "cuda", "mps", "meta", "xpu", "xla", "hpu", "mkldnn"};
    if (std::find(std::begin(kKinds), std::end(kKinds), kind) == std::end(kKinds)) {
      RaiseRuntime(in, "Expected one of cpu, cuda, mps, meta, xpu, xla, hpu device type at start of device string: " + kind);
    }
    if (args.positional.size() > 1) index = in.Index(args.positional[1]);
    return Value(in.New<DeviceObject>(cls, kind, index));
  };
  device_type.properties.push_back({"type", [](Interpreter& in, const Value& v) { return Value(in.NewStr(v.As<DeviceObject>()->kind)); }, {}});
  device_type.properties.push_back({"index", [](Interpreter&, const Value& v) {
    const auto& index = v.As<DeviceObject>()->index;
    return index ? Value::Int(*index) : Value::None();
  }, {}});
  device = in.DefineType(device_type);
  cpu = in.New<DeviceObject>(device, "cpu", std::nullopt);

  py::NativeType generator_type = define("Generator", "torch", nullptr, "");
  generator_type.construct = [](Interpreter& in, Type* cls, const Args&) { return Value(in.New<GeneratorObject>(cls)); };
  generator_type.methods.push_back({"manual_seed", "self, seed", [](Interpreter& in, BoundArgs& a) {
    a[0].As<GeneratorObject>()->generator.Seed(static_cast<uint64_t>(in.Index(a[1])));
    return a[0];
  }});
  generator_type.methods.push_back({"initial_seed", "self", [](Interpreter&, BoundArgs& a) {
    return Value::Int(static_cast<int64_t>(a[0].As<GeneratorObject>()->generator.initial_seed()));
  }});
  generator = in.DefineType(generator_type);
  default_generator = in.New<GeneratorObject>(generator);

  memory_format = in.DefineType(define("memory_format", "torch", nullptr, "__repr__"));
  layout = in.DefineType(define("layout", "torch", nullptr, "__repr__"));
  DefineTensor(in, *this);
}

void FillTensorType(Interpreter& in) { FillTensor(in, StateOf(in)); }

}  // namespace fusepack::torch
