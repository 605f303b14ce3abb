// Proxy: the value that stands for a tensor (or anything else) while torch.fx traces. What the code does with it
// becomes nodes of the tracer's graph; asking it for a truth value, a length or an iteration is an error with
// torch.fx's conditions and texts.
#pragma once

#include <string>

#include "tracer/fx/graph.h"
#include "tracer/torch/overrides.h"

namespace fusepack::fx {

class Tracer;

class Proxy : public py::Object, public torch::TorchFunctionObject {
 public:
  Proxy(Tracer* tracer, Node* node) : tracer_(tracer), node_(node) {}

  Tracer& tracer() const { return *tracer_; }
  virtual Node* node(py::Interpreter&) { return node_.get(); }

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

 protected:
  py::Value CallOperator(py::Interpreter& in, const char* name, std::vector<py::Value> args);

  Tracer* tracer_;
  py::Ref<Node> node_;
};

// proxy.name, not yet in the graph: calling it makes one call_method node, using it as a value one getattr node.
class AttributeProxy final : public Proxy {
 public:
  AttributeProxy(Tracer* tracer, py::Ref<Proxy> root, std::string name)
      : Proxy(tracer, nullptr), root_(std::move(root)), name_(std::move(name)) {}
  Node* node(py::Interpreter& in) override;
  py::Value Call(py::Interpreter& in, const py::Args& args) override;

 private:
  py::Ref<Proxy> root_;
  std::string name_;
};

}  // namespace fusepack::fx
