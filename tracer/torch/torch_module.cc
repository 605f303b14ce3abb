// Native torch modules: every name of the operator table, and the functions below that make tensors, draw random
// numbers or ask about the evaluator.
#include "tracer/torch/torch_module.h"

#include <cmath>
#include <limits>
#include <set>

#include "tracer/torch/dispatch.h"
#include "tracer/torch/module_object.h"
#include "tracer/torch/overrides.h"
#include "tracer/torch/prelude.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Module;
using py::Value;

namespace {

constexpr int kMaxListDepth = 16;
constexpr int64_t kMaxListElements = int64_t{1} << 26;

// --- torch.tensor(nested lists)

struct Leaves {
  std::vector<Value> values;
  std::vector<int64_t> sizes;
};

void Flatten(Interpreter& in, const Value& v, int depth, Leaves* out) {
  const std::vector<Value>* items = nullptr;
  if (auto* list = v.As<py::List>()) items = &list->items();
  if (auto* tuple = v.As<py::Tuple>()) items = &tuple->items();
  if (items == nullptr && v.As<py::Range>()) {
    return Flatten(in, Value(in.NewList(in.ToVector(v))), depth, out);
  }
  if (items == nullptr) {
    if (depth != static_cast<int>(out->sizes.size())) in.RaiseValueError("expected sequence of length " + std::to_string(out->sizes[depth]) + " at dim " + std::to_string(depth));
    if (static_cast<int64_t>(out->values.size()) >= kMaxListElements) in.OverLimit("a tensor from a list of more than 2^26 numbers", "fewer");
    out->values.push_back(v);
    return;
  }
  if (depth >= kMaxListDepth) in.RaiseValueError("too many dimensions");
  if (depth == static_cast<int>(out->sizes.size())) {
    if (!out->values.empty()) in.RaiseTypeError("not a sequence");
    out->sizes.push_back(static_cast<int64_t>(items->size()));
  } else if (out->sizes[depth] != static_cast<int64_t>(items->size())) {
    in.RaiseValueError("expected sequence of length " + std::to_string(out->sizes[depth]) + " at dim " + std::to_string(depth) +
                       " (got " + std::to_string(items->size()) + ")");
  }
  in.Step(static_cast<int64_t>(items->size()));
  for (const Value& item : *items) Flatten(in, item, depth + 1, out);
}

Value TensorFrom(Interpreter& in, const Value& data, const Value& dtype_value, bool copy) {
  DType dtype = DType::kF32;
  const bool has_dtype = !dtype_value.is_none();
  if (has_dtype && !ToDType(in, dtype_value, &dtype)) in.RaiseTypeError("tensor(): argument 'dtype' must be torch.dtype");
  if (AsTensor(data) != nullptr) {
    Value made = has_dtype ? CallTorch(in, "Tensor.to", {data, FromDType(in, dtype)}) : data;
    return copy ? in.CallMethod(made, "clone") : made;
  }
  Leaves leaves;
  Flatten(in, data, 0, &leaves);
  bool traced = false;
  DType inferred = leaves.values.empty() ? StateOf(in).default_dtype : DType::kBool;
  for (const Value& v : leaves.values) {
    DType one = DType::kI64;
    if (TensorObject* t = AsTensor(v)) {
      traced |= t->traced();
      one = t->dtype();
    } else if (v.is_bool()) {
      one = DType::kBool;
    } else if (v.is_float() || v.As<py::FloatBox>()) {
      one = StateOf(in).default_dtype;
    } else {
      Dim dim;
      if (!ToDim(in, v, &dim)) in.RaiseTypeError("new(): invalid data type '" + in.TypeName(v) + "'");
      traced |= !dim.is_constant();
    }
    inferred = PromoteTypes(inferred, one);
  }
  if (!has_dtype) dtype = inferred;
  if (traced) {
    std::vector<Value> parts;
    for (const Value& v : leaves.values) {
      Value part = v;
      if (v.As<SymIntObject>()) part = CallOp(in, "dim_to_tensor", {v});
      else if (AsTensor(v) == nullptr) part = NewTensor(in, ScalarTensor(in, v));
      parts.push_back(CallTorch(in, "Tensor.to", {part, FromDType(in, dtype)}));
    }
    if (leaves.sizes.empty()) return parts[0];
    Value flat = CallTorch(in, "torch.stack", {Value(in.NewList(std::move(parts)))});
    std::vector<Value> sizes;
    for (int64_t s : leaves.sizes) sizes.push_back(Value::Int(s));
    if (sizes.size() > 1) flat = CallTorch(in, "Tensor.reshape", {flat, Value(in.NewTuple(std::move(sizes)))});
    return flat;
  }
  const bool whole = IsIntegral(dtype);
  const Dims flat_size{static_cast<int64_t>(leaves.values.size())};
  Tensor flat = Unwrap(in, Tensor::Zeros(whole ? DType::kI64 : DType::kF64, flat_size));
  for (size_t i = 0; i < leaves.values.size(); i++) {
    if (whole) {
      Dim dim;
      int64_t x;
      if (dtype == DType::kBool) x = in.Truth(leaves.values[i]);
      else if (leaves.values[i].is_float()) x = static_cast<int64_t>(leaves.values[i].number());
      else x = in.Index(leaves.values[i]);
      flat.mutable_view().as<int64_t>()[i] = x;
    } else {
      flat.mutable_view().as<double>()[i] = in.Float(leaves.values[i]);
    }
  }
  Tensor out = Unwrap(in, flat.To(dtype));
  const Dims sizes(leaves.sizes);
  return NewTensor(in, out.AsStrided(sizes, ContiguousStrides(sizes), 0));
}

// --- Making tensors of a size with random or constant elements

// The arguments of torch.rand(2, 3), torch.rand((2, 3)).
Dims SizeArgument(Interpreter& in, const std::vector<Value>& given) {
  std::vector<Value> items = given;
  if (given.size() == 1 && !given[0].is_int()) {
    if (auto* list = given[0].As<py::List>()) items = list->items();
    else if (auto* tuple = given[0].As<py::Tuple>()) items = tuple->items();
  }
  if (static_cast<int>(items.size()) > kMaxRank) in.RaiseValueError("too many dimensions");
  Dims sizes;
  for (const Value& v : items) {
    sizes.push_back(in.Index(v));
    if (sizes.back() < 0) RaiseRuntime(in, "Trying to create tensor with negative dimension " + std::to_string(sizes.back()));
  }
  Afford(in, DType::kI64, ToDimVector(sizes));
  return sizes;
}

DType DTypeOr(Interpreter& in, const Value& v, DType otherwise) {
  DType dtype = otherwise;
  if (!v.is_none() && !ToDType(in, v, &dtype)) in.RaiseTypeError("argument 'dtype' must be torch.dtype, not " + in.TypeName(v));
  return dtype;
}

Generator& GeneratorArgument(Interpreter& in, const Value& v) {
  if (v.is_none()) return StateOf(in).default_generator->generator;
  auto* g = v.As<GeneratorObject>();
  if (g == nullptr) in.RaiseTypeError("argument 'generator' must be torch.Generator, not " + in.TypeName(v));
  return g->generator;
}

void RefuseTraced(Interpreter& in, const Value& like) {
  TensorObject* t = AsTensor(like);
  if (t != nullptr && t->traced()) RaiseRuntime(in, "random numbers cannot be traced");
}

constexpr const char* kSizedParameters =
    "*size, generator=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, "
    "memory_format=None, names=None, out=None";
constexpr const char* kLikeParameters =
    "input, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, memory_format=None";

template <typename Fill>
py::NativeFunction::Bound Sized(Fill fill) {
  return [fill](Interpreter& in, BoundArgs& a) {
    Tensor out = Unwrap(in, Tensor::Zeros(DTypeOr(in, a[2], StateOf(in).default_dtype), SizeArgument(in, a.Values(0))));
    Check(in, fill(GeneratorArgument(in, a[1]), out));
    in.Step(1 + out.numel() / 64);
    const Value made = NewTensor(in, std::move(out));
    AsTensor(made)->requires_grad = a.Bool(5);
    return made;
  };
}

template <typename Fill>
py::NativeFunction::Bound Like(Fill fill) {
  return [fill](Interpreter& in, BoundArgs& a) {
    TensorObject* like = AsTensor(a[0]);
    if (like == nullptr) a.Wrong(0, "Tensor");
    RefuseTraced(in, a[0]);
    Afford(in, like->real(in));
    Tensor out = Unwrap(in, Tensor::Zeros(DTypeOr(in, a[1], like->dtype()), like->real(in).sizes()));
    Check(in, fill(StateOf(in).default_generator->generator, out));
    return NewTensor(in, std::move(out));
  };
}

Status Uniform(Generator& g, Tensor& t) { return FillUniform(g, t.mutable_view(), 0, 1); }
Status Normal(Generator& g, Tensor& t) { return FillNormal(g, t.mutable_view(), 0, 1); }
Status Nothing(Generator&, Tensor&) { return OkStatus(); }

bool Close(Interpreter& in, const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  in.Step(a.numel() / 8);
  for (int64_t i = 0; i < a.numel(); i++) {
    const double x = a.ItemAsDouble(i), y = b.ItemAsDouble(i);
    if (x == y) continue;
    if (std::isnan(x) && std::isnan(y) && equal_nan) continue;
    if (!(std::abs(x - y) <= atol + rtol * std::abs(y)) || std::isinf(y)) return false;
  }
  return true;
}

class Definer {
 public:
  Definer(Interpreter& in, Module& module) : in_(in), module_(module) {}
  void Set(std::string_view name, Value value) { module_.globals()->Set(in_.Intern(name), std::move(value)); }
  void Function(const char* name, const char* parameters, py::NativeFunction::Bound function) {
    Set(name, NewTorchFunction(in_, name, module_.name(), parameters, std::move(function)));
  }
  bool Has(std::string_view name) { return static_cast<bool>(module_.globals()->Get(in_.Intern(name))); }

 private:
  Interpreter& in_;
  Module& module_;
};

// Names of the operator table that belong to this module.
void BindTable(Interpreter& in, Module& module) {
  Definer define(in, module);
  const std::string prefix = module.name() + ".";
  for (const OpDef* op : AllOps()) {
    for (std::string_view name : op->torch) {
      if (!name.starts_with(prefix) || name.find('.', prefix.size()) != std::string_view::npos) continue;
      define.Set(name.substr(prefix.size()), FunctionFor(in, *FindOverloads(in, name)));
      const std::string in_place = std::string(name) + "_";
      if (Overloads* overloads = FindOverloads(in, in_place)) {
        define.Set(std::string_view(in_place).substr(prefix.size()), FunctionFor(in, *overloads));
      }
    }
  }
}

void BuildTorch(Interpreter& in, Module& module) {
  TorchState& state = StateOf(in);
  Definer define(in, module);
  define.Set("Tensor", Value(state.tensor));
  define.Set("Size", Value(state.size));
  define.Set("SymInt", Value(state.symint));
  define.Set("dtype", Value(state.dtype));
  define.Set("device", Value(state.device));
  define.Set("Generator", Value(state.generator));
  define.Set("memory_format", Value(state.memory_format));
  define.Set("layout", Value(state.layout));
  define.Set("default_generator", Value(state.default_generator));
  for (int i = 0; i < kDTypeCount; i++) define.Set(TorchName(static_cast<DType>(i)), Value(state.dtypes[i]));
  static constexpr std::pair<const char*, DType> kAliases[] = {
      {"float", DType::kF32}, {"double", DType::kF64}, {"half", DType::kF16}, {"long", DType::kI64},
      {"int", DType::kI32}, {"short", DType::kI16}, {"cfloat", DType::kC64}, {"cdouble", DType::kC128}};
  for (const auto& [name, dtype] : kAliases) define.Set(name, FromDType(in, dtype));
  for (const char* name : {"contiguous_format", "preserve_format", "channels_last", "channels_last_3d"}) {
    define.Set(name, Value(in.New<NamedConstant>(state.memory_format, "torch." + std::string(name))));
  }
  for (const char* name : {"strided", "sparse_coo", "sparse_csr", "jagged"}) {
    define.Set(name, Value(in.New<NamedConstant>(state.layout, "torch." + std::string(name))));
  }
  define.Set("pi", Value::Float(3.141592653589793));
  define.Set("e", Value::Float(2.718281828459045));
  define.Set("inf", Value::Float(std::numeric_limits<double>::infinity()));
  define.Set("nan", Value::Float(std::numeric_limits<double>::quiet_NaN()));
  define.Set("newaxis", Value::None());
  define.Set("__version__", Value(in.NewStr("2.15.0+fusepack")));

  BindTable(in, module);

  define.Function("tensor", "data, *, dtype=None, device=None, requires_grad=False, pin_memory=False", [](Interpreter& in, BoundArgs& a) {
    const Value made = TensorFrom(in, a[0], a[1], true);
    AsTensor(made)->requires_grad = a.Bool(3);
    return made;
  });
  for (const char* name : {"as_tensor", "asarray"}) {
    define.Function(name, "data, dtype=None, device=None", [](Interpreter& in, BoundArgs& a) { return TensorFrom(in, a[0], a[1], false); });
  }
  define.Function("scalar_tensor", "s, *, dtype=None, layout=None, device=None, pin_memory=False", [](Interpreter& in, BoundArgs& a) {
    return TensorFrom(in, a[0], a[1].is_none() ? FromDType(in, StateOf(in).default_dtype) : a[1], false);
  });
  define.Function("from_numpy", "ndarray", [](Interpreter& in, BoundArgs&) -> Value { RaiseRuntime(in, "numpy is not available here"); });
  define.Function("rand", kSizedParameters, Sized(Uniform));
  define.Function("randn", kSizedParameters, Sized(Normal));
  define.Function("rand_like", kLikeParameters, Like(Uniform));
  define.Function("randn_like", kLikeParameters, Like(Normal));
  if (!define.Has("empty")) define.Function("empty", kSizedParameters, Sized(Nothing));
  if (!define.Has("empty_like")) define.Function("empty_like", kLikeParameters, Like(Nothing));
  define.Set("randint", in.NewRawFunction("randint", [](Interpreter& in, const Args& args) {
    // randint(high, size) or randint(low, high, size).
    static const auto two = py::Signature::Parse("randint", "high, size, *, low=0, generator=None, dtype=None, layout=None, device=None, requires_grad=False");
    static const auto three = py::Signature::Parse("randint", "low, high, size, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False");
    bool has_low = args.size() > 2;
    for (const py::Keyword& k : args.keywords) has_low |= k.name->text() == "low" || (k.name->text() == "size" && args.size() == 2);
    BoundArgs a(in, has_low ? *three : *two, args);
    const int64_t low = has_low ? a.Int(0) : 0, high = has_low ? a.Int(1) : a.Int(0);
    const Value size = has_low ? a[2] : a[1];
    Tensor out = Unwrap(in, Tensor::Zeros(DTypeOr(in, has_low ? a[4] : a[4], DType::kI64), SizeArgument(in, {size})));
    Check(in, FillRandomIntegers(GeneratorArgument(in, a[3]), out.mutable_view(), low, high));
    return NewTensor(in, std::move(out));
  }, "torch"));
  define.Function("randperm", "n, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False",
                  [](Interpreter& in, BoundArgs& a) {
    const int64_t n = a.Int(0);
    if (n < 0) RaiseRuntime(in, "n must be non-negative");
    SizeArgument(in, {Value::Int(n)});
    in.Step(n);
    const std::vector<int64_t> p = RandomPermutation(GeneratorArgument(in, a[1]), n);
    Tensor out = Tensor::FromValues<int64_t>({n}, p);
    return NewTensor(in, Unwrap(in, out.To(DTypeOr(in, a[2], DType::kI64))));
  });
  define.Function("bernoulli", "input, p=None, *, generator=None", [](Interpreter& in, BoundArgs& a) {
    RefuseTraced(in, a[0]);
    TensorObject* p = AsTensor(a[0]);
    if (p == nullptr) a.Wrong(0, "Tensor");
    Afford(in, p->real(in));
    Tensor out = Unwrap(in, Tensor::Zeros(p->dtype(), p->real(in).sizes()));
    if (!a[1].is_none()) Check(in, FillBernoulli(GeneratorArgument(in, a[2]), out.mutable_view(), a.Float(1)));
    else Check(in, FillBernoulli(GeneratorArgument(in, a[2]), out.mutable_view(), Unwrap(in, p->real(in).Contiguous()).view()));
    return NewTensor(in, std::move(out));
  });
  define.Function("normal", "mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, out=None", [](Interpreter& in, BoundArgs& a) {
    if (AsTensor(a[0]) || AsTensor(a[1])) {
      RefuseTraced(in, a[0]);
      RefuseTraced(in, a[1]);
      const Value sizes = AsTensor(a[0]) ? a[0] : a[1];
      Tensor z = Unwrap(in, Tensor::Zeros(AsTensor(sizes)->dtype(), AsTensor(sizes)->real(in).sizes()));
      Check(in, FillNormal(GeneratorArgument(in, a[3]), z.mutable_view(), 0, 1));
      return in.Binary(py::BinOp::kAdd, in.Binary(py::BinOp::kMul, NewTensor(in, std::move(z)), a[1]), a[0]);
    }
    Tensor out = Unwrap(in, Tensor::Zeros(DTypeOr(in, a[4], StateOf(in).default_dtype), SizeArgument(in, {a[2]})));
    Check(in, FillNormal(GeneratorArgument(in, a[3]), out.mutable_view(), a.Float(0), a.Float(1)));
    return NewTensor(in, std::move(out));
  });
  define.Function("manual_seed", "seed", [](Interpreter& in, BoundArgs& a) {
    StateOf(in).default_generator->generator.Seed(static_cast<uint64_t>(in.Index(a[0])));
    return Value(StateOf(in).default_generator);
  });
  define.Function("seed", "", [](Interpreter& in, BoundArgs&) {
    // No entropy: what is evaluated gives the same result each time.
    StateOf(in).default_generator->generator.Seed(Generator::kDefaultSeed);
    return Value::Int(static_cast<int64_t>(Generator::kDefaultSeed));
  });
  define.Function("initial_seed", "", [](Interpreter& in, BoundArgs&) {
    return Value::Int(static_cast<int64_t>(StateOf(in).default_generator->generator.initial_seed()));
  });
  define.Function("get_default_dtype", "", [](Interpreter& in, BoundArgs&) { return FromDType(in, StateOf(in).default_dtype); });
  define.Function("set_default_dtype", "d", [](Interpreter& in, BoundArgs& a) {
    DType dtype;
    if (!ToDType(in, a[0], &dtype) || !IsFloating(dtype)) in.RaiseTypeError("only floating-point types are supported as the default type");
    StateOf(in).default_dtype = dtype;
    return Value::None();
  });
  define.Function("is_grad_enabled", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(StateOf(in).grad_enabled); });
  define.Function("is_inference_mode_enabled", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(StateOf(in).inference_mode); });
  define.Function("is_floating_point", "input", [](Interpreter& in, BoundArgs& a) {
    if (AsTensor(a[0]) == nullptr) a.Wrong(0, "Tensor");
    return in.CallMethod(a[0], "is_floating_point");
  });
  define.Function("is_complex", "input", [](Interpreter& in, BoundArgs& a) { return in.CallMethod(a[0], "is_complex"); });
  define.Function("numel", "input", [](Interpreter& in, BoundArgs& a) { return in.CallMethod(a[0], "numel"); });
  define.Function("clone", "input, *, memory_format=None", [](Interpreter& in, BoundArgs& a) { return in.CallMethod(a[0], "clone"); });
  define.Function("detach", "input", [](Interpreter& in, BoundArgs& a) { return in.CallMethod(a[0], "detach"); });
  define.Function("promote_types", "type1, type2", [](Interpreter& in, BoundArgs& a) {
    return FromDType(in, PromoteTypes(DTypeOr(in, a[0], DType::kF32), DTypeOr(in, a[1], DType::kF32)));
  });
  define.Function("equal", "input, other", [](Interpreter& in, BoundArgs& a) {
    TensorObject *x = AsTensor(a[0]), *y = AsTensor(a[1]);
    if (x == nullptr || y == nullptr) in.RaiseTypeError("equal(): arguments must be Tensors");
    if (x->traced() || y->traced()) RaiseRuntime(in, "equal() of tensors that are being traced");
    return Value::Bool(x->real(in).sizes() == y->real(in).sizes() && Close(in, x->real(in), y->real(in), 0, 0, false));
  });
  define.Function("allclose", "input, other, rtol=1e-05, atol=1e-08, equal_nan=False", [](Interpreter& in, BoundArgs& a) {
    TensorObject *x = AsTensor(a[0]), *y = AsTensor(a[1]);
    if (x == nullptr || y == nullptr) in.RaiseTypeError("allclose(): arguments must be Tensors");
    if (x->traced() || y->traced()) RaiseRuntime(in, "allclose() of tensors that are being traced");
    const Tensor other = BroadcastTo(in, y->real(in), x->real(in).sizes());
    return Value::Bool(Close(in, x->real(in), other, a.Float(2), a.Float(3), a.Bool(4)));
  });
}

// What only our own prelude calls.
void BuildC(Interpreter& in, Module& module) {
  Definer define(in, module);
  BindTable(in, module);
  TorchState& state = StateOf(in);
  define.Set("Generator", Value(state.generator));
  define.Set("Size", Value(state.size));
  define.Set("_TensorBase", Value(state.tensor));
  define.Set("TensorBase", Value(state.tensor));
  define.Set("device", Value(state.device));
  define.Set("dtype", Value(state.dtype));
  define.Function("_log_api_usage_once", "event", [](Interpreter&, BoundArgs&) { return Value::None(); });
  define.Function("_get_tracing_state", "", [](Interpreter&, BoundArgs&) { return Value::None(); });
  define.Function("_is_torch_function_enabled", "", [](Interpreter&, BoundArgs&) { return Value::Bool(true); });
  define.Function("_set_grad_enabled", "mode", [](Interpreter& in, BoundArgs& a) {
    StateOf(in).grad_enabled = a.Bool(0);
    return Value::None();
  });
  define.Function("_set_inference_mode", "mode", [](Interpreter& in, BoundArgs& a) {
    StateOf(in).inference_mode = a.Bool(0);
    return Value::None();
  });
  // True while forward runs on traced tensors for the engine's graph.
  define.Function("_engine_tracing", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(StateOf(in).trace != nullptr); });
  define.Function("_native_function", "name", [](Interpreter& in, BoundArgs& a) {
    Overloads* found = FindOverloads(in, a.Text(0));
    if (found == nullptr) in.Raise(in.types().attribute_error, "no operator '" + a.Text(0) + "'");
    return FunctionFor(in, *found);
  });
  define.Function("_has_overloads", "name", [](Interpreter& in, BoundArgs& a) { return Value::Bool(FindOverloads(in, a.Text(0)) != nullptr); });
  // _wrap(name or function, frames): torch.fx.wrap called that many frames out.
  define.Set("_wrap", in.NewRawFunction("_wrap", [](Interpreter& in, const Args& args) {
    if (args.size() != 2) in.RaiseTypeError("_wrap() takes what is wrapped and a number of frames");
    const Value& what = args.positional[0];
    const int up = static_cast<int>(in.Index(args.positional[1]));
    const auto* name = what.As<py::Str>();
    if (name == nullptr && !in.IsCallable(what)) {
      in.Raise(in.types().runtime_error, "Unsupported type for global function! Must be either a callable or string name");
    }
    Module* of = in.CurrentModule(up);
    if (of == nullptr || in.CurrentPosition(up).function != "<module>") {
      in.Raise(in.types().not_implemented_error, "wrap must be called at the top level of a module");
    }
    WrapRegistry& registry = in.State<WrapRegistry>();
    const std::string text = name != nullptr ? name->text() : in.ToStr(in.GetAttr(what, "__name__"));
    const WrapRegistry::Entry entry = {py::Ref<Module>(of), text};
    registry.entries.push_back(entry);
    if (!registry.on_add) return what;
    const Value instead = registry.on_add(entry, name != nullptr ? Value() : what);
    return instead ? instead : what;
  }));
  define.Set("_ModuleBase", Value(DefineModuleBase(in)));
}

bool Plain(const Value& v) { return FindTorchFunction(v) == nullptr; }

void BuildOverrides(Interpreter& in, Module& module) {
  Definer define(in, module);
  const auto raw = [&](const char* name, py::NativeFunction::Raw f) { define.Set(name, in.NewRawFunction(name, std::move(f), "torch.overrides")); };
  raw("has_torch_function", [](Interpreter&, const Args& args) { return Value::Bool(!args.positional.empty() && !Plain(args.positional[0])); });
  raw("has_torch_function_unary", [](Interpreter&, const Args& args) { return Value::Bool(!args.positional.empty() && !Plain(args.positional[0])); });
  raw("has_torch_function_variadic", [](Interpreter&, const Args& args) { return Value::Bool(FindTorchFunction(args) != nullptr); });
  raw("handle_torch_function", [](Interpreter& in, const Args& args) {
    // handle_torch_function(public_api, relevant_args, *args, **kwargs)
    if (args.size() < 2) in.RaiseTypeError("handle_torch_function() needs public_api and relevant_args");
    TorchFunctionObject* hook = FindTorchFunction(args.positional[1]);
    const Args rest(args.positional.subspan(2), args.keywords);
    if (hook == nullptr) hook = FindTorchFunction(rest);
    if (hook == nullptr) in.RaiseTypeError("no implementation found for '" + in.Repr(args.positional[0]) + "'");
    return hook->TorchFunction(in, args.positional[0], "", rest);
  });
  raw("is_tensor_like", [](Interpreter&, const Args& args) { return Value::Bool(AsTensor(args.positional[0]) != nullptr || !Plain(args.positional[0])); });
}

}  // namespace

void RegisterTorch(Interpreter& in) {
  FillTensorType(in);
  in.RegisterNativeModule("torch", BuildTorch);
  in.RegisterNativeModule("torch._C", BuildC);
  in.RegisterNativeModule("torch.overrides", BuildOverrides);
  std::set<std::string> modules;
  for (const OpDef* op : AllOps()) {
    for (std::string_view name : op->torch) modules.insert(std::string(name.substr(0, name.rfind('.'))));
  }
  for (const std::string& name : modules) {
    if (name != "torch" && name != "torch._C" && name != "Tensor") in.RegisterNativeModule(name, BindTable);
  }
  for (const PreludeFile& file : PreludeFiles()) {
    in.RegisterSourceModule(file.module, std::string(file.source), std::string(kPreludePrefix) + file.path, file.is_package);
  }
}

}  // namespace fusepack::torch
