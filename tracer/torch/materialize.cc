// Depth first, a memo by node: containers and instances are made before their content, so cycles close (no cycle is made
// of arguments alone, pickle_value.h). The tree's depth is limited in ForEachChild's order; this order differs in places,
// so recursion has a limit of its own.
#include "tracer/torch/materialize.h"

#include <map>
#include <unordered_map>

#include "tracer/archive/printable.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::torch {

using archive::PickleKind;
using archive::PickleTree;
using archive::PickleValue;
using py::Args;
using py::Interpreter;
using py::Value;

namespace {

class Builder {
 public:
  Builder(Interpreter& in, std::shared_ptr<const PickleTree> tree, py::Importer& importer, const Value& importer_object)
      : in_(in), tree_(std::move(tree)), importer_(importer), importer_object_(importer_object) {}

  Value Make(const PickleValue* v) {
    if (v == nullptr) return Value::None();
    if (const auto found = memo_.find(v->id); found != memo_.end()) return found->second;
    in_.Step();
    if (depth_ == kMaxDepth) throw py::Fatal{LimitExceeded("pickle", "values nested deeper", "at most " + std::to_string(kMaxDepth) + " levels").error()};
    depth_++;
    Value made = MakeNew(*v);
    depth_--;  // an exception ends the builder with it
    memo_[v->id] = made;
    return made;
  }

 private:
  [[noreturn]] void Refuse(const std::string& found, const std::string& expected) {
    throw py::Fatal{BadInput("pickle", found, expected).error()};
  }

  std::vector<Value> MakeAll(const std::vector<const PickleValue*>& items) {
    std::vector<Value> out;
    out.reserve(items.size());
    for (const PickleValue* item : items) out.push_back(Make(item));
    return out;
  }

  void Remember(const PickleValue& v, const Value& made) { memo_[v.id] = made; }

  Value Named(std::string_view module, std::string_view name) { return in_.GetAttr(in_.Import(std::string(module)), name); }

  Value Global(const PickleValue& v) {
    std::string module(v.text);
    if (module == "__builtin__" || module == "builtins") return in_.GetBuiltin(v.name);
    Value at = in_.Import(importer_, module);
    std::string_view name = v.name;
    while (!name.empty()) {
      const size_t dot = name.find('.');
      const Value next = in_.FindAttr(at, name.substr(0, dot));
      if (!next) {
        in_.Raise(in_.types().attribute_error, "Can't get attribute " + archive::Printable(v.name) + " on module " + archive::Printable(module));
      }
      at = next;
      name = dot == std::string_view::npos ? "" : name.substr(dot + 1);
    }
    return at;
  }

  std::shared_ptr<Storage> StorageAt(int32_t index) {
    const auto& table = tree_->shared_storages();
    auto& slot = storages_[index];
    if (slot == nullptr) {
      const archive::StorageRef& ref = table->at(index);
      slot = Storage::Wrap(ref.bytes.data(), static_cast<int64_t>(ref.bytes.size()), table, false);
    }
    return slot;
  }

  Value TensorAt(const PickleValue& v) {
    const archive::TensorRef& ref = tree_->tensors()[v.integer];
    Tensor tensor(StorageAt(ref.storage), ref.dtype, ref.sizes, ref.strides, ref.offset);
    py::Type* type = StateOf(in_).tensor;
    if (ref.is_parameter) type = Named("torch.nn.parameter", "Parameter").As<py::Type>();
    Value made = NewTensor(in_, type, std::move(tensor));
    AsTensor(made)->requires_grad = ref.requires_grad;
    Remember(v, made);
    if (v.state != nullptr) SetState(made, Make(v.state));
    return made;
  }

  void SetState(const Value& object, const Value& state) {
    if (const Value set = in_.FindAttr(object, "__setstate__")) {
      in_.Call(set, {state});
      return;
    }
    Value dict = state;
    if (auto* pair = state.As<py::Tuple>(); pair != nullptr && pair->size() == 2) {
      dict = (*pair)[0];
      if (auto* slots = (*pair)[1].As<py::Dict>()) {
        for (const auto& entry : std::vector(slots->table.entries())) {
          if (entry.key) in_.SetAttr(object, entry.key.As<py::Str>()->text(), entry.value);
        }
      }
    }
    if (dict.is_none()) return;
    auto* given = dict.As<py::Dict>();
    if (given == nullptr) Refuse("state of type " + in_.TypeName(state), "a dict");
    py::Dict* own = in_.InstanceDict(object);
    for (const auto& entry : given->table.entries()) {
      if (!entry.key) continue;
      auto* name = entry.key.As<py::Str>();
      if (name == nullptr) Refuse("state with a key of type " + in_.TypeName(entry.key), "names of attributes");
      own->Set(in_.Intern(name->text()), entry.value);
    }
  }

  void Fill(const PickleValue& v, const Value& made) {
    for (const PickleValue* item : v.items) in_.CallMethod(made, "append", {Make(item)});
    for (const auto& [key, value] : v.pairs) in_.SetItem(made, Make(key), Make(value));
    if (v.state != nullptr) SetState(made, Make(v.state));
  }

  Value CallWith(const Value& callee, std::vector<Value> positional, const PickleValue* kwargs) {
    std::vector<py::Keyword> keywords;
    if (kwargs != nullptr) {
      for (const auto& [key, value] : kwargs->pairs) keywords.push_back({in_.Intern(key->text), Make(value)});
    }
    return in_.Call(callee, Args(positional, keywords));
  }

  std::vector<Value> Arguments(const PickleValue* args) {
    return args == nullptr ? std::vector<Value>() : MakeAll(args->items);
  }

  Value MakeNew(const PickleValue& v) {
    switch (v.kind) {
      case PickleKind::kNone: return Value::None();
      case PickleKind::kBool: return Value::Bool(v.integer != 0);
      case PickleKind::kInt: return Value::Int(v.integer);
      case PickleKind::kFloat: return Value::Float(v.number);
      case PickleKind::kStr: return Value(in_.NewStr(v.text));
      case PickleKind::kBytes:
      case PickleKind::kByteArray: return Value(in_.NewBytes(v.text));
      case PickleKind::kLong: Refuse("the integer " + archive::LongToDecimal(v.text), "64 bits");
      case PickleKind::kComplex: Refuse("a complex number", "a real one");
      case PickleKind::kList: {
        py::Ref<py::List> list = in_.NewList();
        Remember(v, Value(list));
        for (const PickleValue* item : v.items) list->Append(Make(item));
        return Value(list);
      }
      case PickleKind::kTuple: return Value(in_.NewTuple(MakeAll(v.items)));
      case PickleKind::kDict: {
        py::Ref<py::Dict> dict = in_.NewDict();
        Remember(v, Value(dict));
        for (const auto& [key, value] : v.pairs) {
          if (key->is(PickleKind::kStr)) dict->Set(in_.Intern(key->text), Make(value));
          else dict->table.Set(in_, Make(key), Make(value));
        }
        return Value(dict);
      }
      case PickleKind::kSet:
      case PickleKind::kFrozenSet: {
        py::Ref<py::Set> set = in_.NewSet(v.is(PickleKind::kFrozenSet));
        Remember(v, Value(set));
        for (const PickleValue* item : v.items) set->Add(in_, Make(item));
        return Value(set);
      }
      case PickleKind::kOrderedDict: {
        const Value made = in_.Call(Named("collections", "OrderedDict"));
        Remember(v, made);
        for (const auto& [key, value] : v.pairs) in_.SetItem(made, Make(key), Make(value));
        if (v.state != nullptr) SetState(made, Make(v.state));
        return made;
      }
      case PickleKind::kDefaultDict: {
        const Value made = in_.Call(Named("collections", "defaultdict"), {Make(v.callable)});
        Remember(v, made);
        for (const auto& [key, value] : v.pairs) in_.SetItem(made, Make(key), Make(value));
        return made;
      }
      case PickleKind::kDeque:
        return in_.Call(Named("collections", "deque"), {Value(in_.NewList(MakeAll(v.items))), Make(v.args)});
      case PickleKind::kSlice: {
        std::vector<Value> parts = MakeAll(v.items);
        return in_.NewSlice(parts[0], parts[1], parts[2]);
      }
      case PickleKind::kRange: return in_.Call(in_.GetBuiltin("range"), Args(MakeAll(v.items)));
      case PickleKind::kPartial: {
        std::vector<Value> arguments = Arguments(v.args);
        arguments.insert(arguments.begin(), Make(v.callable));
        const Value made = CallWith(Named("functools", "partial"), std::move(arguments), v.kwargs);
        Remember(v, made);
        return made;
      }
      case PickleKind::kGlobal: return Global(v);
      case PickleKind::kObject: {
        const Value cls = Make(v.callable);
        auto* type = cls.As<py::Type>();
        if (type == nullptr) Refuse(archive::Printable(v.callable->QualifiedName()) + " as a class", "a class");
        std::vector<Value> arguments = Arguments(v.args);
        Value made;
        if (type->Override(py::Dunder::kNew)) {
          arguments.insert(arguments.begin(), cls);
          made = in_.Call(in_.GetAttr(cls, "__new__"), Args(arguments));
        } else {
          made = in_.MakeInstance(type, Args(arguments));
        }
        Remember(v, made);
        Fill(v, made);
        return made;
      }
      case PickleKind::kReduce: {
        const Value made = CallWith(Make(v.callable), Arguments(v.args), v.kwargs);
        Remember(v, made);
        Fill(v, made);
        return made;
      }
      case PickleKind::kReducePackage: {
        std::vector<Value> arguments = Arguments(v.args);
        arguments.insert(arguments.begin(), importer_object_);
        const Value made = in_.Call(Make(v.callable), Args(arguments));
        Remember(v, made);
        if (v.state != nullptr) SetState(made, Make(v.state));
        return made;
      }
      case PickleKind::kSize: {
        std::vector<Dim> sizes;
        for (const PickleValue* item : v.items) sizes.push_back(Dim(item->integer));
        return NewSize(in_, sizes);
      }
      case PickleKind::kDType: return FromDType(in_, v.dtype);
      case PickleKind::kDevice:
        return Value(in_.New<DeviceObject>(StateOf(in_).device, std::string(v.text),
                                           v.integer < 0 ? std::nullopt : std::optional<int64_t>(v.integer)));
      case PickleKind::kLayout: return in_.GetAttr(in_.Import("torch"), v.text.substr(v.text.rfind('.') + 1));
      case PickleKind::kStorage: Refuse("a bare storage", "tensors");
      case PickleKind::kTensor: return TensorAt(v);
    }
    return Value::None();
  }

  static constexpr int kMaxDepth = 256;  // well over unpickle.h's 64, well under a stack of 8 MiB

  Interpreter& in_;
  int depth_ = 0;
  std::shared_ptr<const PickleTree> tree_;
  py::Importer& importer_;
  Value importer_object_;
  std::unordered_map<uint32_t, Value> memo_;
  // Of this load alone, as in PyTorch: what is loaded twice is not the same memory.
  std::map<int32_t, std::shared_ptr<Storage>> storages_;
};

}  // namespace

Value MaterializeInside(Interpreter& in, std::shared_ptr<const PickleTree> tree, py::Importer& importer, const Value& importer_object) {
  const PickleValue* root = tree->root();
  return Builder(in, std::move(tree), importer, importer_object).Make(root);
}

Result<Value> Materialize(Interpreter& in, std::shared_ptr<const PickleTree> tree, py::Importer& importer,
                          const Value& importer_object) {
  return in.Try([&] { return MaterializeInside(in, tree, importer, importer_object); });
}

}  // namespace fusepack::torch
