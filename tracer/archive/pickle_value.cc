#include "tracer/archive/pickle_value.h"

#include <charconv>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>

#include "tracer/archive/printable.h"

namespace fusepack::archive {

std::string_view PickleKindName(PickleKind kind) {
  static constexpr std::string_view kNames[] = {
#define X(kind, name) name,
      FUSEPACK_PICKLE_KINDS(X)
#undef X
  };
  return kNames[static_cast<size_t>(kind)];
}

const PickleValue* PickleValue::Get(std::string_view key) const {
  for (const auto& [k, v] : pairs) {
    if (k->is(PickleKind::kStr) && k->text == key) return v;
  }
  return nullptr;
}

Result<int32_t> StorageTable::Find(std::string_view key, std::string_view location, int64_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    StorageRef ref;
    ref.key = key;
    ref.location = location;
    FP_ASSIGN_OR_RETURN(ref.bytes, read_(ref.key));
    const int32_t index = static_cast<int32_t>(storages_.size());
    storages_.push_back(std::move(ref));
    found = by_key_.emplace(std::string(key), index).first;
  }
  const int64_t have = static_cast<int64_t>(storages_[found->second].bytes.size());
  if (have != bytes) {
    return BadInput("storage " + Printable(key), "a record of " + std::to_string(have) + " bytes", std::to_string(bytes));
  }
  return found->second;
}

const StorageRef& StorageTable::at(int32_t index) const {
  std::lock_guard<std::mutex> lock(mutex_);
  FP_CHECK_LT(static_cast<size_t>(index), storages_.size());
  return storages_[index];
}

int32_t StorageTable::size() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int32_t>(storages_.size());
}

void ForEachChild(const PickleValue& value, const std::function<void(const PickleValue&)>& visit) {
  if (value.callable != nullptr) visit(*value.callable);
  if (value.args != nullptr) visit(*value.args);
  if (value.kwargs != nullptr) visit(*value.kwargs);
  for (const PickleValue* item : value.items) visit(*item);
  for (const auto& [key, item] : value.pairs) {
    visit(*key);
    visit(*item);
  }
  if (value.state != nullptr) visit(*value.state);
}

// Repeated division by 10^9 of the magnitude, base 2^32. At most 255 bytes: 64 words.
std::string LongToDecimal(std::string_view little_endian) {
  std::vector<uint32_t> words((little_endian.size() + 3) / 4);
  const bool negative = !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  for (size_t i = 0; i < words.size() * 4; i++) {
    const uint8_t byte = i < little_endian.size() ? static_cast<uint8_t>(little_endian[i]) : negative ? 0xff : 0;
    words[i / 4] |= uint32_t{byte} << (8 * (i % 4));
  }
  if (negative) {
    uint64_t carry = 1;
    for (uint32_t& word : words) {
      carry += static_cast<uint32_t>(~word);
      word = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::string digits;
  while (!words.empty()) {
    uint64_t rest = 0;
    for (size_t i = words.size(); i-- > 0;) {
      rest = rest << 32 | words[i];
      words[i] = static_cast<uint32_t>(rest / 1000000000);
      rest %= 1000000000;
    }
    while (!words.empty() && words.back() == 0) words.pop_back();
    for (int k = 0; k < 9; k++, rest /= 10) digits += static_cast<char>('0' + rest % 10);
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  if (digits.empty()) digits = "0";
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

namespace {

class TextWriter {
 public:
  explicit TextWriter(const PickleTree& tree) : tree_(tree) { CountUses(*tree.root()); }

  void Write(const PickleValue& v) {
    // Small immutable values have no identity worth showing.
    if (v.kind > PickleKind::kBytes && v.kind != PickleKind::kGlobal && v.kind != PickleKind::kDType && again_.count(&v) != 0) {
      const auto [label, first] = labels_.emplace(&v, labels_.size());
      out_ += "#" + std::to_string(label->second);
      if (!first) return;
      out_ += "=";
    }
    switch (v.kind) {
      case PickleKind::kNone: out_ += "None"; break;
      case PickleKind::kBool: out_ += v.integer != 0 ? "True" : "False"; break;
      case PickleKind::kInt: out_ += std::to_string(v.integer); break;
      case PickleKind::kLong: out_ += LongToDecimal(v.text); break;
      case PickleKind::kFloat: Number(v.number); break;
      case PickleKind::kComplex: out_ += "complex("; Number(v.number); out_ += ", "; Number(v.imaginary); out_ += ")"; break;
      case PickleKind::kStr: out_ += Printable(v.text); break;
      case PickleKind::kBytes: out_ += "b" + Printable(v.text); break;
      case PickleKind::kByteArray: out_ += "bytearray(b" + Printable(v.text) + ")"; break;
      case PickleKind::kList: Items(v, "[", "]"); break;
      case PickleKind::kTuple: Items(v, "(", v.items.size() == 1 ? ",)" : ")"); break;
      case PickleKind::kDict: Pairs(v); break;
      case PickleKind::kGlobal: out_ += v.QualifiedName(); break;
      case PickleKind::kDType: out_ += "torch." + std::string(TorchName(v.dtype)); break;
      case PickleKind::kDevice:
        out_ += "device(" + std::string(v.text) + (v.integer < 0 ? "" : ":" + std::to_string(v.integer)) + ")";
        break;
      case PickleKind::kLayout: out_ += v.text; break;
      case PickleKind::kStorage: out_ += "storage(" + Storage(v.storage) + ", " + std::string(ShortName(v.dtype)) + ")"; break;
      case PickleKind::kTensor: Tensor(v); break;
      case PickleKind::kSet:
      case PickleKind::kFrozenSet:
      case PickleKind::kOrderedDict:
      case PickleKind::kDefaultDict:
      case PickleKind::kDeque:
      case PickleKind::kSlice:
      case PickleKind::kRange:
      case PickleKind::kPartial:
      case PickleKind::kObject:
      case PickleKind::kReduce:
      case PickleKind::kReducePackage:
      case PickleKind::kSize: Compound(v); break;
    }
    if (v.is(PickleKind::kTensor) && v.state != nullptr) Part(".state=", v.state);
  }

  std::string Take() { return std::move(out_); }

 private:
  void CountUses(const PickleValue& v) {
    if (!seen_.insert(&v).second) {
      again_.insert(&v);
      return;
    }
    ForEachChild(v, [&](const PickleValue& child) { CountUses(child); });
  }

  void Number(double value) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    const std::string_view digits(text, static_cast<size_t>(end - text));
    out_ += digits;
    if (digits.find_first_not_of("-0123456789") == std::string_view::npos) out_ += ".0";
  }
  void Items(const PickleValue& v, const char* open, const char* close) {
    out_ += open;
    for (size_t i = 0; i < v.items.size(); i++) {
      if (i != 0) out_ += ", ";
      Write(*v.items[i]);
    }
    out_ += close;
  }
  void Pairs(const PickleValue& v) {
    out_ += "{";
    for (size_t i = 0; i < v.pairs.size(); i++) {
      if (i != 0) out_ += ", ";
      Write(*v.pairs[i].first);
      out_ += ": ";
      Write(*v.pairs[i].second);
    }
    out_ += "}";
  }
  void Part(const char* label, const PickleValue* part) {
    if (part == nullptr) return;
    out_ += label;
    Write(*part);
  }
  // "<object torch.nn.Linear args=() state={...}>"
  void Compound(const PickleValue& v) {
    out_ += "<" + std::string(PickleKindName(v.kind));
    Part(" ", v.callable);
    Part(" args=", v.args);
    Part(" kwargs=", v.kwargs);
    if (!v.items.empty()) {
      out_ += " ";
      Items(v, "[", "]");
    }
    if (!v.pairs.empty()) {
      out_ += " ";
      Pairs(v);
    }
    Part(" state=", v.state);
    out_ += ">";
  }
  std::string Storage(int32_t index) { return Printable(tree_.storages().at(index).key); }
  void Tensor(const PickleValue& v) {
    const TensorRef& t = tree_.tensors()[v.integer];
    out_ += std::string(t.is_parameter ? "parameter(" : "tensor(") + std::string(ShortName(t.dtype)) + t.sizes.ToString() +
            " strides " + t.strides.ToString() + " of " + Storage(t.storage) + " at " + std::to_string(t.offset) +
            (t.requires_grad ? " grad)" : ")");
  }

  const PickleTree& tree_;
  std::unordered_set<const PickleValue*> seen_, again_;
  std::unordered_map<const PickleValue*, size_t> labels_;
  std::string out_;
};

}  // namespace

std::string PickleText(const PickleTree& tree) {
  TextWriter writer(tree);
  writer.Write(*tree.root());
  return writer.Take();
}

}  // namespace fusepack::archive
