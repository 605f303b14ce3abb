#include "tracer/fx/proxy.h"

#include <set>

#include "tracer/fx/format.h"
#include "tracer/fx/tracer.h"
#include "tracer/python/bytecode.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::Interpreter;
using py::Value;

const char* OperatorName(py::BinOp op) {
  static constexpr const char* kNames[] = {"add", "sub", "mul", "matmul", "truediv", "floordiv", "mod",
                                           "pow", "lshift", "rshift", "and_", "xor", "or_"};
  return kNames[static_cast<int>(op)];
}

const char* OperatorName(py::CmpOp op) {
  static constexpr const char* kNames[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  return kNames[static_cast<int>(op)];
}

const char* OperatorName(py::UnOp op) {
  static constexpr const char* kNames[] = {"neg", "pos", "invert"};
  return kNames[static_cast<int>(op)];
}

Proxy* Self(Interpreter& in, const Value& v) {
  Proxy* proxy = v.As<Proxy>();
  if (proxy == nullptr) in.RaiseTypeError("expected a torch.fx.Proxy, not " + in.TypeName(v));
  return proxy;
}

// Is the truth value wanted by `assert proxy`? Its jump goes to just behind the instruction that raises.
bool AtAssert(Interpreter& in) {
  const py::Frame* frame = in.frame();
  if (frame == nullptr || frame->pc < 1) return false;
  const auto& instructions = frame->code->instructions;
  const py::Instruction& jump = instructions[static_cast<size_t>(frame->pc - 1)];
  if (jump.op != py::Op::kPopJumpIfTrue || jump.arg < 1 || static_cast<size_t>(jump.arg) > instructions.size()) return false;
  return instructions[static_cast<size_t>(jump.arg - 1)].op == py::Op::kAssertFailed;
}

std::vector<Value> WithFirst(const Value& first, std::span<const Value> rest) {
  std::vector<Value> all = {first};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

}  // namespace

Proxy* FindProxy(const Args& args) {
  Proxy* found = nullptr;
  const auto look = [&](const Value& leaf) {
    if (Proxy* proxy = leaf.As<Proxy>()) found = proxy;
  };
  for (const Value& v : args.positional) VisitLeaves(v, look);
  for (const py::Keyword& k : args.keywords) VisitLeaves(k.value, look);
  return found;
}

std::string SourcePlace(Interpreter& in) {
  const SourceLine at = UserLine(in);
  return at.line == 0 ? "" : " (at " + at.file + ":" + std::to_string(at.line) + ": " + at.text + ")";
}

Proxy::Proxy(py::Ref<TracerBase> tracer, py::Ref<Node> node) : tracer_(tracer), node_(std::move(node)) {}
Proxy::~Proxy() = default;

TracerBase& Proxy::tracer(Interpreter& in) const {
  auto* tracer = dynamic_cast<TracerBase*>(tracer_.get());
  if (tracer == nullptr) in.Raise(in.types().attribute_error, "'Proxy' object has no attribute 'tracer'");
  return *tracer;
}

void Proxy::set_tracer(py::Ref<TracerBase> tracer) { tracer_ = tracer; }

Node* Proxy::node(Interpreter& in) {
  if (!node_) in.Raise(in.types().attribute_error, "'Proxy' object has no attribute 'node'");
  return node_.get();
}

Value Proxy::CallOperator(Interpreter& in, const char* name, std::vector<Value> args) {
  const Value function = in.GetAttr(in.Import("operator"), name);
  return RecordCall(in, tracer(in), NodeOp::kCallFunction, function, Args(args));
}

bool Proxy::GetAttr(Interpreter& in, py::Str* name, Value* out) {
  if (Object::GetAttr(in, name, out)) return true;
  *out = in.New<AttributeProxy>(in.State<ProxyTypes>().attribute, py::Ref<Proxy>(this), name->text());
  return true;
}

Value Proxy::Call(Interpreter& in, const Args& args) {
  return RecordCall(in, tracer(in), NodeOp::kCallMethod, in.NewStr("__call__"),
                    Args(WithFirst(Value(this), args.positional), args.keywords));
}

Value Proxy::Binary(Interpreter& in, py::BinOp op, const Value& other, bool reflected) {
  if (reflected) return CallOperator(in, OperatorName(op), {other, Value(this)});
  return CallOperator(in, OperatorName(op), {Value(this), other});
}

Value Proxy::Unary(Interpreter& in, py::UnOp op) { return CallOperator(in, OperatorName(op), {Value(this)}); }

Value Proxy::Compare(Interpreter& in, py::CmpOp op, const Value& other) {
  return CallOperator(in, OperatorName(op), {Value(this), other});
}

Value Proxy::GetItem(Interpreter& in, const Value& key) { return CallOperator(in, "getitem", {Value(this), key}); }

bool Proxy::Truth(Interpreter& in) {
  if (tracer(in).Flag(in, "trace_asserts") && AtAssert(in)) {
    const std::vector<Value> args = {Value(this)};
    RecordCall(in, tracer(in), NodeOp::kCallFunction, in.GetAttr(in.Import("torch.fx.proxy"), "assert_fn"), Args(args));
    return true;
  }
  return in.Truth(dispatch::ToBool(in, tracer(in), Value(this)));
}

Value Proxy::Iter(Interpreter& in) { return in.Iter(dispatch::Iter(in, tracer(in), Value(this))); }

bool Proxy::Unpack(Interpreter& in, size_t count, std::vector<Value>* items) {
  for (size_t i = 0; i < count; i++) items->push_back(GetItem(in, Value::Int(static_cast<int64_t>(i))));
  return true;
}

int64_t Proxy::Len(Interpreter& in) {
  in.Raise(in.types().runtime_error,
           "'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
           "torch.fx.wrap('len') at module scope" + SourcePlace(in));
}

std::string Proxy::Repr(Interpreter& in) { return "Proxy(" + node(in)->name + ")"; }

Value Proxy::TorchFunction(Interpreter& in, const Value& function, const std::string& method, const Args& args) {
  std::set<py::Object*> tracers;
  const auto look = [&](const Value& leaf) {
    if (Proxy* proxy = leaf.As<Proxy>()) tracers.insert(proxy->tracer_.get());
  };
  for (const Value& v : args.positional) VisitLeaves(v, look);
  for (const py::Keyword& k : args.keywords) VisitLeaves(k.value, look);
  if (tracers.size() > 1) {
    std::string all;
    for (py::Object* tracer : tracers) all += (all.empty() ? "" : ", ") + in.Repr(Value(tracer));
    in.Raise(in.types().runtime_error,
             "Found multiple different tracers [" + all + "] while trying to trace operations " + in.Repr(function));
  }
  if (!method.empty()) return RecordCall(in, tracer(in), NodeOp::kCallMethod, in.NewStr(method), args);
  const std::string name = in.ToStr(in.GetAttr(function, "__name__"));
  return RecordCall(in, tracer(in), NodeOp::kCallFunction, function, args, NameForTarget(name));
}

AttributeProxy::AttributeProxy(py::Ref<Proxy> root, std::string name) : root_(std::move(root)), name_(std::move(name)) {
  tracer_ = static_cast<AttributeProxy*>(root_.get())->tracer_;
}

Node* AttributeProxy::node(Interpreter& in) {
  if (!node_) {
    const std::vector<Value> args = {Value(root_), Value(in.NewStr(name_))};
    const Value proxy = RecordCall(in, tracer(in), NodeOp::kCallFunction, in.GetBuiltin("getattr"), Args(args));
    node_ = py::Ref<Node>(Self(in, proxy)->node(in));
  }
  return node_.get();
}

Value AttributeProxy::Call(Interpreter& in, const Args& args) {
  return RecordCall(in, tracer(in), NodeOp::kCallMethod, in.NewStr(name_),
                    Args(WithFirst(Value(root_), args.positional), args.keywords));
}

ProxyTypes::ProxyTypes(Interpreter& in) {
  py::NativeType definition;
  definition.name = "Proxy";
  definition.module = "torch.fx.proxy";
  definition.instances_have_dict = true;
  definition.dunders =
      "__add__ __sub__ __mul__ __matmul__ __truediv__ __floordiv__ __mod__ __pow__ __lshift__ __rshift__ __and__ "
      "__xor__ __or__ __radd__ __rsub__ __rmul__ __rmatmul__ __rtruediv__ __rfloordiv__ __rmod__ __rpow__ __rlshift__ "
      "__rrshift__ __rand__ __rxor__ __ror__ __neg__ __pos__ __invert__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ "
      "__getitem__ __len__ __iter__ __bool__ __call__ __repr__ __hash__";
  definition.construct = [](Interpreter& in, py::Type* cls, const Args&) { return Value(in.New<Proxy>(cls)); };
  definition.methods = {
      {"__init__", "self, node, tracer=None", [](Interpreter& in, py::BoundArgs& a) {
         Proxy* self = Self(in, a[0]);
         Node* node = a[1].As<Node>();
         if (node == nullptr) a.Wrong(1, "torch.fx.Node");
         self->set_node(py::Ref<Node>(node));
         auto* tracer = a[2].As<TracerBase>();
         self->set_tracer(tracer != nullptr ? py::Ref<TracerBase>(tracer) : NewGraphAppendingTracer(in, node->graph()));
         return Value::None();
       }},
      {"__abs__", "self", [](Interpreter& in, py::BoundArgs& a) { return Self(in, a[0])->CallOperator(in, "abs", {a[0]}); }},
      {"keys", "self", [](Interpreter& in, py::BoundArgs& a) {
         return dispatch::Keys(in, Self(in, a[0])->tracer(in), a[0]);
       }},
  };
  definition.properties = {
      {"node", [](Interpreter& in, const Value& self) { return Value(Self(in, self)->node(in)); },
       [](Interpreter& in, const Value& self, const Value& node) { Self(in, self)->set_node(py::Ref<Node>(node.As<Node>())); }},
      {"tracer", [](Interpreter& in, const Value& self) { return Value(&Self(in, self)->tracer(in)); },
       [](Interpreter& in, const Value& self, const Value& tracer) {
         Self(in, self)->set_tracer(py::Ref<TracerBase>(tracer.As<TracerBase>()));
       }},
  };
  proxy = in.DefineType(definition);

  py::NativeType inner;
  inner.module = "torch.fx.proxy";
  inner.base = proxy;
  inner.name = "Attribute";
  inner.construct = [](Interpreter& in, py::Type* cls, const Args& args) -> Value {
    Proxy* root = args.size() == 2 ? args.positional[0].As<Proxy>() : nullptr;
    if (root == nullptr) in.RaiseTypeError("Attribute() takes a Proxy and a name");
    return in.New<AttributeProxy>(cls, py::Ref<Proxy>(root), in.ToStr(args.positional[1]));
  };
  inner.methods = {{"__init__", "self, root, attr", [](Interpreter&, py::BoundArgs&) { return Value::None(); }}};
  inner.properties = {
      {"root", [](Interpreter&, const Value& self) { return Value(self.As<AttributeProxy>()->root()); }, {}},
      {"attr", [](Interpreter& in, const Value& self) { return Value(in.NewStr(self.As<AttributeProxy>()->name())); }, {}},
  };
  attribute = in.DefineType(inner);

  inner.name = "ParameterProxy";
  inner.construct = [](Interpreter& in, py::Type* cls, const Args& args) -> Value {
    auto* tracer = args.size() == 4 ? args.positional[0].As<TracerBase>() : nullptr;
    Node* node = args.size() == 4 ? args.positional[1].As<Node>() : nullptr;
    if (tracer == nullptr || node == nullptr) in.RaiseTypeError("ParameterProxy() takes a tracer, a Node, a name and a Parameter");
    return in.New<ParameterProxy>(cls, py::Ref<TracerBase>(tracer), py::Ref<Node>(node), in.ToStr(args.positional[2]), args.positional[3]);
  };
  inner.methods = {{"__init__", "self, tracer, node, name, param", [](Interpreter&, py::BoundArgs&) { return Value::None(); }}};
  inner.properties = {};
  for (const char* name : {"shape", "ndim"}) {
    inner.properties.push_back({name, [name](Interpreter& in, const Value& self) {
                                  return in.GetAttr(self.As<ParameterProxy>()->parameter, name);
                                }, {}});
  }
  for (const char* name : {"size", "dim", "numel", "nelement"}) {
    inner.methods.push_back({name, "self", [name](Interpreter& in, py::BoundArgs& a) {
                               return in.CallMethod(a[0].As<ParameterProxy>()->parameter, name);
                             }});
  }
  inner.properties.push_back({"param", [](Interpreter&, const Value& self) { return self.As<ParameterProxy>()->parameter; }, {}});
  parameter = in.DefineType(inner);

  trace_error = in.NewClass("TraceError", {Value(in.types().value_error)}, in.NewDict(), "torch.fx.proxy");
}

}  // namespace fusepack::fx
