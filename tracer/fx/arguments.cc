// torch.fx's map_aggregate: tuples stay tuples (torch.Size becomes a plain one, a namedtuple its own class), lists and
// dicts become immutable, slices keep their three parts.
#include "tracer/fx/arguments.h"

#include "tracer/fx/graph.h"

namespace fusepack::fx {
namespace {

using py::Args;
using py::Interpreter;
using py::Value;

[[noreturn]] void RefuseMutation(Interpreter& in, const Value& self) {
  in.RaiseTypeError("'" + in.TypeName(self) +
                    "' object does not support mutation. If you are attempting to modify the kwargs or args of a "
                    "torch.fx.Node object,\ninstead create a new copy of it and assign the copy to the node:\n\n"
                    "    new_args = ...  # copy and mutate args\n    node.args = new_args");
}

class ImmutableList final : public py::List {
 public:
  using List::List;
  Value Inplace(Interpreter& in, py::BinOp, const Value&) override { RefuseMutation(in, Value(this)); }
  void SetItem(Interpreter& in, const Value&, const Value&) override { RefuseMutation(in, Value(this)); }
  void DelItem(Interpreter& in, const Value&) override { RefuseMutation(in, Value(this)); }
  uint64_t Hash(Interpreter& in) override { return in.Hash(in.NewTuple(items())); }
};

class ImmutableDict final : public py::Dict {
 public:
  using Dict::Dict;
  Value Inplace(Interpreter& in, py::BinOp, const Value&) override { RefuseMutation(in, Value(this)); }
  void SetItem(Interpreter& in, const Value&, const Value&) override { RefuseMutation(in, Value(this)); }
  void DelItem(Interpreter& in, const Value&) override { RefuseMutation(in, Value(this)); }
  uint64_t Hash(Interpreter& in) override {
    std::vector<Value> all;
    for (const auto& entry : table.entries()) {
      if (entry.key) all.insert(all.end(), {entry.key, entry.value});
    }
    return in.Hash(in.NewTuple(std::move(all)));
  }
};

std::vector<py::NativeMethod> RefusingMethods(std::initializer_list<const char*> names) {
  std::vector<py::NativeMethod> methods;
  for (const char* name : names) {
    methods.push_back({name, "self, *args, **kwargs", [](Interpreter& in, py::BoundArgs& args) -> Value {
                         RefuseMutation(in, args[0]);
                       }});
  }
  return methods;
}

}  // namespace

ImmutableTypes::ImmutableTypes(Interpreter& in) {
  py::NativeType definition;
  definition.name = "immutable_list";
  definition.module = "torch.fx.immutable_collections";
  definition.base = in.types().list;
  definition.dunders = "__setitem__ __delitem__ __hash__";
  definition.construct = [](Interpreter& in, py::Type* cls, const Args& args) {
    std::vector<Value> items;
    if (args.size() > 0) items = in.ToVector(args.positional[0]);
    return Value(in.New<ImmutableList>(cls, in.heap(), std::move(items)));
  };
  definition.methods = RefusingMethods({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"});
  definition.methods.push_back({"__init__", "self, *args", [](Interpreter&, py::BoundArgs&) { return Value::None(); }});
  // A copy is made from the items at once: nothing can be put into one that is there.
  definition.methods.push_back({"__reduce__", "self", [](Interpreter& in, py::BoundArgs& a) {
    const Value items = in.NewTuple(a[0].As<py::List>()->items());
    return Value(in.NewTuple({Value(a[0].object()->type()), Value(in.NewTuple({items}))}));
  }});
  list = in.DefineType(definition);

  definition.name = "immutable_dict";
  definition.base = in.types().dict;
  definition.construct = [](Interpreter& in, py::Type* cls, const Args& args) {
    const auto made = in.New<ImmutableDict>(cls, in.heap());
    const Value plain = in.Call(Value(in.types().dict), args);
    for (const auto& entry : plain.As<py::Dict>()->table.entries()) {
      if (entry.key) made->table.Set(in, entry.key, entry.value);
    }
    return Value(made);
  };
  definition.methods = RefusingMethods({"clear", "pop", "popitem", "setdefault", "update"});
  definition.methods.push_back({"__init__", "self, *args, **kwargs", [](Interpreter&, py::BoundArgs&) { return Value::None(); }});
  definition.methods.push_back({"__reduce__", "self", [](Interpreter& in, py::BoundArgs& a) {
    const auto items = in.NewDict();
    for (const auto& entry : a[0].As<py::Dict>()->table.entries()) {
      if (entry.key) items->table.Set(in, entry.key, entry.value);
    }
    return Value(in.NewTuple({Value(a[0].object()->type()), Value(in.NewTuple({Value(items)}))}));
  }});
  dict = in.DefineType(definition);
}

Value NewImmutableList(Interpreter& in, std::vector<Value> items) {
  return in.New<ImmutableList>(in.State<ImmutableTypes>().list, in.heap(), std::move(items));
}

py::Ref<py::Dict> NewImmutableDict(Interpreter& in) {
  return py::Ref<py::Dict>(in.New<ImmutableDict>(in.State<ImmutableTypes>().dict, in.heap()).get());
}

Value MapAggregate(Interpreter& in, const Value& argument, const std::function<Value(const Value&)>& f) {
  if (const auto* tuple = argument.As<py::Tuple>()) {
    py::DepthScope depth(in);
    std::vector<Value> items;
    items.reserve(tuple->size());
    for (const Value& item : tuple->items()) items.push_back(MapAggregate(in, item, f));
    if (in.TypeOf(argument) != in.types().tuple && in.FindAttr(argument, "_fields")) {
      return in.Call(Value(in.TypeOf(argument)), Args(items));
    }
    return in.NewTuple(std::move(items));
  }
  if (const auto* list = argument.As<py::List>()) {
    py::DepthScope depth(in);
    std::vector<Value> items;
    items.reserve(list->size());
    for (const Value& item : list->items()) items.push_back(MapAggregate(in, item, f));
    return NewImmutableList(in, std::move(items));
  }
  if (const auto* dict = argument.As<py::Dict>()) {
    py::DepthScope depth(in);
    const auto out = NewImmutableDict(in);
    for (const auto& entry : dict->table.entries()) {
      if (entry.key) out->table.Set(in, entry.key, MapAggregate(in, entry.value, f));
    }
    return out;
  }
  if (const auto* slice = argument.As<py::Slice>()) {
    return in.NewSlice(MapAggregate(in, slice->start, f), MapAggregate(in, slice->stop, f), MapAggregate(in, slice->step, f));
  }
  return f(argument);
}

Value MapArg(Interpreter& in, const Value& argument, const std::function<Value(Node*)>& f) {
  return MapAggregate(in, argument, [&](const Value& leaf) {
    Node* node = leaf.As<Node>();
    return node != nullptr ? f(node) : leaf;
  });
}

void VisitLeaves(const Value& argument, const std::function<void(const Value&)>& f) {
  if (const auto* tuple = argument.As<py::Tuple>()) {
    for (const Value& item : tuple->items()) VisitLeaves(item, f);
  } else if (const auto* list = argument.As<py::List>()) {
    for (const Value& item : list->items()) VisitLeaves(item, f);
  } else if (const auto* dict = argument.As<py::Dict>()) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key) VisitLeaves(entry.value, f);
    }
  } else if (const auto* slice = argument.As<py::Slice>()) {
    for (const Value* part : {&slice->start, &slice->stop, &slice->step}) VisitLeaves(*part, f);
  } else {
    f(argument);
  }
}

void VisitNodes(const Value& argument, const std::function<void(Node*)>& f) {
  VisitLeaves(argument, [&](const Value& leaf) {
    if (Node* node = leaf.As<Node>()) f(node);
  });
}

}  // namespace fusepack::fx
