// After Python's pickle.py (the opcodes and their order) and torch/_tensor.py (what a tensor is reduced to). One Save() an
// object: persistent id, memo, then by kind. The memo's key is the object, and it is kept alive with it; text and the
// names that the writer itself needs are memoised by value.
#include "tracer/package/pickle.h"

#include <bit>
#include <set>
#include <unordered_map>

#include "tracer/archive/pickle_opcodes.h"
#include "tracer/python/callables.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack {

namespace op = archive::op;

namespace {

using py::Args;
using py::Interpreter;
using py::Layout;
using py::Value;

constexpr size_t kBatch = 1000;  // items of one APPENDS, SETITEMS, ADDITEMS

// Storage classes of torch by dtype, in DType's order.
constexpr const char* kStorageNames[kDTypeCount] = {
    "BoolStorage", "ByteStorage", "CharStorage", "ShortStorage", "IntStorage", "LongStorage", "HalfStorage",
    "BFloat16Storage", "FloatStorage", "DoubleStorage", "ComplexFloatStorage", "ComplexDoubleStorage",
};

class Pickler {
 public:
  Pickler(Interpreter& in, int protocol, PickleTarget& target, std::vector<PickledGlobal>* globals)
      : in_(in), protocol_(protocol), target_(target), globals_(*globals) {}

  std::string Dump(const Value& object) {
    Op(op::PROTO);
    Le<uint8_t>(static_cast<uint8_t>(protocol_));
    Save(object);
    Op(op::STOP);
    return std::move(out_);
  }

 private:
  // --- bytes

  void Op(uint8_t code) { out_.push_back(static_cast<char>(code)); }
  template <typename T>
  void Le(T value) {
    for (size_t i = 0; i < sizeof value; i++) out_.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
  }

  void Memoize(size_t index) {
    if (protocol_ >= 4) Op(op::MEMOIZE);
    else if (index < 256) Op(op::BINPUT), Le<uint8_t>(static_cast<uint8_t>(index));
    else Op(op::LONG_BINPUT), Le<uint32_t>(static_cast<uint32_t>(index));
  }
  void Get(size_t index) {
    if (index < 256) Op(op::BINGET), Le<uint8_t>(static_cast<uint8_t>(index));
    else Op(op::LONG_BINGET), Le<uint32_t>(static_cast<uint32_t>(index));
  }
  void Remember(const Value& object) {
    memo_[object.object()] = next_;
    kept_.push_back(object);
    Memoize(next_++);
  }
  bool Known(const Value& object) {
    const auto found = memo_.find(object.object());
    if (found == memo_.end()) return false;
    Get(found->second);
    return true;
  }
  // `key` names a value that is written by its content: text, or one of the writer's own globals.
  bool KnownText(const std::string& key) {
    const auto found = text_memo_.find(key);
    if (found == text_memo_.end()) return false;
    Get(found->second);
    return true;
  }
  void RememberText(std::string key) {
    text_memo_[std::move(key)] = next_;
    Memoize(next_++);
  }

  // --- atoms

  void SaveInt(int64_t value) {
    if (value >= 0 && value < 256) Op(op::BININT1), Le<uint8_t>(static_cast<uint8_t>(value));
    else if (value >= 0 && value < 65536) Op(op::BININT2), Le<uint16_t>(static_cast<uint16_t>(value));
    else if (value >= INT32_MIN && value <= INT32_MAX) Op(op::BININT), Le<int32_t>(static_cast<int32_t>(value));
    else {
      size_t bytes = 8;  // the fewest that keep the sign
      while (bytes > 1 && (value >> (8 * (bytes - 1) - 1)) == (value < 0 ? -1 : 0)) bytes--;
      Op(op::LONG1);
      Le<uint8_t>(static_cast<uint8_t>(bytes));
      for (size_t i = 0; i < bytes; i++) out_.push_back(static_cast<char>(value >> (8 * i)));
    }
  }
  void SaveFloat(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    Op(op::BINFLOAT);
    for (int i = 7; i >= 0; i--) out_.push_back(static_cast<char>(bits >> (8 * i)));
  }
  void SaveText(const std::string& text) {
    const std::string key = "text " + text;
    if (KnownText(key)) return;
    CheckSize(text.size());
    if (protocol_ >= 4 && text.size() < 256) Op(op::SHORT_BINUNICODE), Le<uint8_t>(static_cast<uint8_t>(text.size()));
    else Op(op::BINUNICODE), Le<uint32_t>(static_cast<uint32_t>(text.size()));
    out_ += text;
    RememberText(key);
  }
  void SaveBytes(const std::string& bytes) {
    CheckSize(bytes.size());
    if (bytes.size() < 256) Op(op::SHORT_BINBYTES), Le<uint8_t>(static_cast<uint8_t>(bytes.size()));
    else Op(op::BINBYTES), Le<uint32_t>(static_cast<uint32_t>(bytes.size()));
    out_ += bytes;
  }
  void CheckSize(size_t bytes) {
    if (bytes > UINT32_MAX) in_.OverLimit(std::to_string(bytes) + " bytes of text in a pickle", "fewer than 2^32");
    in_.CheckTextSize(out_.size() + bytes);
  }

  // --- names

  void Uses(const std::string& module, const std::string& name) {
    if (used_.insert(module + " " + name).second) globals_.push_back({module, name});
  }
  // A name that needs no looking up.
  void SaveKnownGlobal(const std::string& module, const std::string& name) {
    const std::string key = "global " + module + " " + name;
    if (KnownText(key)) return;
    WriteGlobal(module, name);
    RememberText(key);
  }
  void WriteGlobal(const std::string& module, const std::string& name) {
    Uses(module, name);
    if (protocol_ >= 4) {
      SaveText(module);
      SaveText(name);
      Op(op::STACK_GLOBAL);
    } else {
      Op(op::GLOBAL);
      out_ += module + "\n" + name + "\n";
    }
  }

  void SaveGlobal(const Value& object, const std::string& given = "") {
    PickleTarget::Found found;
    try {
      found = target_.NameOf(in_, object, given);
    } catch (py::Raised& raised) {
      const std::string type = in_.TypeName(raised.exception);
      if (type != "ObjNotFoundError" && type != "ObjMismatchError") throw;
      const Value error = in_.Call(Error(), {Value(in_.NewStr("Can't pickle " + in_.Repr(object) + ": " + in_.ToStr(raised.exception)))});
      in_.RaiseFrom(error, raised.exception);
    }
    const size_t dot = found.name.rfind('.');
    if (dot == std::string::npos) {
      if (found.module.find('\n') != std::string::npos || found.name.find('\n') != std::string::npos) {
        Fail("Can't pickle " + in_.Repr(object) + ": a name with a line break");
      }
      WriteGlobal(found.module, found.name);
    } else {
      // getattr(Outer, "Inner"): protocol 3 has no nested names, and PyTorch's own reader looks up none of protocol 4's.
      Value parent = found.module_object;
      for (size_t at = 0; at < dot;) {
        const size_t end = std::min(found.name.find('.', at), dot);
        parent = in_.GetAttr(parent, std::string_view(found.name).substr(at, end - at));
        at = end + 1;
      }
      SaveKnownGlobal("builtins", "getattr");
      Save(parent);
      SaveText(found.name.substr(dot + 1));
      Op(op::TUPLE2);
      Op(op::REDUCE);
    }
    Remember(object);
  }

  // --- errors

  Value Error() { return in_.GetAttr(in_.Import("pickle"), "PicklingError"); }
  [[noreturn]] void Fail(const std::string& text) { in_.RaiseException(in_.Call(Error(), {Value(in_.NewStr(text))})); }
  [[noreturn]] void Cannot(const Value& object) { in_.RaiseTypeError("cannot pickle '" + in_.TypeName(object) + "' object"); }

  // --- containers

  void SaveTuple(const Value& object, const std::vector<Value>& items) {
    if (items.empty()) return Op(op::EMPTY_TUPLE);
    if (items.size() > 3) Op(op::MARK);
    for (const Value& item : items) Save(item);
    // The tuple may hold itself through one of its items, and have been written there.
    if (const auto found = memo_.find(object.object()); found != memo_.end()) {
      if (items.size() > 3) Op(op::POP_MARK);
      else for (size_t i = 0; i < items.size(); i++) Op(op::POP);
      return Get(found->second);
    }
    Op(items.size() > 3 ? op::TUPLE : static_cast<uint8_t>(op::TUPLE1 + items.size() - 1));
    Remember(object);
  }

  // Python's batches: a single item has an opcode of its own.
  template <typename SaveOne>
  void Batches(size_t count, uint8_t one, uint8_t many, SaveOne save_one) {
    for (size_t begin = 0; begin < count; begin += kBatch) {
      const size_t end = std::min(count, begin + kBatch);
      if (end - begin > 1) Op(op::MARK);
      for (size_t i = begin; i < end; i++) save_one(i);
      Op(end - begin > 1 ? many : one);
    }
  }
  void SaveItems(const std::vector<Value>& items) {
    Batches(items.size(), op::APPEND, op::APPENDS, [&](size_t i) { Save(items[i]); });
  }
  void SavePairs(const std::vector<std::pair<Value, Value>>& pairs) {
    Batches(pairs.size(), op::SETITEM, op::SETITEMS, [&](size_t i) {
      Save(pairs[i].first);
      Save(pairs[i].second);
    });
  }
  static std::vector<std::pair<Value, Value>> PairsOf(const py::HashTable& table) {
    std::vector<std::pair<Value, Value>> pairs;
    for (const auto& entry : table.entries()) {
      if (entry.key) pairs.emplace_back(entry.key, entry.value);
    }
    return pairs;
  }
  static std::vector<Value> KeysOf(const py::HashTable& table) {
    std::vector<Value> keys;
    for (const auto& entry : table.entries()) {
      if (entry.key) keys.push_back(entry.key);
    }
    return keys;
  }

  void SaveSet(const Value& object, py::Set& set) {
    const std::vector<Value> items = KeysOf(set.table);
    if (protocol_ >= 4 && !set.frozen) {
      Op(op::EMPTY_SET);
      Remember(object);
      for (size_t begin = 0; begin < items.size(); begin += kBatch) {
        Op(op::MARK);
        for (size_t i = begin; i < std::min(items.size(), begin + kBatch); i++) Save(items[i]);
        Op(op::ADDITEMS);
      }
      return;
    }
    if (protocol_ >= 4) {
      Op(op::MARK);
      for (const Value& item : items) Save(item);
      if (const auto found = memo_.find(object.object()); found != memo_.end()) {
        Op(op::POP_MARK);
        return Get(found->second);
      }
      Op(op::FROZENSET);
      return Remember(object);
    }
    SaveKnownGlobal("builtins", set.frozen ? "frozenset" : "set");
    SaveNewList(items);
    Op(op::TUPLE1);
    FinishReduce(object);
  }
  // A list that nothing else refers to; its memo entry is spent all the same.
  void SaveNewList(const std::vector<Value>& items) {
    Op(op::EMPTY_LIST);
    Memoize(next_++);
    SaveItems(items);
  }

  // After the callable and its arguments.
  void FinishReduce(const Value& object) {
    Op(op::REDUCE);
    FinishMade(object);
  }
  void FinishMade(const Value& object) {
    if (const auto found = memo_.find(object.object()); found != memo_.end()) {  // made inside its own arguments
      Op(op::POP);
      Get(found->second);
    } else {
      Remember(object);
    }
  }

  // --- tensors

  void SaveInts(const Dims& dims) {
    if (dims.size() == 0) return Op(op::EMPTY_TUPLE);
    if (dims.size() > 3) Op(op::MARK);
    for (int i = 0; i < dims.size(); i++) SaveInt(dims[i]);
    Op(dims.size() > 3 ? op::TUPLE : static_cast<uint8_t>(op::TUPLE1 + dims.size() - 1));
  }
  void SaveNoHooks() {
    SaveKnownGlobal("collections", "OrderedDict");
    Op(op::EMPTY_TUPLE);
    Op(op::REDUCE);
  }
  // (storage, offset, size, stride, requires_grad, hooks), behind a MARK.
  void SaveTensorArguments(const Tensor& tensor, bool requires_grad) {
    Op(op::MARK);
    Op(op::MARK);
    SaveText("storage");
    SaveKnownGlobal("torch", kStorageNames[static_cast<int>(tensor.dtype())]);
    SaveInt(target_.StorageKey(in_, tensor.storage()));
    SaveText("cpu");
    SaveInt(tensor.storage()->bytes() / static_cast<int64_t>(ItemSize(tensor.dtype())));
    Op(op::TUPLE);
    Op(op::BINPERSID);
    SaveInt(tensor.offset());
    SaveInts(tensor.sizes());
    SaveInts(tensor.strides());
    Op(requires_grad ? op::NEWTRUE : op::NEWFALSE);
    SaveNoHooks();
    Op(op::TUPLE);
  }
  void SaveData(const Tensor& tensor, bool requires_grad) {
    SaveKnownGlobal("torch._utils", "_rebuild_tensor_v2");
    SaveTensorArguments(tensor, requires_grad);
    Op(op::REDUCE);
  }
  bool IsNamed(py::Type* type, std::string_view module, std::string_view name) {
    return type->name() == name && type->module() == module;
  }

  void SaveTensor(const Value& object, torch::TensorObject& value) {
    if (value.traced()) in_.Raise(in_.types().runtime_error, "cannot pickle a tensor that is being traced");
    const Tensor tensor = value.real(in_);
    py::Type* type = in_.TypeOf(object);
    py::Dict* attributes = object.object()->dict();
    const bool has_state = attributes != nullptr && attributes->size() != 0;
    if (IsNamed(type, "torch.nn.parameter", "Parameter")) {
      SaveKnownGlobal("torch._utils", has_state ? "_rebuild_parameter_with_state" : "_rebuild_parameter");
      if (has_state) Op(op::MARK);
      SaveData(tensor, false);
      Op(value.requires_grad ? op::NEWTRUE : op::NEWFALSE);
      SaveNoHooks();
      if (has_state) Save(Value(attributes));
      Op(has_state ? op::TUPLE : op::TUPLE3);
      return FinishReduce(object);
    }
    // torch.nn.Buffer makes a plain tensor.
    const bool plain = type == torch::StateOf(in_).tensor || IsNamed(type, "torch.nn.parameter", "Buffer");
    if (plain && (!has_state || type != torch::StateOf(in_).tensor)) {
      SaveKnownGlobal("torch._utils", "_rebuild_tensor_v2");
      SaveTensorArguments(tensor, value.requires_grad);
      return FinishReduce(object);
    }
    SaveKnownGlobal("torch._tensor", "_rebuild_from_type_v2");
    Op(op::MARK);
    SaveKnownGlobal("torch._utils", "_rebuild_tensor_v2");
    if (plain) SaveKnownGlobal("torch", "Tensor");
    else Save(Value(type));
    SaveTensorArguments(tensor, value.requires_grad);
    if (has_state) Save(Value(attributes));
    else Op(op::EMPTY_DICT);
    Op(op::TUPLE);
    FinishReduce(object);
  }

  // --- reductions

  void SaveReduction(const Value& object, const Value& reduction) {
    if (auto* text = reduction.As<py::Str>()) return SaveGlobal(object, text->text());
    auto* tuple = reduction.As<py::Tuple>();
    if (tuple == nullptr) Fail("__reduce__ must return a string or tuple");
    if (tuple->size() < 2 || tuple->size() > 6) Fail("Tuple returned by __reduce__ must have two to six elements");
    const auto part = [&](size_t i) { return i < tuple->size() && !(*tuple)[i].is_none() ? (*tuple)[i] : Value(); };
    const Value function = (*tuple)[0], arguments = (*tuple)[1];
    if (!in_.IsCallable(function)) Fail("func from save_reduce() must be callable");
    auto* args = arguments.As<py::Tuple>();
    if (args == nullptr) Fail("args from save_reduce() must be a tuple");
    const std::string name = in_.CallableName(function);
    if (name == "__newobj__") {
      if (args->size() == 0 || (*args)[0].As<py::Type>() == nullptr) Fail("args[0] from __newobj__ args has the wrong class");
      const std::vector<Value> rest(args->items().begin() + 1, args->items().end());
      return SaveNew(object, (*args)[0], Value(in_.NewTuple(rest)), Value(), part(2), part(3), part(4));
    }
    Save(function);
    Save(arguments);
    FinishReduce(object);
    SaveContent(object, part(2), part(3), part(4), part(5));
  }

  // state, list items, dict items and state setter: each may be null.
  void SaveContent(const Value& object, const Value& state, const Value& items, const Value& pairs, const Value& setter) {
    if (items) SaveItems(in_.ToVector(items));
    if (pairs) {
      std::vector<std::pair<Value, Value>> list;
      for (const Value& pair : in_.ToVector(pairs)) {
        const std::vector<Value> two = in_.ToVector(pair);
        if (two.size() != 2) Fail("dict items of a reduction must be pairs");
        list.emplace_back(two[0], two[1]);
      }
      SavePairs(list);
    }
    if (!state) return;
    if (setter) {
      Save(setter);
      Save(object);
      Save(state);
      Op(op::TUPLE2);
      Op(op::REDUCE);
      Op(op::POP);
    } else {
      Save(state);
      Op(op::BUILD);
    }
  }

  void SaveNew(const Value& object, const Value& cls, const Value& arguments, const Value& keywords, const Value& state,
               const Value& items, const Value& pairs) {
    if (keywords) {
      if (protocol_ < 4) Fail("keyword arguments of __new__ (__getnewargs_ex__) need pickle protocol 4");
      Save(cls);
      Save(arguments);
      Save(keywords);
      Op(op::NEWOBJ_EX);
    } else {
      Save(cls);
      Save(arguments);
      Op(op::NEWOBJ);
    }
    FinishMade(object);
    SaveContent(object, state, items, pairs, Value());
  }

  // The instance's attributes, slots apart: None, a dict, or (dict or None, slots).
  Value DefaultState(const Value& object) {
    py::Dict* dict = object.object()->dict();
    if (dict == nullptr || dict->size() == 0) return Value();
    std::set<std::string> slots;
    bool has_dict = false;
    for (py::Type* type : in_.TypeOf(object)->mro()) {
      if (type->native()) continue;
      const Value own = SlotsOf(type);
      if (!own) has_dict = true;
      else for (const Value& slot : own.As<py::Str>() != nullptr ? std::vector<Value>{own} : in_.ToVector(own)) slots.insert(in_.ToStr(slot));
    }
    if (slots.empty() || slots.erase("__dict__") != 0) has_dict = true;
    if (slots.empty()) return Value(dict);
    py::Ref<py::Dict> in_dict = in_.NewDict(), in_slots = in_.NewDict();
    for (const auto& [key, value] : PairsOf(dict->table)) {
      const bool slot = slots.contains(in_.ToStr(key)) || !has_dict;
      (slot ? in_slots : in_dict)->table.Set(in_, key, value);
    }
    if (in_slots->size() == 0) return Value(in_dict);
    return Value(in_.NewTuple({in_dict->size() == 0 ? Value::None() : Value(in_dict), Value(in_slots)}));
  }
  // __slots__ of the class itself, not of its bases.
  Value SlotsOf(py::Type* type) { return type->dict() == nullptr ? Value() : type->dict()->Get(in_.names().__slots__); }

  // object.__reduce_ex__(protocol) of an instance of a Python class, or of what is derived from a container.
  void SaveInstance(const Value& object) {
    py::Type* cls = in_.TypeOf(object);
    Value arguments, keywords;
    if (const Value method = in_.FindSpecial(object, "__getnewargs_ex__")) {
      const Value both = in_.Call(method);
      auto* pair = both.As<py::Tuple>();
      if (pair == nullptr || pair->size() != 2) in_.RaiseTypeError("__getnewargs_ex__ should return a tuple of a tuple and a dict");
      arguments = (*pair)[0];
      if (in_.Len((*pair)[1]) != 0) keywords = (*pair)[1];
    } else if (const Value method = in_.FindSpecial(object, "__getnewargs__")) {
      arguments = in_.Call(method);
      if (arguments.As<py::Tuple>() == nullptr) in_.RaiseTypeError("__getnewargs__ should return a tuple, not '" + in_.TypeName(arguments) + "'");
    }
    Value items, pairs, state;
    if (const Value method = in_.FindSpecial(object, "__getstate__")) {
      state = in_.Call(method);
      if (state.is_none()) state = Value();
    } else {
      state = DefaultState(object);
    }
    const auto native_arguments = [&](std::vector<Value> values) {
      if (!arguments) arguments = Value(in_.NewTuple(std::move(values)));
    };
    if (auto* list = object.As<py::List>()) {
      items = Value(in_.NewList(list->items()));
    } else if (object.As<py::Dict>() != nullptr) {
      const Value given = in_.CallMethod(object, "items");  // a subclass may order them its own way
      pairs = Value(in_.NewList(in_.ToVector(given)));
    } else if (auto* tuple = object.As<py::Tuple>()) {
      native_arguments({Value(in_.NewTuple(tuple->items()))});
    } else if (auto* text = object.As<py::Str>()) {
      native_arguments({Value(in_.NewStr(text->text()))});
    } else if (auto* bytes = object.As<py::Bytes>()) {
      native_arguments({Value(in_.NewBytes(bytes->bytes()))});
    } else if (auto* number = object.As<py::IntBox>()) {
      native_arguments({Value::Int(number->value)});
    } else if (auto* number = object.As<py::FloatBox>()) {
      native_arguments({Value::Float(number->value)});
    } else if (auto* set = object.As<py::Set>()) {
      Save(Value(cls));
      SaveNewList(KeysOf(set->table));
      Op(op::TUPLE1);
      FinishReduce(object);
      return SaveContent(object, state, Value(), Value(), Value());
    } else if (auto* error = object.As<py::ExceptionObject>()) {
      Save(Value(cls));
      Save(error->args);
      FinishReduce(object);
      return SaveContent(object, state, Value(), Value(), Value());
    } else if (cls->native() || (cls->native_base() != nullptr && cls->native_base() != in_.types().object && !cls->native_base()->subclassable())) {
      Cannot(object);
    }
    native_arguments({});
    SaveNew(object, Value(cls), arguments, keywords, state, items, pairs);
  }

  // What copyreg.pickle registered for this class; null where there is nothing.
  Value Registered(py::Type* cls) {
    if (!table_) table_ = in_.GetAttr(in_.Import("copyreg"), "dispatch_table");
    auto* table = table_.As<py::Dict>();
    if (table == nullptr || table->size() == 0) return Value();
    Value* found = table->table.Find(in_, Value(cls));
    return found == nullptr ? Value() : *found;
  }

  // Containers of our library that keep their items otherwise than CPython's do, reduced as those are.
  bool SaveCollection(const Value& object, py::Type* cls) {
    if (IsNamed(cls, "collections", "OrderedDict") || IsNamed(cls, "collections", "defaultdict")) {
      SaveKnownGlobal("collections", cls->name());
      if (cls->name() == "OrderedDict") {
        Op(op::EMPTY_TUPLE);
      } else {
        const Value factory = in_.GetAttr(object, "default_factory");
        if (factory.is_none()) Op(op::EMPTY_TUPLE);
        else Save(factory), Op(op::TUPLE1);
      }
      FinishReduce(object);
      SavePairs(PairsOf(object.As<py::Dict>()->table));
      py::Dict* attributes = object.object()->dict();
      if (cls->name() == "OrderedDict" && attributes != nullptr && attributes->size() != 0) {
        Save(Value(attributes));
        Op(op::BUILD);
      }
      return true;
    }
    if (!IsNamed(cls, "collections", "deque")) return false;
    SaveKnownGlobal("collections", "deque");
    const Value limit = in_.GetAttr(object, "maxlen");
    Op(op::EMPTY_TUPLE);
    if (limit.is_none()) Op(op::TUPLE1);
    else Save(limit), Op(op::TUPLE2);
    FinishReduce(object);
    SaveItems(in_.ToVector(object));
    return true;
  }

  void SaveOther(const Value& object) {
    py::Type* cls = in_.TypeOf(object);
    if (SaveCollection(object, cls)) return;
    if (const Value reducer = Registered(cls)) return SaveReduction(object, in_.Call(reducer, {object}));
    const py::CoreTypes& types = in_.types();
    for (py::Type* refused : {types.module, types.generator, types.iterator, types.cell, types.code, types.traceback, types.get_set,
                              types.property, types.static_method, types.class_method, types.dict_keys, types.dict_values,
                              types.dict_items, types.mapping_proxy, types.super}) {
      if (cls == refused) Cannot(object);
    }
    if (const Value method = in_.FindSpecial(object, "__reduce_ex__")) {
      if (!method.As<py::BoundMethod>() || !method.As<py::BoundMethod>()->function.As<py::NativeFunction>()) {
        return SaveReduction(object, in_.Call(method, {Value::Int(protocol_)}));
      }
    }
    if (const Value method = in_.FindSpecial(object, "__reduce__")) {
      if (!method.As<py::BoundMethod>() || !method.As<py::BoundMethod>()->function.As<py::NativeFunction>()) {
        return SaveReduction(object, in_.Call(method));
      }
    }
    SaveInstance(object);
  }

  void SaveNative(const Value& object) {
    torch::TorchState& state = torch::StateOf(in_);
    py::Type* cls = in_.TypeOf(object);
    if (auto* tensor = torch::AsTensor(object)) return SaveTensor(object, *tensor);
    if (auto* dtype = object.As<torch::DTypeObject>()) return SaveKnownGlobal("torch", std::string(TorchName(dtype->dtype)));
    if (auto* device = object.As<torch::DeviceObject>()) {
      SaveKnownGlobal("torch", "device");
      SaveText(device->kind);
      if (device->index) SaveInt(*device->index);
      Op(device->index ? op::TUPLE2 : op::TUPLE1);
      return FinishReduce(object);
    }
    if (auto* constant = object.As<torch::NamedConstant>()) {
      if (cls != state.layout) return SaveKnownGlobal("torch", constant->name.substr(constant->name.rfind('.') + 1));
      SaveKnownGlobal("torch.serialization", "_get_layout");
      SaveText(constant->name);
      Op(op::TUPLE1);
      return FinishReduce(object);
    }
    if (cls == state.size) {
      SaveKnownGlobal("torch", "Size");
      const Value items = Value(in_.NewTuple(object.As<py::Tuple>()->items()));
      SaveTuple(items, items.As<py::Tuple>()->items());
      Op(op::TUPLE1);
      return FinishReduce(object);
    }
    if (auto* number = object.As<torch::SymIntObject>()) {
      if (!number->dim.is_constant()) Cannot(object);
      int64_t value = 0;
      if (!in_.FindIndex(object, &value)) Cannot(object);
      return SaveInt(value);
    }
    if (auto* bound = object.As<py::BoundMethod>()) {
      SaveKnownGlobal("builtins", "getattr");
      Save(bound->self);
      SaveText(in_.ToStr(in_.GetAttr(object, "__name__")));
      Op(op::TUPLE2);
      return FinishReduce(object);
    }
    if (cls == state.generator || object.As<py::StaticMethod>() || object.As<py::ClassMethod>()) Cannot(object);
    SaveOther(object);
  }

  void Save(const Value& v) {
    in_.Step();
    switch (v.tag()) {
      case Value::Tag::kNull:
      case Value::Tag::kNone: return Op(op::NONE);
      case Value::Tag::kBool: return Op(v.boolean() ? op::NEWTRUE : op::NEWFALSE);
      case Value::Tag::kInt: return SaveInt(v.integer());
      case Value::Tag::kFloat: return SaveFloat(v.number());
      case Value::Tag::kObject: break;
    }
    const py::CallScope scope(in_);
    py::Type* cls = in_.TypeOf(v);
    const py::CoreTypes& types = in_.types();
    // A persistent id comes before the memo, as in PyTorch's pickler.
    if (v.object()->layout() == Layout::kInstance || v.object()->layout() == Layout::kOther) {
      if (cls->Lookup(reduce_package_)) return SavePackaged(v);
    }
    if (Known(v)) return;
    switch (v.object()->layout()) {
      case Layout::kStr:
        if (cls == types.str) return SaveText(v.As<py::Str>()->text());
        break;
      case Layout::kBytes:
        if (cls == types.bytes) {
          SaveBytes(v.As<py::Bytes>()->bytes());
          return Remember(v);
        }
        break;
      case Layout::kTuple:
        if (cls == types.tuple) return SaveTuple(v, v.As<py::Tuple>()->items());
        if (cls == torch::StateOf(in_).size) return SaveNative(v);
        break;
      case Layout::kList:
        if (cls == types.list) {
          Op(op::EMPTY_LIST);
          Remember(v);
          return SaveItems(std::vector<Value>(v.As<py::List>()->items()));
        }
        break;
      case Layout::kDict:
        if (cls == types.dict) {
          Op(op::EMPTY_DICT);
          Remember(v);
          return SavePairs(PairsOf(v.As<py::Dict>()->table));
        }
        break;
      case Layout::kSet:
        if (cls == types.set || cls == types.frozenset) return SaveSet(v, *v.As<py::Set>());
        break;
      case Layout::kSlice: {
        auto* slice = v.As<py::Slice>();
        SaveKnownGlobal("builtins", "slice");
        Save(slice->start);
        Save(slice->stop);
        Save(slice->step);
        Op(op::TUPLE3);
        return FinishReduce(v);
      }
      case Layout::kRange: {
        auto* range = v.As<py::Range>();
        SaveKnownGlobal("builtins", "range");
        SaveInt(range->start);
        SaveInt(range->stop);
        SaveInt(range->step);
        Op(op::TUPLE3);
        return FinishReduce(v);
      }
      case Layout::kEllipsis: return SaveKnownGlobal("builtins", "Ellipsis");
      case Layout::kNotImplemented: return SaveKnownGlobal("builtins", "NotImplemented");
      case Layout::kType:
        for (const auto& [type, name] : {std::pair{types.none, ""}, {types.ellipsis, "Ellipsis"}, {types.not_implemented, "NotImplemented"}}) {
          if (v.object() != type) continue;
          SaveKnownGlobal("builtins", "type");
          if (*name == '\0') Op(op::NONE);
          else SaveKnownGlobal("builtins", name);
          Op(op::TUPLE1);
          return FinishReduce(v);
        }
        return SaveGlobal(v);
      case Layout::kFunction:
      case Layout::kNativeFunction: return SaveGlobal(v);
      case Layout::kModule: Cannot(v);
      default: break;
    }
    SaveNative(v);
  }

  // ("reduce_package", id, function, arguments) as a persistent id.
  void SavePackaged(const Value& object) {
    const auto [id, reduction] = target_.ReducePackage(in_, object);
    auto* tuple = reduction.As<py::Tuple>();
    if (tuple == nullptr || tuple->size() < 2) Fail("__reduce_package__ must return a function and its arguments");
    Op(op::MARK);
    SaveText("reduce_package");
    SaveInt(id);
    for (const Value& part : tuple->items()) Save(part);
    Op(op::TUPLE);
    Op(op::BINPERSID);
  }

  Interpreter& in_;
  const int protocol_;
  PickleTarget& target_;
  std::vector<PickledGlobal>& globals_;
  py::Str* reduce_package_ = in_.Intern("__reduce_package__");
  std::string out_;
  size_t next_ = 0;
  std::unordered_map<const py::Object*, size_t> memo_;
  std::unordered_map<std::string, size_t> text_memo_;
  std::vector<Value> kept_;
  std::set<std::string> used_;
  Value table_;
};

}  // namespace

std::string Pickle(py::Interpreter& in, const py::Value& object, int protocol, PickleTarget& target, std::vector<PickledGlobal>* globals) {
  return Pickler(in, protocol, target, globals).Dump(object);
}

}  // namespace fusepack
