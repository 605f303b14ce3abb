// Ints, slices, None, Ellipsis and bools become view operators (select, slice, unsqueeze), dimension by dimension. What
// is left are tensors (a list is one): they are gathered at their dimensions and given to `index`, or `index_put` for a
// store. A store without tensors copies into the view.
#include "tracer/torch/indexing.h"

#include "tracer/torch/dispatch.h"
#include "tracer/torch/trace_state.h"

namespace fusepack::torch {

using py::Interpreter;
using py::Value;

namespace {

struct Parsed {
  Value view;                  // after all view operators
  std::vector<Value> indices;  // a dimension of view each; null: all of it
};

// A list or tuple of ints or bools (nested) as an index tensor.
Value IndexTensor(Interpreter& in, const Value& list) {
  return in.Call(in.GetAttr(in.Import("torch"), "tensor"), {list});
}

bool IsSequence(const Value& v) { return v.As<py::List>() != nullptr || v.As<py::Tuple>() != nullptr; }

Parsed Parse(Interpreter& in, TensorObject& self, const Value& key) {
  std::vector<Value> items;
  if (auto* tuple = key.As<py::Tuple>()) items = tuple->items();
  else items.push_back(key);
  const auto consumed = [&](const Value& item) -> int {
    if (item.is_none() || item.is_bool() || (item.is_object() && item.Is(in.Ellipsis()))) return 0;
    if (TensorObject* t = AsTensor(item)) {
      return t->dtype() == DType::kBool ? t->rank() : 1;
    }
    return 1;
  };
  int specified = 0;
  for (const Value& item : items) specified += consumed(item);
  if (specified > self.rank()) {
    in.Raise(in.types().index_error, "too many indices for tensor of dimension " + std::to_string(self.rank()));
  }
  Parsed out;
  out.view = Value(&self);
  int dim = 0;
  const auto set_index = [&](int at, Value tensor) {
    if (static_cast<int>(out.indices.size()) <= at) out.indices.resize(at + 1);
    out.indices[at] = std::move(tensor);
  };
  for (const Value& item : items) {
    if (item.is_none()) {
      out.view = CallOp(in, "unsqueeze", {out.view, Value::Int(dim)});
      dim++;
    } else if (item.is_bool()) {
      out.view = CallOp(in, "unsqueeze", {out.view, Value::Int(dim)});
      const bool value = item.boolean();
      set_index(dim, NewTensor(in, Tensor::FromValues<bool>({1}, std::span<const bool>(&value, 1))));
      dim++;
    } else if (item.is_object() && item.Is(in.Ellipsis())) {
      dim += self.rank() - specified;
    } else if (auto* slice = item.As<py::Slice>()) {
      const bool all = slice->start.is_none() && slice->stop.is_none() && slice->step.is_none();
      if (!all) {
        const Value step = slice->step.is_none() ? Value::Int(1) : slice->step;
        if (in.Index(step) <= 0) in.RaiseValueError("step must be greater than zero");
        out.view = CallOp(in, "slice", {out.view, Value::Int(dim), slice->start, slice->stop, step});
      }
      dim++;
    } else if (TensorObject* t = AsTensor(item)) {
      if (t->rank() == 0 && !t->traced() && IsIntegral(t->dtype()) && t->dtype() != DType::kBool) {
        out.view = CallOp(in, "select", {out.view, Value::Int(dim), Value::Int(in.Index(item))});
        continue;
      }
      if (t->dtype() == DType::kBool && t->rank() == 0) {
        out.view = CallOp(in, "unsqueeze", {out.view, Value::Int(dim)});
      }
      set_index(dim, item);
      dim += t->dtype() == DType::kBool ? std::max(t->rank(), 1) : 1;
    } else if (IsSequence(item)) {
      set_index(dim, IndexTensor(in, item));
      dim++;
    } else {
      Dim index;
      if (!ToDim(in, item, &index)) {
        in.Raise(in.types().index_error, "only integers, slices (`:`), ellipsis (`...`), None and long or byte "
                                         "Variables are valid indices (got " + in.TypeName(item) + ")");
      }
      const Dim size = AsTensor(out.view)->size(dim);
      if (index.hint() >= size.hint() || index.hint() < -size.hint()) {
        in.Raise(in.types().index_error, "index " + std::to_string(index.hint()) + " is out of bounds for dimension " +
                                             std::to_string(dim) + " with size " + std::to_string(size.hint()));
      }
      out.view = CallOp(in, "select", {out.view, Value::Int(dim), item});
    }
  }
  return out;
}

Value IndexList(Interpreter& in, const Parsed& parsed) {
  std::vector<Value> indices = parsed.indices;
  for (Value& v : indices) {
    if (!v) v = Value::None();
  }
  return Value(in.NewList(std::move(indices)));
}

}  // namespace

Value TensorGetItem(Interpreter& in, TensorObject& self, const Value& key) {
  if (TorchFunctionObject* hook = FindTorchFunction(key)) {
    const Value args[] = {Value(&self), key};
    return hook->TorchFunction(in, in.GetAttr(Value(StateOf(in).tensor), "__getitem__"), "__getitem__", py::Args(args));
  }
  const py::Ref<TensorObject> kept(&self);
  Parsed parsed = Parse(in, self, key);
  if (!parsed.indices.empty()) return CallOp(in, "index", {parsed.view, IndexList(in, parsed)});
  if (parsed.view.object() == &self) {
    if (self.traced()) return NewTracedView(in, self.value());
    return NewTensor(in, self.real(in));
  }
  return parsed.view;
}

void TensorSetItem(Interpreter& in, TensorObject& self, const Value& key, const Value& value) {
  for (const Value* part : {&key, &value}) {
    if (TorchFunctionObject* hook = FindTorchFunction(*part)) {
      const Value args[] = {Value(&self), key, value};
      hook->TorchFunction(in, in.GetAttr(Value(StateOf(in).tensor), "__setitem__"), "__setitem__", py::Args(args));
      return;
    }
  }
  const py::Ref<TensorObject> kept(&self);
  const Value source = AsTensor(value) ? value : NewTensor(in, ScalarTensor(in, value));
  // A traced value into a real tensor: the tensor itself becomes traced first, so that the view below follows.
  if (!self.traced() && AsTensor(source)->traced()) self.BecomeTraced(in);
  Parsed parsed = Parse(in, self, key);
  TensorObject* view = AsTensor(parsed.view);
  if (parsed.indices.empty()) {
    view->Write(in, *AsTensor(source));
    return;
  }
  const Value placed = AsTensor(source)->dtype() == view->dtype()
                           ? source
                           : CallTorch(in, "Tensor.to", {source, FromDType(in, view->dtype())});
  const Value updated = CallOp(in, "index_put", {parsed.view, IndexList(in, parsed), placed, Value::Bool(false)});
  view->Write(in, *AsTensor(updated));
}

}  // namespace fusepack::torch
