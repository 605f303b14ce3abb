// PickleTree: what a pickle says, as inert data. Nothing in it was imported, constructed or called.
//
// A tree is a graph: an object that the pickle mentions twice is one node, and cycles are possible. Every node lives
// in its tree's arena (so destruction is one loop, whatever the nesting), and strings are views of the pickle's bytes.
// The depth of the graph, walked in ForEachChild's order with each node entered once, is at most kMaxPickleDepth; a
// recursive visitor in another order could go deeper and needs its own limit. Every cycle passes through the content
// (items, pairs or state) of something mutable: nothing is an argument of its own construction.
//
// Ownership: nodes, texts and storages live as long as the tree. Threads: immutable once built, any number may read.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/base/dims.h"
#include "kernels/base/dtype.h"
#include "kernels/base/status.h"
#include "package_format/mapped_file.h"

namespace fusepack::archive {

// X(enumerator, name in messages). Which fields of PickleValue a kind uses stands beside it.
#define FUSEPACK_PICKLE_KINDS(X) \
  X(kNone, "None") \
  X(kBool, "bool")             /* integer: 0 or 1 */ \
  X(kInt, "int")               /* integer */ \
  X(kLong, "long int")         /* text: little-endian two's complement, over 64 bits; LongToDecimal */ \
  X(kFloat, "float")           /* number */ \
  X(kComplex, "complex")       /* number, imaginary */ \
  X(kStr, "str")               /* text: UTF-8, lone surrogates encoded as Python's surrogatepass does */ \
  X(kBytes, "bytes")           /* text */ \
  X(kByteArray, "bytearray")   /* text */ \
  X(kList, "list")             /* items */ \
  X(kTuple, "tuple")           /* items */ \
  X(kDict, "dict")             /* pairs */ \
  X(kSet, "set")               /* items */ \
  X(kFrozenSet, "frozenset")   /* items */ \
  X(kOrderedDict, "OrderedDict") /* pairs; state: instance attributes (a state_dict's _metadata) or nullptr */ \
  X(kDefaultDict, "defaultdict") /* callable: default_factory or nullptr; pairs */ \
  X(kDeque, "deque")           /* items; args: maxlen (None or int) or nullptr */ \
  X(kSlice, "slice")           /* items: start, stop, step */ \
  X(kRange, "range")           /* items: start, stop, step */ \
  X(kPartial, "functools.partial") /* callable, args (tuple), kwargs (dict or nullptr); state: instance dict or nullptr */ \
  X(kGlobal, "global")         /* text: module; name: qualified name, dotted for nested classes and enum members */ \
  X(kObject, "object")         /* callable: class (kGlobal); args: tuple given to __new__; kwargs or nullptr; state: what \
                                  __setstate__ or __dict__ gets, or nullptr; items, pairs: content of list and dict \
                                  subclasses */ \
  X(kReduce, "call")           /* callable(*args), to be evaluated or not; state, items, pairs as for kObject */ \
  X(kReducePackage, "packaged call") /* callable(importer, *args), torch.package's __reduce_package__; state */ \
  X(kSize, "torch.Size")       /* items: ints */ \
  X(kDType, "torch.dtype")     /* dtype */ \
  X(kDevice, "torch.device")   /* text: "cpu", "cuda"; integer: index, -1 = none */ \
  X(kLayout, "torch.layout")   /* text: "torch.strided" */ \
  X(kStorage, "storage")       /* storage: index into PickleTree::storages(); dtype; integer: numel */ \
  X(kTensor, "tensor")         /* integer: index into PickleTree::tensors(); state: attributes or nullptr */

enum class PickleKind : uint8_t {
#define X(kind, ...) kind,
  FUSEPACK_PICKLE_KINDS(X)
#undef X
};

std::string_view PickleKindName(PickleKind kind);

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  DType dtype = DType::kF32;
  uint32_t id = 0;  // unique in its tree, in order of creation
  int32_t storage = -1;
  int64_t integer = 0;
  double number = 0, imaginary = 0;
  std::string_view text, name;
  const PickleValue* callable = nullptr;
  const PickleValue* args = nullptr;
  const PickleValue* kwargs = nullptr;
  const PickleValue* state = nullptr;
  std::vector<const PickleValue*> items;
  std::vector<std::pair<const PickleValue*, const PickleValue*>> pairs;

  bool is(PickleKind k) const { return kind == k; }
  // The value of a str key in pairs; nullptr if there is none.
  const PickleValue* Get(std::string_view key) const;
  // "torch.nn.modules.conv.Conv2d" of a kGlobal.
  std::string QualifiedName() const { return std::string(text) + "." + std::string(name); }
};

// The bytes of one storage record. Tensors that share it index the same one.
struct StorageRef {
  std::string key;       // "0"
  std::string location;  // "cpu", "cuda:0": where it lay when it was saved; a name only
  Bytes bytes;           // starts at a multiple of 64
};

// f32[64,3,7,7] with any strides, over storages()[storage]. Strides and offset count elements. The view has been
// checked to lie inside its storage.
struct TensorRef {
  int32_t storage = -1;
  DType dtype = DType::kF32;
  Dims sizes, strides;
  int64_t offset = 0;
  bool requires_grad = false;
  bool is_parameter = false;

  // Address of element [0,...,0], given the storage's bytes.
  const uint8_t* data(const StorageRef& ref) const { return ref.bytes.data() + offset * static_cast<int64_t>(ItemSize(dtype)); }
};

// The storages of an archive, shared by all its pickles and read at first use. Thread-safe.
class StorageTable {
 public:
  // `read` gives the record of a key; its errors name the file.
  explicit StorageTable(std::function<Result<Bytes>(const std::string& key)> read) : read_(std::move(read)) {}

  // Index of the storage `key`, whose record must have exactly `bytes` bytes.
  Result<int32_t> Find(std::string_view key, std::string_view location, int64_t bytes);
  // Entries never move or change.
  const StorageRef& at(int32_t index) const;
  int32_t size() const;

 private:
  std::function<Result<Bytes>(const std::string& key)> read_;
  mutable std::mutex mutex_;
  std::map<std::string, int32_t, std::less<>> by_key_;
  std::deque<StorageRef> storages_;
};

// Everything that a pickle names and does, known before anything of it is evaluated.
struct PickleAudit {
  struct Use {
    std::string module, name;  // as the pickle has them; nested names (through getattr) are joined by dots
    uint64_t count = 0;
    uint64_t first_offset = 0;
    bool called = false;  // by REDUCE, NEWOBJ, INST, OBJ or a packaged call
  };
  int protocol = 0;
  uint64_t bytes = 0;
  uint64_t opcodes = 0;
  uint64_t memory_bytes = 0;  // charged for the tree
  std::array<uint64_t, 256> opcode_counts{};  // by opcode byte; PickleOpcodeName
  std::vector<Use> globals;                   // in order of first use
};

// "BINUNICODE"; empty for a byte that is no opcode.
std::string_view PickleOpcodeName(uint8_t opcode);

class PickleTree {
 public:
  const PickleValue* root() const { return root_; }
  const PickleAudit& audit() const { return audit_; }
  const std::vector<TensorRef>& tensors() const { return tensors_; }
  const StorageTable& storages() const { return *storages_; }
  const std::shared_ptr<StorageTable>& shared_storages() const { return storages_; }
  size_t node_count() const { return nodes_.size(); }

 private:
  friend class PickleMachine;
  PickleTree() = default;

  Bytes bytes_;                   // of the pickle: texts are views of it
  std::deque<std::string> texts_; // texts that are not in the pickle as such
  std::deque<PickleValue> nodes_; // never moved
  std::vector<TensorRef> tensors_;
  std::shared_ptr<StorageTable> storages_;
  const PickleValue* root_ = nullptr;
  PickleAudit audit_;
};

// callable, args, kwargs, items, pairs (key, value), state: the order in which the depth limit is counted.
void ForEachChild(const PickleValue& value, const std::function<void(const PickleValue&)>& visit);

// Decimal digits of a kLong's text.
std::string LongToDecimal(std::string_view little_endian);

// The tree as one line in Python's style. A node that occurs again is written `#3=...` first and `#3` later.
std::string PickleText(const PickleTree& tree);

}  // namespace fusepack::archive
