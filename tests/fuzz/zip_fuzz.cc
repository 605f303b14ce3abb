// Any bytes as a zip archive: open, read every record. Then, with the checksums mended, the same again: what lies behind
// a CRC is reached too.
#include "tests/fuzz/mend_zip.h"
#include "tracer/archive/zip.h"

using fusepack::MappedFile;
using fusepack::archive::MendZip;
using fusepack::archive::ZipReader;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  for (const bool mended : {false, true}) {
    if (mended) MendZip(&bytes);
    auto zip = ZipReader::Open(MappedFile::FromBytes("fuzz", bytes));
    if (!zip.ok()) continue;
    for (const auto& record : (*zip)->records()) {
      if (record.size <= 1 << 20) (void)(*zip)->Read(record);
    }
  }
  return 0;
}
