// The pickle is of protocol 2, in the forms that torch/csrc/jit/serialization/unpickler.cpp knows: an object is its class
// and NEWOBJ, then BUILD with a dict of its declared attributes (or with what its own __getstate__ gives); lists and dicts
// stand in restore_type_tag with their declared type; a tensor is _rebuild_tensor_v2 over a storage; an enum member is a
// call of its class. Objects, lists and dicts that are met twice are memoised.
#include "tracer/torchscript/write.h"

#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

#include "tracer/torch/tensor_value.h"
#include "tracer/torchscript/declarations.h"
#include "tracer/torchscript/type_text.h"
#include "tracer/torchscript/unit.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;

namespace {

constexpr int kMaxDepth = 200;
constexpr const char* kStorageNames[kDTypeCount] = {
    "BoolStorage", "ByteStorage", "CharStorage", "ShortStorage", "IntStorage", "LongStorage", "HalfStorage",
    "BFloat16Storage", "FloatStorage", "DoubleStorage", "ComplexFloatStorage", "ComplexDoubleStorage"};

Bytes TextBytes(const std::string& text) { return Bytes::FromVector({text.begin(), text.end()}); }

class Pickler {
 public:
  Pickler(Interpreter& in, CompilationUnit& unit, std::string folder) : in_(in), unit_(unit), folder_(std::move(folder)) { out_ = "\x80\x02"; }

  std::string Finish() { return out_ + "."; }
  // data/0, data/1, ... in the order of first use.
  std::vector<archive::NewRecord> Storages() const {
    std::vector<archive::NewRecord> out;
    for (size_t i = 0; i < storages_.size(); i++) {
      const Storage& s = *storages_[i];
      Bytes bytes;
      bytes.span = {static_cast<const uint8_t*>(s.data()), static_cast<size_t>(s.bytes())};
      bytes.owner = storages_[i];
      out.push_back({folder_ + "/" + std::to_string(i), std::move(bytes)});
    }
    return out;
  }

  void PushTuple(const std::vector<Value>& values) {
    out_ += '(';
    for (const Value& v : values) Push(v, "");
    out_ += 't';
  }

  void Push(const Value& v, const std::string& declared) {
    in_.Step();
    if (++depth_ > kMaxDepth) Refuse("a value nested deeper than " + std::to_string(kMaxDepth) + " levels");
    PushNew(v, StripOptional(declared));
    depth_--;
  }

 private:
  [[noreturn]] void Refuse(const std::string& found) {
    throw py::Fatal{BadInput("torch.jit.save", found, "what TorchScript keeps").error()};
  }

  void PushNew(const Value& v, const std::string& type) {
    if (v.is_none()) {
      out_ += 'N';
    } else if (v.is_bool()) {
      out_ += v.boolean() ? '\x88' : '\x89';
    } else if (v.is_int()) {
      if (type == "float") PushFloat(static_cast<double>(v.integer()));
      else PushInt(v.integer());
    } else if (v.is_float()) {
      PushFloat(v.number());
    } else if (auto* text = v.As<Str>()) {
      PushText(text->text());
    } else if (torch::AsTensor(v) != nullptr) {
      PushTensor(v);
    } else if (auto* tuple = v.As<py::Tuple>()) {
      PushTuple(*tuple, v, type);
    } else if (Recall(v)) {
      return;
    } else if (auto* list = v.As<py::List>()) {
      Tagged(type, "List[Tensor]", [&] {
        const std::vector<std::string> parts = TypeParts(type);
        out_ += "](";
        for (const Value& item : in_.ToVector(Value(list))) Push(item, parts.size() == 1 ? parts[0] : "");
        out_ += 'e';
      });
      Remember(v);
    } else if (auto* dict = v.As<py::Dict>()) {
      Tagged(type, "Dict[str, Tensor]", [&] {
        const std::vector<std::string> parts = TypeParts(type);
        out_ += "}(";
        for (const auto& entry : std::vector(dict->table.entries())) {
          if (!entry.key) continue;
          Push(entry.key, parts.size() == 2 ? parts[0] : "");
          Push(entry.value, parts.size() == 2 ? parts[1] : "");
        }
        out_ += 'u';
      });
      Remember(v);
    } else {
      PushObject(v, type);
    }
  }

  template <typename F>
  void Tagged(const std::string& type, const char* otherwise, F content) {
    Global("torch.jit._pickle", "restore_type_tag");
    content();
    PushText(type.find('[') == std::string::npos ? otherwise : type);
    out_ += "\x86R";
  }

  void PushTuple(const py::Tuple& tuple, const Value& v, const std::string& type) {
    // torch.Size is a list of TorchScript.
    if (type.starts_with("List[")) {
      std::vector<Value> items;
      for (size_t i = 0; i < tuple.size(); i++) items.push_back(tuple[i]);
      return PushNew(Value(in_.NewList(std::move(items))), type);
    }
    const bool named = type.starts_with("__torch__.");
    std::vector<std::string> types = TypeParts(type);
    if (named) {
      Class(type);
      types.clear();
    }
    out_ += '(';
    for (size_t i = 0; i < tuple.size(); i++) Push(tuple[i], i < types.size() ? types[i] : "");
    out_ += 't';
    if (named) out_ += 'R';
    (void)v;
  }

  void PushObject(const Value& v, const std::string& type) {
    if (in_.IsInstance(v, in_.GetAttr(in_.Import("torch"), "device"))) {
      Global("torch", "device");
      PushText(in_.ToStr(v));
      out_ += "\x85R";
      return;
    }
    if (in_.IsInstance(v, in_.GetAttr(in_.Import("enum"), "Enum"))) {
      if (type.starts_with("__torch__.")) Class(type);
      else Class(QualifiedName(v));
      Push(in_.GetAttr(v, "value"), "");
      out_ += 'R';
      return;
    }
    const py::Type* cls = in_.TypeOf(v);
    const std::string qualified = QualifiedName(v);
    if (!unit_.Has(in_, cls)) Refuse("an object of type " + in_.TypeName(v));
    const ClassDeclarations& declared = DeclarationsFor(qualified);
    Class(qualified);
    out_ += ")\x81";
    if (declared.HasMethod("__getstate__")) {
      Push(in_.CallMethod(v, "__getstate__"), "");
    } else {
      out_ += "}(";
      for (const auto& [name, attribute_type] : declared.attributes) {
        const Value attribute = in_.FindAttr(v, name);
        if (!attribute) Refuse("an object of " + qualified + " without its attribute '" + name + "'");
        PushText(name);
        Push(attribute, attribute_type);
      }
      out_ += 'u';
    }
    out_ += 'b';
    Remember(v);
  }

  std::string QualifiedName(const Value& v) {
    const py::Type* cls = in_.TypeOf(v);
    return cls->module() + "." + cls->name();
  }

  const ClassDeclarations& DeclarationsFor(const std::string& qualified) {
    const auto found = declarations_.find(qualified);
    if (found != declarations_.end()) return found->second;
    const size_t dot = qualified.rfind('.');
    const auto source = unit_.sources().find(qualified.substr(0, dot));
    if (source == unit_.sources().end()) Refuse("class " + qualified + ", which has no code");
    auto read = DeclarationsOf(source->second, qualified.substr(dot + 1));
    if (!read.ok()) throw py::Fatal{read.error()};
    return declarations_[qualified] = std::move(*read);
  }

  void Class(const std::string& qualified) {
    const size_t dot = qualified.rfind('.');
    Global(qualified.substr(0, dot), qualified.substr(dot + 1));
  }

  void Global(const std::string& module, const std::string& name) {
    const auto [at, added] = globals_.emplace(module + " " + name, memo_);
    if (!added) return Get(at->second);
    out_ += "c" + module + "\n" + name + "\n";
    Put();
  }

  void Put() {
    if (memo_ < 256) {
      out_ += 'q';
      out_ += static_cast<char>(memo_);
    } else {
      out_ += 'r';
      Little(memo_, 4);
    }
    memo_++;
  }
  void Get(uint32_t index) {
    if (index < 256) {
      out_ += 'h';
      out_ += static_cast<char>(index);
    } else {
      out_ += 'j';
      Little(index, 4);
    }
  }
  void Remember(const Value& v) {
    seen_[v.object()] = memo_;
    kept_.push_back(v);
    Put();
  }
  bool Recall(const Value& v) {
    if (!v.is_object()) return false;
    const auto found = seen_.find(v.object());
    if (found == seen_.end()) return false;
    Get(found->second);
    return true;
  }

  void Little(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) out_ += static_cast<char>(value >> (8 * i) & 0xff);
  }

  void PushText(std::string_view text) {
    const auto [at, added] = texts_.emplace(std::string(text), memo_);
    if (!added) return Get(at->second);
    out_ += 'X';
    Little(text.size(), 4);
    out_ += text;
    Put();
  }

  void PushInt(int64_t value) {
    if (value >= 0 && value < 256) {
      out_ += 'K';
      Little(value, 1);
    } else if (value >= 0 && value < 65536) {
      out_ += 'M';
      Little(value, 2);
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
      out_ += 'J';
      Little(static_cast<uint64_t>(value), 4);
    } else {
      out_ += "\x8a\x08";
      Little(static_cast<uint64_t>(value), 8);
    }
  }

  void PushFloat(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    out_ += 'G';
    for (int i = 7; i >= 0; i--) out_ += static_cast<char>(bits >> (8 * i) & 0xff);
  }

  void PushTensor(const Value& v) {
    torch::TensorObject* object = torch::AsTensor(v);
    if (object->traced()) Refuse("a tensor that is being traced");
    const Tensor& tensor = object->real(in_);
    const auto [at, added] = storage_index_.emplace(tensor.storage().get(), storages_.size());
    if (added) storages_.push_back(tensor.storage());
    Global("torch._utils", "_rebuild_tensor_v2");
    out_ += "((";
    PushText("storage");
    Global("torch", kStorageNames[static_cast<int>(tensor.dtype())]);
    PushText(std::to_string(at->second));
    PushText("cpu");
    PushInt(tensor.storage()->bytes() / static_cast<int64_t>(ItemSize(tensor.dtype())));
    out_ += "tQ";
    PushInt(tensor.offset());
    for (const Dims* dims : {&tensor.sizes(), &tensor.strides()}) {
      out_ += '(';
      for (int64_t d : *dims) PushInt(d);
      out_ += 't';
    }
    out_ += object->requires_grad ? '\x88' : '\x89';
    Global("collections", "OrderedDict");
    out_ += ")RtR";
  }

  Interpreter& in_;
  CompilationUnit& unit_;
  const std::string folder_;
  std::string out_;
  uint32_t memo_ = 0;
  int depth_ = 0;
  std::map<std::string, uint32_t> globals_, texts_;
  std::unordered_map<const py::Object*, uint32_t> seen_;
  std::vector<Value> kept_;
  std::map<std::string, ClassDeclarations> declarations_;
  std::unordered_map<const Storage*, size_t> storage_index_;
  std::vector<std::shared_ptr<Storage>> storages_;
};

std::string RecordOf(const std::string& module) {
  std::string path = module;
  for (char& c : path) c = c == '.' ? '/' : c;
  return "code/" + path + ".py";
}

}  // namespace

Result<std::vector<archive::NewRecord>> TorchScriptRecords(Interpreter& in, const Value& module, const ExtraFiles& extra) {
  std::vector<archive::NewRecord> records;
  int version = archive::kTorchScriptVersion;
  const auto done = in.Try([&] {
    CompilationUnit* unit = module.is_object() ? UnitOf(in, in.TypeOf(module)) : nullptr;
    if (unit == nullptr) throw py::Fatal{BadInput("torch.jit.save", "an object of type " + in.TypeName(module), "a scripted module").error()};
    version = unit->version();  // operators mean what they meant in the file's
    Pickler data(in, *unit, "data"), constants(in, *unit, "constants");
    data.Push(module, "");
    constants.PushTuple(unit->constants());
    for (archive::NewRecord& r : data.Storages()) records.push_back(std::move(r));
    records.push_back({"data.pkl", TextBytes(data.Finish())});
    for (const auto& [name, text] : extra) records.push_back({"extra/" + name, TextBytes(text)});
    for (const auto& [name, text] : unit->sources()) records.push_back({RecordOf(name), TextBytes(text)});
    for (archive::NewRecord& r : constants.Storages()) records.push_back(std::move(r));
    records.push_back({"constants.pkl", TextBytes(constants.Finish())});
    return Value::None();
  });
  if (!done.ok()) return done.status();
  archive::FinishContainer(&records, version);
  return records;
}

Status SaveTorchScript(Interpreter& in, const Value& module, const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto records, TorchScriptRecords(in, module));
  return archive::WriteZipFile(path, records);
}

}  // namespace fusepack::torchscript
