// Proxy: the value that stands for a tensor (or anything else) while torch.fx traces. What the code does with it
// becomes nodes of the tracer's graph; asking it for a truth value, a length or an iteration is an error with
// torch.fx's classes, conditions and texts, followed by the packaged source line: " (at gate.py:9: if x > 0:)".
#pragma once

#include <string>

#include "tracer/fx/graph.h"
#include "tracer/torch/overrides.h"

namespace fusepack::fx {

class TracerBase;

class Proxy : public py::Object, public torch::TorchFunctionObject {
 public:
  Proxy() = default;  // __init__ gives it node and tracer
  Proxy(py::Ref<TracerBase> tracer, py::Ref<Node> node);
  ~Proxy() override;

  TracerBase& tracer(py::Interpreter& in) const;
  void set_tracer(py::Ref<TracerBase> tracer);
  virtual Node* node(py::Interpreter& in);
  void set_node(py::Ref<Node> node) { node_ = std::move(node); }

  bool GetAttr(py::Interpreter& in, py::Str* name, py::Value* out) override;
  py::Value Call(py::Interpreter& in, const py::Args& args) override;
  py::Value Binary(py::Interpreter& in, py::BinOp op, const py::Value& other, bool reflected) override;
  py::Value Unary(py::Interpreter& in, py::UnOp op) override;
  py::Value Compare(py::Interpreter& in, py::CmpOp op, const py::Value& other) override;
  py::Value Iter(py::Interpreter& in) override;
  // `a, b = proxy` takes as many items as there are targets.
  bool Unpack(py::Interpreter& in, size_t count, std::vector<py::Value>* items) override;
  int64_t Len(py::Interpreter& in) override;
  bool Truth(py::Interpreter& in) override;
  py::Value GetItem(py::Interpreter& in, const py::Value& key) override;
  std::string Repr(py::Interpreter& in) override;
  uint64_t Hash(py::Interpreter&) override { return reinterpret_cast<uintptr_t>(this) >> 4; }
  bool IsCallable() const override { return true; }
  py::Value TorchFunction(py::Interpreter& in, const py::Value& function, const std::string& method,
                          const py::Args& args) override;

  // A call_function node of operator.<name>.
  py::Value CallOperator(py::Interpreter& in, const char* name, std::vector<py::Value> args);

 protected:
  py::Ref<py::Object> tracer_;  // a TracerBase
  py::Ref<Node> node_;
};

// proxy.name, not yet in the graph: calling it makes one call_method node, using it as a value one getattr node.
class AttributeProxy final : public Proxy {
 public:
  AttributeProxy(py::Ref<Proxy> root, std::string name);
  Node* node(py::Interpreter& in) override;
  py::Value Call(py::Interpreter& in, const py::Args& args) override;

  const py::Ref<Proxy>& root() const { return root_; }
  const std::string& name() const { return name_; }

 private:
  py::Ref<Proxy> root_;
  std::string name_;
};

// A parameter, under Tracer(param_shapes_constant=True): its shape is the parameter's own.
class ParameterProxy final : public Proxy {
 public:
  ParameterProxy(py::Ref<TracerBase> tracer, py::Ref<Node> node, std::string name, py::Value parameter)
      : Proxy(std::move(tracer), std::move(node)), parameter(std::move(parameter)), name_(std::move(name)) {}
  std::string Repr(py::Interpreter&) override { return "ParameterProxy(" + name_ + ")"; }
  const py::Value parameter;

 private:
  std::string name_;
};

struct ProxyTypes {
  explicit ProxyTypes(py::Interpreter& in);
  py::Type *proxy, *attribute, *parameter, *trace_error;
};

// The last Proxy among the arguments, inside containers too; null: none.
Proxy* FindProxy(const py::Args& args);

// " (at gate.py:9: if x > 0:)": where the innermost Python code outside our own libraries is; empty outside.
std::string SourcePlace(py::Interpreter& in);

}  // namespace fusepack::fx
