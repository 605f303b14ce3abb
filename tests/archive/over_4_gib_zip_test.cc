// ZIP64 sizes and offsets, through a file with holes: 4 GiB of address space, little of memory or disk.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>

#include "package_format/atomic_write.h"
#include "tracer/archive/zip.h"
#include "tracer/archive/zip_writer.h"

namespace fusepack::archive {
namespace {

TEST(Over4GiB, RecordAndOffsetBeyond32Bits) {
  constexpr uint64_t kBytes = (uint64_t{4} << 30) + 4096;
  void* memory = mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const Bytes zeros{std::shared_ptr<const void>(memory, [](const void* p) { munmap(const_cast<void*>(p), kBytes); }),
                    {static_cast<const uint8_t*>(memory), kBytes}};
  const std::string text = "behind 4 GiB";
  const std::vector<NewRecord> records = {{"zeros", zeros}, {"after", Bytes::FromVector({text.begin(), text.end()})}};
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/large.pt";
  auto writer = AtomicWriter::Create(path).value();
  const Status written = WriteZip("r", records, [&](std::span<const uint8_t> bytes) {
    return bytes.size() == kBytes ? writer->AppendZeros(kBytes) : writer->Append(bytes);
  });
  ASSERT_TRUE(written.ok()) << written.ToString();
  ASSERT_TRUE(writer->Commit().ok());
  {
    auto zip = ZipReader::Open(MappedFile::Open(path).value());
    ASSERT_TRUE(zip.ok()) << zip.status().ToString();
    EXPECT_EQ((*zip)->Find("r/zeros")->size, kBytes);
    const ZipRecord* after = (*zip)->Find("r/after");
    EXPECT_GT(after->offset, kBytes);
    EXPECT_EQ(after->offset % 64, 0u);
    EXPECT_EQ((*zip)->Read(*after)->text(), text);
  }
  remove(path.c_str());
}

}  // namespace
}  // namespace fusepack::archive
