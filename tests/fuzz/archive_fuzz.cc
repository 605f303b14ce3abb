// Any bytes as a PyTorch archive with mended checksums: everything that `fusepack inspect` does.
#include <nlohmann/json.hpp>

#include "tests/fuzz/mend_zip.h"
#include "tracer/archive/inspect.h"

using namespace fusepack;           // NOLINT
using namespace fusepack::archive;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  MendZip(&bytes);
  auto archive = OpenArchive(MappedFile::FromBytes("fuzz", std::move(bytes)));
  if (!archive.ok()) return 0;
  auto report = InspectArchive(*archive);
  if (!report.ok()) return 0;
  (void)ReportText(*report, InspectSections::All());
  (void)ReportJson(*report).dump();
  return 0;
}
