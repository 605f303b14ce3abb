// Any bytes as a pickle over two storages; what loads is printed, which visits all of it.
#include "tracer/archive/unpickle.h"

using namespace fusepack;           // NOLINT
using namespace fusepack::archive;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto storages = std::make_shared<StorageTable>([](const std::string& key) -> Result<Bytes> {
    return Bytes::FromVector(std::vector<uint8_t>(key == "0" ? 24 : 1));
  });
  // Small limits, so that reaching one takes no time.
  const UnpickleLimits limits = {.opcodes = 100'000, .memory_bytes = 16 << 20, .depth = kMaxPickleDepth};
  auto tree = Unpickle("pickle", Bytes::FromVector({data, data + size}), storages, limits);
  if (tree.ok()) (void)PickleText(**tree);
  return 0;
}
