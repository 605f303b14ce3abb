// Binding follows PyTorch's argument parser: a trailing list of ints may be given as separate arguments (x.view(2, 3)),
// an int stands for int[N], `axis`, `keepdims`, `self` and `input` are other names of dim, keepdim, input and self, and
// arguments that only concern memory (device, layout, pin_memory, memory_format) are accepted and dropped. The first
// overload that takes the arguments is called; where none does, the error of the last one is raised, or all are listed.
//
// A traced call appends nodes. Its outputs may be views: each is followed back through the nodes that the call made,
// while they are view operators, and joins the alias group of the tensor where that ends.
#include "tracer/torch/dispatch.h"

#include <map>

#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Args;
using py::Interpreter;
using py::Value;

namespace {

struct BoundCall {
  std::vector<Arg> args;  // tensors are indices into `tensors`
  std::vector<py::Ref<TensorObject>> tensors;
  bool symbolic = false;  // a size that depends on the input is among the arguments
  bool requires_grad = false;
};

// As PyTorch's messages name dtypes.
const char* ScalarTypeName(DType dtype) {
  static constexpr const char* kNames[kDTypeCount] = {"Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16",
                                                      "Float", "Double", "ComplexFloat", "ComplexDouble"};
  return kNames[static_cast<int>(dtype)];
}

bool IsMemoryKeyword(std::string_view name) {
  static constexpr std::string_view kNames[] = {"device", "layout", "pin_memory", "memory_format", "non_blocking",
                                                "names", "requires_grad", "generator", "copy"};
  for (std::string_view n : kNames) {
    if (n == name) return true;
  }
  return false;
}

std::string_view OtherName(std::string_view name) {
  static const std::map<std::string_view, std::string_view> kNames = {
      {"input", "self"}, {"self", "input"}, {"axis", "dim"}, {"dim", "axis"}, {"keepdims", "keepdim"},
      {"x", "self"}, {"x1", "self"}, {"x2", "other"}, {"axes", "dim"}, {"a", "self"}};
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::string_view() : found->second;
}

const std::vector<Value>* SequenceItems(const Value& v) {
  if (auto* list = v.As<py::List>()) return &list->items();
  if (auto* tuple = v.As<py::Tuple>()) return &tuple->items();
  return nullptr;
}

class Binder {
 public:
  Binder(Interpreter& in, BoundCall* call) : in_(in), call_(*call) {}

  bool Bind(const OpDef& op, const Args& args) {
    const std::vector<Param>& params = op.schema().params();
    std::vector<Value> given(params.size());
    size_t next = 0;
    for (size_t i = 0; i < args.positional.size(); i++, next++) {
      if (next >= params.size() || params[next].keyword_only) {
        return Fail("takes at most " + std::to_string(next) + " positional arguments, " +
                    std::to_string(args.positional.size()) + " given");
      }
      // x.view(2, 3): the rest of the arguments are the list.
      Dim ignored;
      if (params[next].type == ParamType::kIntList && params[next].list_size == 0 && next <= 1 &&
          i + 1 < args.positional.size() && ToDim(in_, args.positional[i], &ignored) &&
          (next + 1 == params.size() || params[next + 1].keyword_only || args.positional.size() - i > 1)) {
        std::vector<Value> rest(args.positional.begin() + i, args.positional.end());
        given[next] = Value(in_.NewTuple(std::move(rest)));
        break;
      }
      given[next] = args.positional[i];
    }
    for (const py::Keyword& keyword : args.keywords) {
      const std::string& name = keyword.name->text();
      int index = op.schema().Find(name);
      if (index < 0 && !OtherName(name).empty()) index = op.schema().Find(OtherName(name));
      if (index < 0) {
        if (name == "requires_grad") {
          call_.requires_grad = in_.Truth(keyword.value);
          continue;
        }
        if (IsMemoryKeyword(name)) continue;
        if (name == "out" && keyword.value.is_none()) continue;
        if ((name == "dtype" || name == "_stacklevel") && keyword.value.is_none()) continue;
        return Fail("got an unexpected keyword argument '" + name + "'");
      }
      if (given[index]) return Fail("got multiple values for argument '" + name + "'");
      given[index] = keyword.value;
    }
    call_.args.clear();
    for (size_t i = 0; i < params.size(); i++) {
      if (!given[i]) {
        if (!params[i].has_default && !params[i].optional) return Fail("missing required argument '" + params[i].name + "'");
        call_.args.push_back(params[i].has_default ? params[i].default_value : Arg());
        continue;
      }
      Arg arg;
      if (!Convert(params[i], given[i], &arg)) {
        return Fail("argument '" + params[i].name + "' cannot be " + in_.TypeName(given[i]));
      }
      Result<Arg> bound = BindArg(params[i], std::move(arg));
      if (!bound.ok()) return Fail(bound.error().ToString());
      call_.args.push_back(std::move(bound).value());
    }
    return true;
  }

  const std::string& error() const { return error_; }

 private:
  bool Fail(std::string error) {
    error_ = std::move(error);
    return false;
  }

  ValueRef AddTensor(TensorObject* tensor) {
    for (size_t i = 0; i < call_.tensors.size(); i++) {
      if (call_.tensors[i].get() == tensor) return ValueRef{static_cast<int>(i)};
    }
    call_.tensors.push_back(py::Ref<TensorObject>(tensor));
    return ValueRef{static_cast<int>(call_.tensors.size()) - 1};
  }

  bool ConvertDim(const Value& v, Dim* out) {
    if (!ToDim(in_, v, out)) return false;
    call_.symbolic |= !out->is_constant();
    return true;
  }

  bool ConvertNumber(const Value& v, Arg* out) {
    if (v.is_bool()) return *out = v.boolean(), true;
    if (v.is_float()) return *out = v.number(), true;
    if (auto* box = v.As<py::FloatBox>()) return *out = box->value, true;
    if (auto* t = AsTensor(v)) {
      if (t->traced() || t->rank() != 0) return false;
      if (IsFloating(t->dtype())) return *out = t->real(in_).ItemAsDouble(), true;
      if (t->dtype() == DType::kBool) return *out = t->real(in_).ItemAsInt() != 0, true;
    }
    Dim dim;
    if (!ConvertDim(v, &dim)) return false;
    return *out = dim, true;
  }

  bool Convert(const Param& param, const Value& v, Arg* out) {
    if (v.is_none()) return *out = std::monostate(), true;
    switch (param.type) {
      case ParamType::kTensorOrScalar:
      case ParamType::kTensor:
        if (TensorObject* t = AsTensor(v)) return *out = AddTensor(t), true;
        return param.type == ParamType::kTensorOrScalar && ConvertNumber(v, out);
      case ParamType::kTensorList: {
        const std::vector<Value>* items = SequenceItems(v);
        if (items == nullptr) return false;
        ValueList list;
        for (const Value& item : *items) {
          TensorObject* t = AsTensor(item);
          if (t == nullptr && !item.is_none()) return false;
          list.push_back(t == nullptr ? kNoValue : AddTensor(t).id);
        }
        return *out = std::move(list), true;
      }
      case ParamType::kInt: {
        if (v.is_float()) return false;
        Dim dim;
        return ConvertDim(v, &dim) && (*out = dim, true);
      }
      case ParamType::kIntList: {
        std::vector<Dim> dims;
        Dim dim;
        if (const std::vector<Value>* items = SequenceItems(v)) {
          for (const Value& item : *items) {
            if (item.is_float() || !ConvertDim(item, &dim)) return false;
            dims.push_back(dim);
          }
          return *out = std::move(dims), true;
        }
        if (v.is_float() || !ConvertDim(v, &dim)) return false;
        if (param.list_size > 0) return *out = dim, true;
        dims.push_back(dim);
        return *out = std::move(dims), true;
      }
      case ParamType::kFloat: {
        if (!ConvertNumber(v, out)) return false;
        if (auto* b = std::get_if<bool>(out)) *out = static_cast<double>(*b);
        if (auto* d = std::get_if<Dim>(out); d && !d->is_constant()) *out = in_.Float(v);
        return true;
      }
      case ParamType::kFloatList: {
        const std::vector<Value>* items = SequenceItems(v);
        if (items == nullptr) return false;
        std::vector<double> numbers;
        for (const Value& item : *items) {
          double d;
          if (!in_.FindFloat(item, &d)) return false;
          numbers.push_back(d);
        }
        return *out = std::move(numbers), true;
      }
      case ParamType::kBool:
        if (v.is_bool()) return *out = v.boolean(), true;
        if (v.is_int() && (v.integer() == 0 || v.integer() == 1)) return *out = v.integer() == 1, true;
        return false;
      case ParamType::kScalar:
        return ConvertNumber(v, out);
      case ParamType::kString:
        if (auto* s = v.As<py::Str>()) return *out = s->text(), true;
        return false;
      case ParamType::kDType: {
        DType dtype;
        return ToDType(in_, v, &dtype) && (*out = dtype, true);
      }
    }
    return false;
  }

  Interpreter& in_;
  BoundCall& call_;
  std::string error_;
};

// "(Tensor values, Tensor indices)" -> {"values", "indices"}; empty for unnamed ones.
std::vector<std::string> FieldNames(std::string_view returns) {
  std::vector<std::string> names;
  if (!returns.starts_with('(')) return names;
  std::string word;
  for (char c : returns.substr(1)) {
    if (c == ',' || c == ')') {
      names.push_back(word);
      word.clear();
    } else if (c == ' ') {
      word.clear();
    } else {
      word += c;
    }
  }
  return names;
}

// torch.return_types.<op>: a tuple with named fields.
py::Type* ReturnType(Interpreter& in, const OpDef& op) {
  py::Type*& type = StateOf(in).return_types[&op];
  if (type != nullptr) return type;
  py::NativeType definition;
  definition.name = std::string(op.name);
  definition.module = "torch.return_types";
  definition.base = in.types().tuple;
  std::vector<std::string> names = FieldNames(op.returns);
  auto kept = std::make_shared<std::vector<std::string>>(names);
  for (size_t i = 0; i < names.size(); i++) {
    if (names[i].empty() || names[i] == "Tensor") continue;
    definition.properties.push_back(
        {(*kept)[i].c_str(), [i](Interpreter&, const Value& self) { return (*self.As<py::Tuple>())[i]; }, {}});
  }
  return type = in.DefineType(definition);
}

Value Pack(Interpreter& in, const OpDef& op, std::vector<Value> outputs) {
  if (op.returns == "Tensor" && outputs.size() == 1) return outputs[0];
  if (op.returns.starts_with('(')) {
    return Value(in.New<py::Tuple>(ReturnType(in, op), in.heap(), std::move(outputs)));
  }
  return Value(in.NewTuple(std::move(outputs)));
}

// What an output of a traced call is a view of, if anything: the chain of nodes in [first_node, end) back to one of
// `inputs`.
Value WrapOutput(Interpreter& in, Trace& trace, size_t first_node, ValueId id,
                 const std::vector<py::Ref<TensorObject>>& inputs) {
  Graph& graph = trace.graph;
  std::vector<const Node*> chain;  // innermost operator last
  ValueId at = id;
  for (;;) {
    for (const auto& input : inputs) {
      if (!input->traced() || input->value().value != at) continue;
      TracedValue view = input->value();
      for (size_t i = chain.size(); i-- > 0;) {
        const Node& node = *chain[i];
        ViewStep step{node.op, node.args, 0, view.sizes};
        while (step.self_arg < node.args.size() && !std::holds_alternative<ValueRef>(node.args[step.self_arg])) step.self_arg++;
        std::vector<ValueId> ids;
        const std::vector<Arg> compact = CompactArgs(node.args, &ids);
        if (ids.size() != 1) return NewTraced(in, trace, id);
        Tensor layouts[] = {view.layout};
        Result<Tensor> seen = node.op->view(EvalCall(node.op->schema(), compact, layouts));
        if (!seen.ok() || !seen->defined()) return NewTraced(in, trace, id);
        view.layout = *seen;
        view.sizes = graph.values[node.outputs[0]].sizes;
        view.dtype = graph.values[node.outputs[0]].dtype;
        view.steps.push_back(std::move(step));
      }
      view.value = id;
      return NewTracedView(in, std::move(view));
    }
    const Node* maker = nullptr;
    for (size_t n = graph.nodes.size(); n-- > first_node && maker == nullptr;) {
      for (ValueId output : graph.nodes[n].outputs) {
        if (output == at) maker = &graph.nodes[n];
      }
    }
    if (maker == nullptr || maker->op->view == nullptr || maker->outputs.size() != 1) return NewTraced(in, trace, id);
    chain.push_back(maker);
    const std::vector<ValueId> ids = maker->Inputs();
    if (ids.size() != 1) return NewTraced(in, trace, id);
    at = ids[0];
  }
}

Value RunTraced(Interpreter& in, Trace& trace, const OpDef& op, BoundCall& call) {
  std::vector<ValueId> ids;
  for (auto& tensor : call.tensors) ids.push_back(tensor->Read(in, trace));
  for (Arg& arg : call.args) {
    if (auto* ref = std::get_if<ValueRef>(&arg)) {
      if (ref->id != kNoValue) ref->id = ids[ref->id];
    } else if (auto* list = std::get_if<ValueList>(&arg)) {
      for (ValueId& id : *list) {
        if (id != kNoValue) id = ids[id];
      }
    }
  }
  trace.Locate(in);
  const size_t first_node = trace.graph.nodes.size();
  const std::vector<ValueId> made = Unwrap(in, trace.builder.Add(op, std::move(call.args)));
  std::vector<Value> outputs;
  for (ValueId id : made) outputs.push_back(WrapOutput(in, trace, first_node, id, call.tensors));
  return Pack(in, op, std::move(outputs));
}

Value Evaluate(Interpreter& in, const OpDef& op, BoundCall& call) {
  std::vector<Tensor> tensors;
  for (auto& tensor : call.tensors) tensors.push_back(tensor->real(in));
  // What the call will allocate is asked for before it is. A view allocates nothing, whatever its sizes.
  if (op.shape != nullptr && op.data_dependent == nullptr) {
    std::vector<TensorSpec> specs;
    for (const Tensor& t : tensors) specs.push_back({t.dtype(), ToDimVector(t.sizes())});
    Guards guards;
    Result<std::vector<TensorSpec>> outputs = op.shape(ShapeCall(op.schema(), call.args, specs, guards));
    if (!outputs.ok()) RaiseStatus(in, WithPlace(outputs.status(), std::string(op.name)));
    if (op.view != nullptr) {
      const Tensor seen = Unwrap(in, op.view(EvalCall(op.schema(), call.args, tensors)));
      if (seen.defined()) {
        FP_CHECK_EQ(seen.sizes(), ToDims((*outputs)[0].sizes));
        return NewTensor(in, seen);
      }
    }
    for (const TensorSpec& spec : *outputs) Afford(in, spec.dtype, spec.sizes);
  } else {
    for (const Tensor& t : tensors) Afford(in, t.dtype(), ToDimVector(t.sizes()));
  }
  std::vector<Tensor> made = Unwrap(in, EvalOp(op, call.args, tensors));
  std::vector<Value> outputs;
  for (Tensor& t : made) {
    outputs.push_back(NewTensor(in, std::move(t)));
    if (call.requires_grad) AsTensor(outputs.back())->requires_grad = true;
  }
  return Pack(in, op, std::move(outputs));
}

Value Execute(Interpreter& in, const OpDef& op, BoundCall& call) {
  TorchState& state = StateOf(in);
  bool traced = call.symbolic;
  for (auto& tensor : call.tensors) traced |= tensor->traced();
  if (traced) {
    if (state.trace == nullptr) RaiseRuntime(in, "a tensor of an earlier trace is used after its end");
    return RunTraced(in, *state.trace, op, call);
  }
  return Evaluate(in, op, call);
}

std::string Describe(Interpreter& in, const Args& args) {
  std::string out;
  for (const Value& v : args.positional) out += (out.empty() ? "" : ", ") + in.TypeName(v);
  for (const py::Keyword& k : args.keywords) out += (out.empty() ? "" : ", ") + k.name->text() + "=" + in.TypeName(k.value);
  return out;
}

std::pair<std::string, std::string> SplitName(std::string_view name) {
  const size_t dot = name.rfind('.');
  return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

}  // namespace

TorchFunctionObject* FindTorchFunction(const Value& value) {
  py::Object* object = value.object_or_null();
  if (object == nullptr) return nullptr;
  switch (object->layout()) {
    case py::Layout::kOther: {
      if (auto* found = dynamic_cast<TorchFunctionObject*>(object)) return found;
      return nullptr;
    }
    case py::Layout::kTuple:
      for (const Value& item : static_cast<py::Tuple*>(object)->items()) {
        if (auto* found = FindTorchFunction(item)) return found;
      }
      return nullptr;
    case py::Layout::kList:
      for (const Value& item : static_cast<py::List*>(object)->items()) {
        if (auto* found = FindTorchFunction(item)) return found;
      }
      return nullptr;
    case py::Layout::kDict:
      for (const auto& entry : static_cast<py::Dict*>(object)->table.entries()) {
        if (auto* found = FindTorchFunction(entry.value)) return found;
      }
      return nullptr;
    case py::Layout::kSlice: {
      auto* slice = static_cast<py::Slice*>(object);
      for (const Value* part : {&slice->start, &slice->stop, &slice->step}) {
        if (auto* found = FindTorchFunction(*part)) return found;
      }
      return nullptr;
    }
    default:
      return nullptr;
  }
}

TorchFunctionObject* FindTorchFunction(const Args& args) {
  for (const Value& v : args.positional) {
    if (auto* found = FindTorchFunction(v)) return found;
  }
  for (const py::Keyword& k : args.keywords) {
    if (auto* found = FindTorchFunction(k.value)) return found;
  }
  return nullptr;
}

Overloads* FindOverloads(Interpreter& in, std::string_view name) {
  auto& slot = StateOf(in).overloads[std::string(name)];
  if (slot != nullptr) return slot->ops.empty() ? nullptr : slot.get();
  slot = std::make_shared<Overloads>();
  slot->name = std::string(name);
  for (const OpDef* op : fusepack::FindOverloads(name)) slot->ops.push_back(op);
  if (slot->ops.empty() && name.ends_with('_') && !name.ends_with("__")) {
    slot->in_place = true;
    for (const OpDef* op : fusepack::FindOverloads(name.substr(0, name.size() - 1))) {
      if (op->inplace && op->returns == "Tensor") slot->ops.push_back(op);
    }
  }
  return slot->ops.empty() ? nullptr : slot.get();
}

Value FunctionFor(Interpreter& in, Overloads& overloads) {
  if (!overloads.function) {
    auto [module, name] = SplitName(overloads.name);
    const bool method = module == "Tensor";
    Overloads* kept = &overloads;
    overloads.function = in.NewRawFunction(
        name, [kept](Interpreter& in, const Args& args) { return CallOverloads(in, *kept, args); }, method ? "" : module);
    if (method) overloads.function.As<py::NativeFunction>()->is_method = true;
  }
  return overloads.function;
}

Value CallOverloads(Interpreter& in, Overloads& overloads, const Args& args) {
  if (TorchFunctionObject* hook = FindTorchFunction(args)) {
    auto [module, name] = SplitName(overloads.name);
    return hook->TorchFunction(in, FunctionFor(in, overloads), module == "Tensor" ? name : "", args);
  }
  std::string error;
  for (const OpDef* op : overloads.ops) {
    BoundCall call;
    Binder binder(in, &call);
    if (!binder.Bind(*op, args)) {
      error = binder.error();
      continue;
    }
    if (!overloads.in_place) return Execute(in, *op, call);
    TensorObject* self = args.positional.empty() ? nullptr : AsTensor(args.positional[0]);
    if (self == nullptr && !call.tensors.empty()) self = call.tensors[0].get();
    if (self == nullptr) in.RaiseTypeError(overloads.name + "(): the first argument must be a tensor");
    const py::Ref<TensorObject> kept(self);
    const Value result = Execute(in, *op, call);
    TensorObject* made = AsTensor(result);
    if (Category(made->dtype()) > Category(self->dtype())) {
      RaiseRuntime(in, std::string("result type ") + ScalarTypeName(made->dtype()) +
                           " can't be cast to the desired output type " + ScalarTypeName(self->dtype()));
    }
    self->Write(in, *made);
    return Value(self);
  }
  auto [module, name] = SplitName(overloads.name);
  if (overloads.ops.size() == 1) in.RaiseTypeError(name + "(): " + error);
  std::string expected;
  for (const OpDef* op : overloads.ops) expected += "\n * (" + op->schema().ToString() + ")";
  in.RaiseTypeError(name + "() received an invalid combination of arguments - got (" + Describe(in, args) +
                    "), but expected one of:" + expected);
}

Value CallTorch(Interpreter& in, std::string_view name, const Args& args) {
  Overloads* overloads = FindOverloads(in, name);
  if (overloads == nullptr) in.Raise(in.types().not_implemented_error, "operator '" + std::string(name) + "' is not in the table");
  return CallOverloads(in, *overloads, args);
}

Value CallTorch(Interpreter& in, std::string_view name, std::initializer_list<Value> args) {
  return CallTorch(in, name, Args(args));
}

Value CallOp(Interpreter& in, std::string_view op_name, std::initializer_list<Value> args) {
  const OpDef* op = FindOp(op_name);
  if (op == nullptr) in.Raise(in.types().not_implemented_error, "operator '" + std::string(op_name) + "' is not in the table");
  BoundCall call;
  Binder binder(in, &call);
  if (!binder.Bind(*op, Args(args))) in.RaiseTypeError(std::string(op_name) + "(): " + binder.error());
  return Execute(in, *op, call);
}

Value NewTorchFunction(Interpreter& in, std::string name, std::string module, std::string_view parameters,
                       py::NativeFunction::Bound function, bool method) {
  std::shared_ptr<const py::Signature> signature = py::Signature::Parse(name, parameters);
  auto self = std::make_shared<py::Object*>(nullptr);
  Value made = in.NewRawFunction(
      name,
      [signature, function = std::move(function), self, name, method](Interpreter& in, const Args& args) {
        if (TorchFunctionObject* hook = FindTorchFunction(args)) {
          return hook->TorchFunction(in, Value(*self), method ? name : "", args);
        }
        py::BoundArgs bound(in, *signature, args);
        return function(in, bound);
      },
      module);
  *self = made.object();
  if (method) made.As<py::NativeFunction>()->is_method = true;
  return made;
}

}  // namespace fusepack::torch
