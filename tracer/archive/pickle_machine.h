// PickleMachine: the state of one Unpickle call. Internal to unpickle.cc (the opcodes) and pickle_calls.cc (the calls).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tracer/archive/unpickle.h"

namespace fusepack::archive {

class PickleMachine {
 public:
  PickleMachine(std::string place, Bytes pickle, std::shared_ptr<StorageTable> storages, const UnpickleLimits& limits);
  Status Run();
  std::shared_ptr<const PickleTree> tree() const { return tree_; }

  static bool HasOwnMeaning(std::string_view module, std::string_view name);

 private:
  using Value = PickleValue*;
  using Kind = PickleKind;
  struct Argument {
    uint64_t number = 0;
    double real = 0;
    std::string_view text, second;
  };
  // Gives callable(*args) its meaning. Leaves *result nullptr where this form of the call has none, so that it stays inert.
  using Call = Status (PickleMachine::*)(const PickleValue& args, Value* result);
  struct AllowedCall {
    std::string_view module, name;
    Call call;
  };

  // unpickle.cc: the stream and the stack
  Status Step(bool* stopped);
  Status ReadArgument(uint8_t opcode, Argument* argument);
  Status Execute(uint8_t opcode, const Argument& argument, bool* stopped);
  Status ParseInt(std::string_view text, bool is_long);
  Status ParseFloat(std::string_view text);
  Status ParseString(std::string_view text);
  Status ParseUnicode(std::string_view text);
  Status PushLong(std::string_view little_endian);
  Status Memoize(uint64_t index);
  Status Recall(uint64_t index);
  Status MakeGlobal(std::string_view module, std::string_view name, Value* out);
  Status MakeCall(const PickleValue& callable, const PickleValue& args, const PickleValue* kwargs, bool constructs, Value* out);
  Status Build(Value object, Value state);
  Status TakeItems(Value target, size_t from);
  Status AddItems(Value target, size_t from);
  Status AddPairs(Value target, size_t from);
  Status PersistentId(const PickleValue& id, Value* out);
  Status Finish();
  Status CheckParts();

  Status Pop(Value* out);
  Status PopMark(size_t* from);
  Status PopTuple(size_t count);
  Status New(Kind kind, Value* out);
  Status Push(Value value);
  Status PushText(Kind kind, std::string_view text);
  Status PushOwnText(Kind kind, std::string text);
  Status Charge(uint64_t bytes);
  Result<std::string_view> KeepText(std::string text);
  Status Bad(std::string found, std::string expected = "") const;
  Status TooMuch(std::string found, std::string expected) const;
  std::string Where() const;

  // pickle_calls.cc: the meaning of calls
  static Call FindAllowed(std::string_view module, std::string_view name);
  static bool IsStorageType(std::string_view module, std::string_view name, DType* dtype, bool* untyped);
  static bool Int64(const PickleValue& value, int64_t* out);
  Status IntTuple(const PickleValue& value, const char* what, Dims* out);
  Status MakeTensor(const PickleValue& storage, const PickleValue& offset, const PickleValue& size,
                    const PickleValue& stride, DType dtype, Value* result);
  Status CheckBools(int32_t storage);
  Status SetGrad(const PickleValue& requires_grad, Value tensor);
  Status RebuildTensor(const PickleValue& args, Value* result);
  Status RebuildTensorV2(const PickleValue& args, Value* result);
  Status RebuildTensorV3(const PickleValue& args, Value* result);
  Status RebuildParameter(const PickleValue& args, Value* result);
  Status RebuildFromType(const PickleValue& args, Value* result);
  Status OrderedDict(const PickleValue& args, Value* result);
  Status DefaultDict(const PickleValue& args, Value* result);
  Status Deque(const PickleValue& args, Value* result);
  Status Set(const PickleValue& args, Value* result);
  Status FrozenSet(const PickleValue& args, Value* result);
  Status GetAttribute(const PickleValue& args, Value* result);
  Status Complex(const PickleValue& args, Value* result);
  Status Slice(const PickleValue& args, Value* result);
  Status Range(const PickleValue& args, Value* result);
  Status EncodeBytes(const PickleValue& args, Value* result);
  Status ByteArray(const PickleValue& args, Value* result);
  Status Partial(const PickleValue& args, Value* result);
  Status Reconstruct(const PickleValue& args, Value* result);
  Status NewObject(const PickleValue& args, Value* result);
  Status NewObjectEx(const PickleValue& args, Value* result);
  Status Size(const PickleValue& args, Value* result);
  Status Device(const PickleValue& args, Value* result);
  Status Layout(const PickleValue& args, Value* result);
  Status EmptyBytes(const PickleValue& args, Value* result);
  Status CopyIterable(const PickleValue& args, Kind kind, Value* result);
  Status Latin1(std::string_view text, Kind kind, Value* result);

  const std::string place_;
  const UnpickleLimits limits_;
  const std::shared_ptr<PickleTree> tree_;
  const std::span<const uint8_t> stream_;
  size_t at_ = 0;            // next byte
  size_t opcode_at_ = 0;     // of the opcode in work
  uint8_t opcode_ = 0;
  size_t frame_end_ = 0;     // 0 = outside a frame
  uint64_t charged_ = 0;
  std::vector<Value> stack_;
  std::vector<size_t> marks_;  // stack sizes at each open MARK
  std::unordered_map<uint64_t, Value> memo_;
  std::unordered_map<std::string, size_t> uses_;  // "module\nname" -> index into the audit's globals
  std::unordered_set<int32_t> bool_storages_;  // that CheckBools has looked through
  std::unordered_map<std::string, Value> packaged_;  // reduce_package id -> its one node
};

}  // namespace fusepack::archive
