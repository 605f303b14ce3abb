// The zip writer: what it lays out, and that the strict reader takes it.
#include "tracer/archive/zip_writer.h"

#include <gtest/gtest.h>

#include "tracer/archive/zip.h"

namespace fusepack::archive {
namespace {

NewRecord Record(const std::string& name, const std::string& text) { return {name, Bytes::FromVector({text.begin(), text.end()})}; }

std::shared_ptr<const ZipReader> Read(std::vector<uint8_t> bytes) {
  auto zip = ZipReader::Open(MappedFile::FromBytes("x.pt", std::move(bytes)));
  EXPECT_TRUE(zip.ok()) << zip.status().ToString();
  return zip.ok() ? *zip : nullptr;
}

TEST(ZipWriter, RoundTripAlignedInOrder) {
  std::vector<NewRecord> records;
  for (int i = 0; i < 130; i++) records.push_back(Record("d/" + std::string(static_cast<size_t>(i + 1), 'n'), std::string(static_cast<size_t>(i * 7), 'x')));
  const auto bytes = ZipBytes("root", records).value();
  const auto zip = Read(bytes);
  ASSERT_NE(zip, nullptr);
  ASSERT_EQ(zip->records().size(), records.size());
  for (size_t i = 0; i < records.size(); i++) {
    const ZipRecord& found = zip->records()[i];
    EXPECT_EQ(found.name, "root/" + records[i].name);
    EXPECT_EQ(found.offset % 64, 0u) << found.name;
    EXPECT_EQ(zip->Read(found)->text(), records[i].bytes.text());
  }
  EXPECT_EQ(bytes, ZipBytes("root", records).value());
}

TEST(ZipWriter, Container) {
  std::vector<NewRecord> records = {Record("version", "3\n"), Record("a", "1"), Record("byteorder", "big")};
  FinishContainer(&records);
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].name, "a");
  EXPECT_EQ(records[1].name, ".data/version");
  EXPECT_EQ(records[1].bytes.text(), "6\n");
  EXPECT_EQ(records[2].bytes.text(), "little");
  EXPECT_EQ(records[3].name, ".data/serialization_id");
  const std::string id(records[3].bytes.text());
  EXPECT_EQ(id.size(), 40u);
  EXPECT_EQ(id.find_first_not_of("0123456789"), std::string::npos);
  FinishContainer(&records);  // of the same records the same
  EXPECT_EQ(records[3].bytes.text(), id);
  records[0] = Record("a", "2");
  FinishContainer(&records);
  EXPECT_EQ(records[3].bytes.text().substr(0, 20), id.substr(0, 20));
  EXPECT_NE(records[3].bytes.text().substr(20), id.substr(20));
}

TEST(ZipWriter, Roots) {
  EXPECT_EQ(RootForPath("/x/y.z/resnet18.v2.pt"), "resnet18.v2");
  EXPECT_EQ(RootForPath("plain"), "plain");
  EXPECT_EQ(RootForPath(".pt"), "archive");
}

TEST(ZipWriter, RefusedNames) {
  EXPECT_FALSE(ZipBytes("r", {Record("", "x")}).ok());
  EXPECT_FALSE(ZipBytes("r", {Record("a", "x"), Record("a", "y")}).ok());
  EXPECT_FALSE(ZipBytes("r", {Record(std::string(600, 'n'), "x")}).ok());
}

}  // namespace
}  // namespace fusepack::archive
