#include "tracer/fx/proxy.h"

#include "tracer/fx/tracer.h"

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

}  // namespace

Value Proxy::CallOperator(Interpreter& in, const char* name, std::vector<Value> args) {
  const Value function = in.GetAttr(in.Import("operator"), name);
  return tracer_->CreateProxy(NodeOp::kCallFunction, function, Args(args));
}

bool Proxy::GetAttr(Interpreter& in, py::Str* name, Value* out) {
  const std::string& text = name->text();
  if (text == "__abs__" || text == "__class__" || text == "__dict__") return Object::GetAttr(in, name, out);
  if (text == "node") {
    *out = Value(node(in));
    return true;
  }
  *out = in.New<AttributeProxy>(tracer_->proxy_type(), tracer_, py::Ref<Proxy>(this), text);
  return true;
}

Value Proxy::Call(Interpreter& in, const Args& args) {
  std::vector<Value> all = {Value(this)};
  all.insert(all.end(), args.positional.begin(), args.positional.end());
  return tracer_->CreateProxy(NodeOp::kCallMethod, in.NewStr("__call__"), Args(all, args.keywords));
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

bool Proxy::Truth(Interpreter&) {
  tracer_->RaiseTraceError("symbolically traced variables cannot be used as inputs to control flow");
}

Value Proxy::Iter(Interpreter&) {
  tracer_->RaiseTraceError(
      "Proxy object cannot be iterated. This can be attempted when the Proxy is used in a loop or as a *args or "
      "**kwargs function argument. See the torch.fx docs on pytorch.org for a more detailed explanation of what "
      "types of control flow can be traced, and check out the Proxy docstring for help troubleshooting Proxy "
      "iteration errors");
}

bool Proxy::Unpack(Interpreter& in, size_t count, std::vector<Value>* items) {
  for (size_t i = 0; i < count; i++) items->push_back(GetItem(in, Value::Int(static_cast<int64_t>(i))));
  return true;
}

int64_t Proxy::Len(Interpreter& in) {
  in.Raise(in.types().runtime_error,
           "'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
           "torch.fx.wrap('len') at module scope");
}

std::string Proxy::Repr(Interpreter& in) { return "Proxy(" + node(in)->name + ")"; }

Value Proxy::TorchFunction(Interpreter& in, const Value& function, const std::string& method, const Args& args) {
  if (!method.empty()) return tracer_->CreateProxy(NodeOp::kCallMethod, in.NewStr(method), args);
  const std::string name = in.ToStr(in.GetAttr(function, "__name__"));
  return tracer_->CreateProxy(NodeOp::kCallFunction, function, args, NameForTarget(name));
}

Node* AttributeProxy::node(Interpreter& in) {
  if (!node_) {
    const std::vector<Value> args = {Value(root_), Value(in.NewStr(name_))};
    const Value proxy = tracer_->CreateProxy(NodeOp::kCallFunction, in.GetBuiltin("getattr"), Args(args));
    node_ = py::Ref<Node>(proxy.As<Proxy>()->node(in));
  }
  return node_.get();
}

Value AttributeProxy::Call(Interpreter& in, const Args& args) {
  std::vector<Value> all = {Value(root_)};
  all.insert(all.end(), args.positional.begin(), args.positional.end());
  return tracer_->CreateProxy(NodeOp::kCallMethod, in.NewStr(name_), Args(all, args.keywords));
}

}  // namespace fusepack::fx
