// Unpickle: a pickle machine that runs nothing.
//
// GLOBAL gives an inert symbol. An exact list of callables (tracer/archive/pickle_calls.cc) gives REDUCE, NEWOBJ and
// BUILD a meaning: tensors over shared storages, parameters, OrderedDict, sets, torch.Size, devices and the like. Any
// other call stays in the tree as kObject or kReduce with its class or function named; whether it means anything is
// the evaluator's business, and only for classes that come from packaged source.
//
// Errors: kBadInput for what no pickler writes, kLimit for what is over a limit; `where` names pickle, offset, opcode.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tracer/archive/pickle_value.h"

namespace fusepack::archive {

inline constexpr uint64_t kMaxPickleOpcodes = 10'000'000;
inline constexpr uint64_t kMaxPickleMemoryBytes = uint64_t{512} << 20;
inline constexpr int kMaxPickleDepth = 64;
inline constexpr uint64_t kMaxPickleMemo = uint64_t{1} << 20;
inline constexpr uint64_t kMaxPickleLongBytes = 255;
inline constexpr uint64_t kMaxGlobalNameBytes = 1024;
inline constexpr int kMaxPickleProtocol = 5;

struct UnpickleLimits {
  uint64_t opcodes = kMaxPickleOpcodes;
  uint64_t memory_bytes = kMaxPickleMemoryBytes;
  int depth = kMaxPickleDepth;
};

// `place` is what errors call the pickle: "pickle 'model/model.pkl'". `storages` answers persistent ids; it may be
// shared by several pickles, and be nullptr where a pickle may have none.
Result<std::shared_ptr<const PickleTree>> Unpickle(const std::string& place, Bytes pickle,
                                                   std::shared_ptr<StorageTable> storages,
                                                   const UnpickleLimits& limits = {});

// Whether this module gives calls of the global a meaning, or reads it as a storage type or dtype.
bool HasOwnMeaning(std::string_view module, std::string_view name);

}  // namespace fusepack::archive
