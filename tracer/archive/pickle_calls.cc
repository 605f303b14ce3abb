// The calls that a pickle may make: an exact list, each with our own meaning for it. Arguments have the order of the
// reducers in torch/_utils.py, torch/_tensor.py and Python's copyreg.py.
//
// A listed call with arguments of another form is an error where they could only be wrong (tensors), and stays an
// inert kReduce where Python has more forms than we give meaning to (deque, range, ...).
#include <algorithm>
#include <charconv>

#include "kernels/base/checked.h"
#include "tracer/archive/pickle_machine.h"
#include "tracer/archive/printable.h"

namespace fusepack::archive {
namespace {

struct StorageType {
  std::string_view name;
  DType dtype;
};
constexpr StorageType kStorageTypes[] = {
    {"BoolStorage", DType::kBool},     {"ByteStorage", DType::kU8},
    {"CharStorage", DType::kI8},       {"ShortStorage", DType::kI16},
    {"IntStorage", DType::kI32},       {"LongStorage", DType::kI64},
    {"HalfStorage", DType::kF16},      {"BFloat16Storage", DType::kBF16},
    {"FloatStorage", DType::kF32},     {"DoubleStorage", DType::kF64},
    {"ComplexFloatStorage", DType::kC64}, {"ComplexDoubleStorage", DType::kC128},
};

std::string Kind_(const PickleValue& value) { return std::string(PickleKindName(value.kind)); }

}  // namespace

PickleMachine::Call PickleMachine::FindAllowed(std::string_view module, std::string_view name) {
  using M = PickleMachine;
  static constexpr AllowedCall kAllowed[] = {
      {"_codecs", "encode", &M::EncodeBytes},
      {"builtins", "bytearray", &M::ByteArray},
      {"builtins", "bytes", &M::EmptyBytes},
      {"builtins", "complex", &M::Complex},
      {"builtins", "frozenset", &M::FrozenSet},
      {"builtins", "getattr", &M::GetAttribute},
      {"builtins", "range", &M::Range},
      {"builtins", "set", &M::Set},
      {"builtins", "slice", &M::Slice},
      {"collections", "OrderedDict", &M::OrderedDict},
      {"collections", "defaultdict", &M::DefaultDict},
      {"collections", "deque", &M::Deque},
      {"copyreg", "__newobj__", &M::NewObject},
      {"copyreg", "__newobj_ex__", &M::NewObjectEx},
      {"copyreg", "_reconstructor", &M::Reconstruct},
      {"functools", "partial", &M::Partial},
      {"torch", "Size", &M::Size},
      {"torch", "device", &M::Device},
      {"torch._tensor", "_rebuild_from_type_v2", &M::RebuildFromType},
      {"torch._utils", "_rebuild_parameter", &M::RebuildParameter},
      {"torch._utils", "_rebuild_parameter_with_state", &M::RebuildParameter},
      {"torch._utils", "_rebuild_tensor", &M::RebuildTensor},
      {"torch._utils", "_rebuild_tensor_v2", &M::RebuildTensorV2},
      {"torch._utils", "_rebuild_tensor_v3", &M::RebuildTensorV3},
      {"torch.serialization", "_get_layout", &M::Layout},
  };
  for (const AllowedCall& allowed : kAllowed) {
    if (allowed.module == module && allowed.name == name) return allowed.call;
  }
  return nullptr;
}

bool PickleMachine::HasOwnMeaning(std::string_view module, std::string_view name) {
  DType dtype = DType::kU8;
  bool untyped = false;
  return FindAllowed(module, name) != nullptr || IsStorageType(module, name, &dtype, &untyped) ||
         (module == "torch" && DTypeFromTorchName(name).has_value());
}
bool HasOwnMeaning(std::string_view module, std::string_view name) { return PickleMachine::HasOwnMeaning(module, name); }

bool PickleMachine::IsStorageType(std::string_view module, std::string_view name, DType* dtype, bool* untyped) {
  if (module != "torch" && module != "torch.storage") return false;
  *untyped = name == "UntypedStorage";
  if (*untyped) {
    *dtype = DType::kU8;
    return true;
  }
  for (const StorageType& known : kStorageTypes) {
    if (known.name != name) continue;
    *dtype = known.dtype;
    return true;
  }
  return false;
}

bool PickleMachine::Int64(const PickleValue& value, int64_t* out) {
  if (!value.is(Kind::kInt)) return false;
  *out = value.integer;
  return true;
}

// ---- tensors ----

Status PickleMachine::IntTuple(const PickleValue& value, const char* what, Dims* out) {
  if (!value.is(Kind::kTuple) && !value.is(Kind::kSize) && !value.is(Kind::kList)) {
    return Bad(std::string(what) + " in a " + Kind_(value), "a tuple of ints");
  }
  if (value.items.size() > kMaxRank) {
    return TooMuch("a tensor of " + std::to_string(value.items.size()) + " dimensions", "at most " + std::to_string(kMaxRank));
  }
  for (const PickleValue* item : value.items) {
    int64_t number = 0;
    if (!Int64(*item, &number)) return Bad("a " + Kind_(*item) + " in a tensor's " + what, "an int");
    if (number < 0) return Bad("a negative " + std::string(what) + " " + std::to_string(number), "0 or more");
    out->push_back(number);
  }
  return OkStatus();
}

// The view of `size` and `stride` elements of `dtype` at element `offset` must lie inside the storage.
Status PickleMachine::MakeTensor(const PickleValue& storage, const PickleValue& offset, const PickleValue& size,
                                 const PickleValue& stride, DType dtype, Value* result) {
  TensorRef tensor;
  tensor.storage = storage.storage;
  tensor.dtype = dtype;
  FP_RETURN_IF_ERROR(IntTuple(size, "size", &tensor.sizes));
  FP_RETURN_IF_ERROR(IntTuple(stride, "stride", &tensor.strides));
  if (tensor.sizes.size() != tensor.strides.size()) {
    return Bad(std::to_string(tensor.strides.size()) + " strides for sizes " + tensor.sizes.ToString(), "as many");
  }
  if (!Int64(offset, &tensor.offset) || tensor.offset < 0) return Bad("a tensor offset that is no number >= 0", "one");
  const CheckedI64 item(static_cast<int64_t>(ItemSize(dtype)));
  const CheckedI64 numel = CheckedNumel(tensor.sizes);
  if (!(numel * item).ok()) return Bad("sizes " + tensor.sizes.ToString(), "fewer than 2^63 bytes");
  CheckedI64 last(tensor.offset);  // one past the highest element that the view touches
  if (numel.value() != 0) {
    for (int i = 0; i < tensor.sizes.size(); i++) last += CheckedI64(tensor.sizes[i] - 1) * tensor.strides[i];
    last += 1;
  }
  const int64_t bytes = static_cast<int64_t>(tree_->storages_->at(storage.storage).bytes.size());
  if (!(last * item).Within(bytes)) {
    return Bad("a view of sizes " + tensor.sizes.ToString() + ", strides " + tensor.strides.ToString() + " at element " +
                   std::to_string(tensor.offset),
               "one inside its storage of " + std::to_string(bytes) + " bytes");
  }
  if (dtype == DType::kBool) FP_RETURN_IF_ERROR(CheckBools(storage.storage));
  FP_RETURN_IF_ERROR(Charge(sizeof(TensorRef)));
  FP_RETURN_IF_ERROR(New(Kind::kTensor, result));
  (*result)->integer = static_cast<int64_t>(tree_->tensors_.size());
  tree_->tensors_.push_back(tensor);
  return OkStatus();
}

// C++ has no meaning for a bool that is neither 0 nor 1. A storage is looked through once.
Status PickleMachine::CheckBools(int32_t storage) {
  if (!bool_storages_.insert(storage).second) return OkStatus();
  const Bytes& bytes = tree_->storages_->at(storage).bytes;
  if (std::any_of(bytes.span.begin(), bytes.span.end(), [](uint8_t b) { return b > 1; })) {
    return Bad("a bool that is neither 0 nor 1", "0 or 1");
  }
  return OkStatus();
}

Status PickleMachine::SetGrad(const PickleValue& requires_grad, Value tensor) {
  if (!requires_grad.is(Kind::kBool)) return Bad("requires_grad is a " + Kind_(requires_grad), "a bool");
  tree_->tensors_[tensor->integer].requires_grad = requires_grad.integer != 0;
  return OkStatus();
}

// (storage, offset, size, stride)
Status PickleMachine::RebuildTensor(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() < 4) return Bad(std::to_string(arg.size()) + " arguments", "storage, offset, size and stride");
  if (!arg[0]->is(Kind::kStorage)) return Bad("a tensor over a " + Kind_(*arg[0]), "a storage");
  if (arg[0]->number != 0) return Bad("a tensor without a dtype over an UntypedStorage", "_rebuild_tensor_v3");
  return MakeTensor(*arg[0], *arg[1], *arg[2], *arg[3], arg[0]->dtype, result);
}

// (storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
Status PickleMachine::RebuildTensorV2(const PickleValue& args, Value* result) {
  if (args.items.size() < 6 || args.items.size() > 7) {
    return Bad(std::to_string(args.items.size()) + " arguments", "6 or 7");
  }
  // Metadata says that the values stand for their conjugate or negative.
  if (args.items.size() == 7) {
    for (const auto& [key, value] : args.items[6]->pairs) {
      if (!value->is(Kind::kBool) || value->integer != 0) return Bad("a lazily conjugated or negated tensor", "a plain one");
    }
  }
  FP_RETURN_IF_ERROR(RebuildTensor(args, result));
  return SetGrad(*args.items[4], *result);
}

// (storage, offset, size, stride, requires_grad, backward_hooks, dtype[, metadata]); the storage is untyped
Status PickleMachine::RebuildTensorV3(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() < 7 || arg.size() > 8) return Bad(std::to_string(arg.size()) + " arguments", "7 or 8");
  if (!arg[0]->is(Kind::kStorage)) return Bad("a tensor over a " + Kind_(*arg[0]), "a storage");
  if (!arg[6]->is(Kind::kDType)) {
    return Bad("dtype " + Printable(arg[6]->is(Kind::kGlobal) ? arg[6]->QualifiedName() : Kind_(*arg[6])), "a supported one");
  }
  FP_RETURN_IF_ERROR(MakeTensor(*arg[0], *arg[1], *arg[2], *arg[3], arg[6]->dtype, result));
  return SetGrad(*arg[4], *result);
}

// (tensor, requires_grad, backward_hooks[, state]): a new object over the same view
Status PickleMachine::RebuildParameter(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() < 3 || arg.size() > 4) return Bad(std::to_string(arg.size()) + " arguments", "3 or 4");
  if (!arg[0]->is(Kind::kTensor)) return Bad("a parameter over a " + Kind_(*arg[0]), "a tensor");
  FP_RETURN_IF_ERROR(Charge(sizeof(TensorRef)));
  FP_RETURN_IF_ERROR(New(Kind::kTensor, result));
  (*result)->integer = static_cast<int64_t>(tree_->tensors_.size());
  TensorRef tensor = tree_->tensors_[arg[0]->integer];
  tensor.is_parameter = true;
  tree_->tensors_.push_back(tensor);
  if (arg.size() == 4 && !arg[3]->is(Kind::kNone)) (*result)->state = arg[3];
  return SetGrad(*arg[1], *result);
}

// (rebuild function, type, its arguments, state): a tensor with attributes of its own
Status PickleMachine::RebuildFromType(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() != 4 || !arg[0]->is(Kind::kGlobal) || !arg[1]->is(Kind::kGlobal) || !arg[2]->is(Kind::kTuple)) return OkStatus();
  const bool plain = (arg[1]->text == "torch" && arg[1]->name == "Tensor") ||
                     (arg[1]->text == "torch.nn.parameter" && (arg[1]->name == "Parameter" || arg[1]->name == "Buffer"));
  const Call call = FindAllowed(arg[0]->text, arg[0]->name);
  const bool rebuilds = arg[0]->text == "torch._utils" && call != nullptr;
  if (!plain || !rebuilds) return OkStatus();  // a subclass: inert
  FP_RETURN_IF_ERROR((this->*call)(*arg[2], result));
  if (*result != nullptr && (*result)->is(Kind::kTensor)) {
    if (arg[1]->name == "Parameter") tree_->tensors_[(*result)->integer].is_parameter = true;
    if (!arg[3]->is(Kind::kNone)) (*result)->state = arg[3];
  }
  return OkStatus();
}

// ---- containers ----

// kind(iterable) or kind()
Status PickleMachine::CopyIterable(const PickleValue& args, Kind kind, Value* result) {
  if (args.items.size() > 1) return OkStatus();
  const PickleValue* from = args.items.empty() ? nullptr : args.items[0];
  if (from != nullptr && !from->is(Kind::kList) && !from->is(Kind::kTuple) && !from->is(Kind::kSet) && !from->is(Kind::kFrozenSet)) {
    return OkStatus();
  }
  FP_RETURN_IF_ERROR(New(kind, result));
  if (from == nullptr) return OkStatus();
  FP_RETURN_IF_ERROR(Charge(from->items.size() * sizeof(Value)));
  (*result)->items = from->items;
  return OkStatus();
}

Status PickleMachine::Set(const PickleValue& args, Value* result) { return CopyIterable(args, Kind::kSet, result); }
Status PickleMachine::FrozenSet(const PickleValue& args, Value* result) { return CopyIterable(args, Kind::kFrozenSet, result); }

// OrderedDict() or OrderedDict([[key, value], ...])
Status PickleMachine::OrderedDict(const PickleValue& args, Value* result) {
  if (args.items.size() > 1) return OkStatus();
  std::vector<std::pair<const PickleValue*, const PickleValue*>> pairs;
  if (!args.items.empty()) {
    const PickleValue& from = *args.items[0];
    if (!from.is(Kind::kList) && !from.is(Kind::kTuple)) return OkStatus();
    FP_RETURN_IF_ERROR(Charge(from.items.size() * sizeof(pairs[0])));
    for (const PickleValue* item : from.items) {
      if ((!item->is(Kind::kList) && !item->is(Kind::kTuple)) || item->items.size() != 2) return OkStatus();
      pairs.emplace_back(item->items[0], item->items[1]);
    }
  }
  FP_RETURN_IF_ERROR(New(Kind::kOrderedDict, result));
  (*result)->pairs = std::move(pairs);
  return OkStatus();
}

Status PickleMachine::DefaultDict(const PickleValue& args, Value* result) {
  if (args.items.size() > 1) return OkStatus();
  FP_RETURN_IF_ERROR(New(Kind::kDefaultDict, result));
  if (!args.items.empty() && !args.items[0]->is(Kind::kNone)) (*result)->callable = args.items[0];
  return OkStatus();
}

// deque(), deque(items) or deque(items, maxlen)
Status PickleMachine::Deque(const PickleValue& args, Value* result) {
  if (args.items.size() > 2) return OkStatus();
  const PickleValue* maxlen = args.items.size() == 2 ? args.items[1] : nullptr;
  if (maxlen != nullptr && !maxlen->is(Kind::kNone) && !maxlen->is(Kind::kInt)) return OkStatus();
  const PickleValue* from = args.items.empty() ? nullptr : args.items[0];
  if (from != nullptr && !from->is(Kind::kList) && !from->is(Kind::kTuple)) return OkStatus();
  FP_RETURN_IF_ERROR(New(Kind::kDeque, result));
  (*result)->args = maxlen;
  if (from == nullptr) return OkStatus();
  FP_RETURN_IF_ERROR(Charge(from->items.size() * sizeof(Value)));
  (*result)->items = from->items;
  return OkStatus();
}

// ---- classes and objects ----

// getattr(global, "name"): a nested class or an enum member, as protocols below 4 write it
Status PickleMachine::GetAttribute(const PickleValue& args, Value* result) {
  if (args.items.size() != 2 || !args.items[0]->is(Kind::kGlobal) || !args.items[1]->is(Kind::kStr)) return OkStatus();
  FP_ASSIGN_OR_RETURN(const std::string_view name,
                      KeepText(std::string(args.items[0]->name) + "." + std::string(args.items[1]->text)));
  return MakeGlobal(args.items[0]->text, name, result);
}

// partial(func, *args); keywords follow in BUILD
Status PickleMachine::Partial(const PickleValue& args, Value* result) {
  if (args.items.empty()) return Bad("functools.partial without a function", "one");
  Value rest;
  FP_RETURN_IF_ERROR(New(Kind::kTuple, &rest));
  FP_RETURN_IF_ERROR(Charge(args.items.size() * sizeof(Value)));
  rest->items.assign(args.items.begin() + 1, args.items.end());
  FP_RETURN_IF_ERROR(New(Kind::kPartial, result));
  (*result)->callable = args.items[0];
  (*result)->args = rest;
  return OkStatus();
}

// _reconstructor(class, base, state): protocols 0 and 1; state is the content of a dict or list base
Status PickleMachine::Reconstruct(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() != 3 || !arg[0]->is(Kind::kGlobal) || !arg[1]->is(Kind::kGlobal) || arg[1]->text != "builtins") return OkStatus();
  const bool object = arg[1]->name == "object" && arg[2]->is(Kind::kNone);
  const bool dict = arg[1]->name == "dict" && arg[2]->is(Kind::kDict);
  const bool list = arg[1]->name == "list" && arg[2]->is(Kind::kList);
  if (!object && !dict && !list) return OkStatus();
  Value none;
  FP_RETURN_IF_ERROR(New(Kind::kTuple, &none));
  FP_RETURN_IF_ERROR(New(Kind::kObject, result));
  FP_RETURN_IF_ERROR(Charge((arg[2]->items.size() + 2 * arg[2]->pairs.size()) * sizeof(Value)));
  (*result)->callable = arg[0];
  (*result)->args = none;
  (*result)->items = arg[2]->items;
  (*result)->pairs = arg[2]->pairs;
  return OkStatus();
}

// __newobj__(class, *args)
Status PickleMachine::NewObject(const PickleValue& args, Value* result) {
  if (args.items.empty()) return Bad("__newobj__ without a class", "one");
  Value rest;
  FP_RETURN_IF_ERROR(New(Kind::kTuple, &rest));
  FP_RETURN_IF_ERROR(Charge(args.items.size() * sizeof(Value)));
  rest->items.assign(args.items.begin() + 1, args.items.end());
  if (!args.items[0]->is(Kind::kGlobal) || args.items[0]->text == "copyreg") return Bad("__newobj__ of no class", "a class");
  return MakeCall(*args.items[0], *rest, nullptr, true, result);
}

// __newobj_ex__(class, args, kwargs)
Status PickleMachine::NewObjectEx(const PickleValue& args, Value* result) {
  const auto& arg = args.items;
  if (arg.size() != 3 || !arg[0]->is(Kind::kGlobal) || !arg[1]->is(Kind::kTuple) || !arg[2]->is(Kind::kDict)) {
    return Bad("__newobj_ex__ with other arguments", "(class, args, kwargs)");
  }
  return MakeCall(*arg[0], *arg[1], arg[2], true, result);
}

// ---- numbers and bytes ----

Status PickleMachine::Complex(const PickleValue& args, Value* result) {
  double part[2] = {0, 0};
  if (args.items.size() > 2) return OkStatus();
  for (size_t i = 0; i < args.items.size(); i++) {
    const PickleValue& value = *args.items[i];
    if (!value.is(Kind::kFloat) && !value.is(Kind::kInt)) return OkStatus();
    part[i] = value.is(Kind::kFloat) ? value.number : static_cast<double>(value.integer);
  }
  FP_RETURN_IF_ERROR(New(Kind::kComplex, result));
  (*result)->number = part[0];
  (*result)->imaginary = part[1];
  return OkStatus();
}

Status PickleMachine::Slice(const PickleValue& args, Value* result) {
  if (args.items.size() != 3) return OkStatus();
  FP_RETURN_IF_ERROR(New(Kind::kSlice, result));
  (*result)->items = args.items;
  return Charge(3 * sizeof(Value));
}

Status PickleMachine::Range(const PickleValue& args, Value* result) {
  if (args.items.size() != 3) return OkStatus();
  for (const PickleValue* item : args.items) {
    if (!item->is(Kind::kInt)) return OkStatus();
  }
  if (args.items[2]->integer == 0) return Bad("a range with step 0", "another step");
  FP_RETURN_IF_ERROR(New(Kind::kRange, result));
  (*result)->items = args.items;
  return Charge(3 * sizeof(Value));
}

// UTF-8 text whose code points are bytes, to those bytes.
Status PickleMachine::Latin1(std::string_view text, Kind kind, Value* result) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i++) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      bytes += static_cast<char>(c);
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      bytes += static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f));
    } else {
      return Bad("bytes as text with a character over 255", "Latin-1");
    }
  }
  FP_ASSIGN_OR_RETURN(const std::string_view kept, KeepText(std::move(bytes)));
  FP_RETURN_IF_ERROR(New(kind, result));
  (*result)->text = kept;
  return OkStatus();
}

// _codecs.encode(text, "latin1"): bytes in protocols 0 to 2
Status PickleMachine::EncodeBytes(const PickleValue& args, Value* result) {
  if (args.items.size() != 2 || !args.items[0]->is(Kind::kStr) || !args.items[1]->is(Kind::kStr)) return OkStatus();
  if (args.items[1]->text != "latin1" && args.items[1]->text != "latin-1") return OkStatus();
  return Latin1(args.items[0]->text, Kind::kBytes, result);
}

Status PickleMachine::EmptyBytes(const PickleValue& args, Value* result) {
  return args.items.empty() ? New(Kind::kBytes, result) : OkStatus();
}

// bytearray(), bytearray(bytes), bytearray(text, "latin-1")
Status PickleMachine::ByteArray(const PickleValue& args, Value* result) {
  if (args.items.size() == 2 && args.items[0]->is(Kind::kStr) && args.items[1]->is(Kind::kStr) &&
      (args.items[1]->text == "latin-1" || args.items[1]->text == "latin1")) {
    return Latin1(args.items[0]->text, Kind::kByteArray, result);
  }
  if (args.items.size() > 1 || (args.items.size() == 1 && !args.items[0]->is(Kind::kBytes))) return OkStatus();
  FP_RETURN_IF_ERROR(New(Kind::kByteArray, result));
  if (!args.items.empty()) (*result)->text = args.items[0]->text;
  return OkStatus();
}

// ---- torch's small values ----

Status PickleMachine::Size(const PickleValue& args, Value* result) {
  if (args.items.size() > 1) return OkStatus();
  const PickleValue* from = args.items.empty() ? nullptr : args.items[0];
  if (from != nullptr) {
    if (!from->is(Kind::kTuple) && !from->is(Kind::kList)) return OkStatus();
    for (const PickleValue* item : from->items) {
      if (!item->is(Kind::kInt)) return Bad("a " + Kind_(*item) + " in a torch.Size", "ints");
    }
    FP_RETURN_IF_ERROR(Charge(from->items.size() * sizeof(Value)));
  }
  FP_RETURN_IF_ERROR(New(Kind::kSize, result));
  if (from != nullptr) (*result)->items = from->items;
  return OkStatus();
}

// device("cuda"), device("cuda:1") or device("cuda", 1)
Status PickleMachine::Device(const PickleValue& args, Value* result) {
  if (args.items.empty() || args.items.size() > 2 || !args.items[0]->is(Kind::kStr)) return OkStatus();
  std::string_view type = args.items[0]->text;
  int64_t index = -1;
  if (args.items.size() == 2 && !Int64(*args.items[1], &index)) return OkStatus();
  const size_t colon = type.find(':');
  if (colon != std::string_view::npos) {
    const char* end = type.data() + type.size();
    const auto [stop, error] = std::from_chars(type.data() + colon + 1, end, index);
    if (error != std::errc() || stop != end || index < 0) return Bad("device " + Printable(type), "\"type:index\"");
    type = type.substr(0, colon);
  }
  FP_RETURN_IF_ERROR(New(Kind::kDevice, result));
  (*result)->text = type;
  (*result)->integer = index;
  return OkStatus();
}

Status PickleMachine::Layout(const PickleValue& args, Value* result) {
  if (args.items.size() != 1 || !args.items[0]->is(Kind::kStr)) return OkStatus();
  FP_RETURN_IF_ERROR(New(Kind::kLayout, result));
  (*result)->text = args.items[0]->text;
  return OkStatus();
}

}  // namespace fusepack::archive
