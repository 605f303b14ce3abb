// ZipReader: what PyTorch and zipfile write is read; every rule that zip.h and safety demand has a file that breaks it.
#include "tracer/archive/zip.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/archive/zip_builder.h"

namespace fusepack::archive {
namespace {

using ::testing::HasSubstr;

Result<std::shared_ptr<const ZipReader>> OpenBytes(const std::string& bytes) {
  return ZipReader::Open(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
}

// Opens and reads everything; the first error.
Status OpenAndRead(const std::string& bytes) {
  auto zip = OpenBytes(bytes);
  return zip.ok() ? (*zip)->CheckAll() : zip.status();
}

std::string Content(const ZipReader& zip, const std::string& name) {
  const ZipRecord* record = zip.Find(name);
  if (record == nullptr) return "(no such record)";
  auto bytes = zip.Read(*record);
  return bytes.ok() ? std::string(bytes->text()) : bytes.status().ToString();
}

std::vector<ZipPart> SmallParts() {
  return {{.name = "m/a.py", .content = "import torch\n"},
          {.name = "m/.data/0.storage", .content = std::string(64, 'w'), .descriptor = 16, .align = 64},
          {.name = "m/b.py", .content = "x = 1\nx = 1\nx = 1\n", .deflated = true}};
}

TEST(Zip, ReadsEveryForm) {
  for (const int descriptor : {0, 12, 16, 20, 24}) {
    for (const bool zip64 : {false, true}) {
      std::vector<ZipPart> parts = SmallParts();
      for (ZipPart& part : parts) {
        part.descriptor = descriptor;
        part.zip64 = zip64;
      }
      auto zip = OpenBytes(BuildZip(parts, zip64).bytes);
      ASSERT_TRUE(zip.ok()) << descriptor << zip64 << zip.status().ToString();
      for (const ZipPart& part : parts) EXPECT_EQ(Content(**zip, part.name), part.content);
      EXPECT_EQ((*zip)->Find("m/none"), nullptr);
    }
  }
}

TEST(Zip, StoredRecordIsAView) {
  const BuiltZip built = BuildZip(SmallParts());
  auto file = MappedFile::FromBytes("m.pt", {built.bytes.begin(), built.bytes.end()});
  auto zip = ZipReader::Open(file);
  ASSERT_TRUE(zip.ok());
  auto bytes = (*zip)->Read(*(*zip)->Find("m/.data/0.storage"));
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->data(), file->bytes().data() + built.data[1]);
}

TEST(Zip, EmptyRecordsAndFolders) {
  const std::vector<ZipPart> parts = {{.name = "m/"}, {.name = "m/empty"}, {.name = "m/d", .deflated = true}};
  auto zip = OpenBytes(BuildZip(parts).bytes);
  ASSERT_TRUE(zip.ok()) << zip.status().ToString();
  EXPECT_EQ(Content(**zip, "m/empty"), "");
  EXPECT_EQ(Content(**zip, "m/d"), "");
}

TEST(Zip, Crc32IsTheSameInPieces) {
  std::vector<uint8_t> bytes((35 << 20) + 17);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  EXPECT_EQ(Crc32(bytes), crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
  EXPECT_EQ(Crc32({bytes.data(), 1000}), crc32(0, bytes.data(), 1000));
}

struct Hostile {
  const char* rule;
  std::function<std::string()> bytes;
  const char* message;
  ErrorCode code = ErrorCode::kBadInput;
};

// A hostile archive from the good one by one change.
std::function<std::string()> Changed(std::function<void(BuiltZip&)> change, bool end64 = false) {
  return [=] {
    BuiltZip zip = BuildZip(SmallParts(), end64);
    change(zip);
    return zip.bytes;
  };
}

std::function<std::string()> Named(const std::string& name) {
  return [=] { return BuildZip({{.name = "m/a"}, {.name = name, .content = "x"}}).bytes; };
}

std::vector<Hostile> HostileZips() {
  const auto limit = ErrorCode::kLimit;
  std::vector<Hostile> out = {
      {"not a zip", [] { return std::string(100, 'x'); }, "no zip archive"},
      {"shorter than an end record", [] { return std::string("PK"); }, "2 bytes, expected a zip archive"},
      {"cut short", Changed([](BuiltZip& z) { z.bytes.resize(z.directory); }), "cut short"},
      {"bytes after the end", Changed([](BuiltZip& z) { z.bytes += "tail!"; }), "5 bytes after the end record"},
      {"archive comment", Changed([](BuiltZip& z) { z.Put16(z.end + 20, 4); }), "comment"},
      {"bytes before the first record", Changed([](BuiltZip& z) {
         z.bytes = "#!/bin/sh\n" + z.bytes;  // offsets mended, as a self-extracting archive has them
         for (size_t i = 0; i < 3; i++) z.Put32(z.central[i] + 10 + 42, static_cast<uint32_t>(z.local[i] + 10));
         z.Put32(z.end + 10 + 16, static_cast<uint32_t>(z.directory + 10));
       }), "10 bytes before the first record"},
      {"several disks", Changed([](BuiltZip& z) { z.Put16(z.end + 4, 1); }), "several disks"},
      {"records on other disks", Changed([](BuiltZip& z) { z.Put16(z.end + 8, 2); }), "2 records on this disk"},
      {"no records", [] { return "PK\x05\x06" + std::string(18, '\0'); }, "without records"},
      {"directory size wrong", Changed([](BuiltZip& z) { z.Put32(z.end + 12, 10); }), "central directory of 10 bytes"},
      {"directory offset wrong", Changed([](BuiltZip& z) { z.Put32(z.end + 16, 0); }), "one that ends at"},
      {"more records than fit", Changed([](BuiltZip& z) { z.Put16(z.end + 8, 60000), z.Put16(z.end + 10, 60000); }),
       "60000 records in a central directory"},
      {"fewer records counted", Changed([](BuiltZip& z) { z.Put16(z.end + 8, 2), z.Put16(z.end + 10, 2); }),
       "after its 2 entries"},
      {"marker without ZIP64", Changed([](BuiltZip& z) { z.Put32(z.end + 16, 0xffffffff); }), "ZIP64 marker"},
      {"ZIP64 values differ", Changed([](BuiltZip& z) { z.Put64(z.end64 + 48, 7); }, true), "other values"},
      {"ZIP64 locator elsewhere", Changed([](BuiltZip& z) { z.Put64(z.end64 + 56 + 8, 0); }, true), "located at 0"},
      {"ZIP64 end record overwritten", Changed([](BuiltZip& z) { z.Put32(z.end64, 0); }, true), "signature"},
      {"ZIP64 end record of another size", Changed([](BuiltZip& z) { z.Put64(z.end64 + 4, 45); }, true), "size 45"},
      {"ZIP64 disks", Changed([](BuiltZip& z) { z.Put32(z.end64 + 16, 2); }, true), "several disks"},
      {"too many records", Changed([](BuiltZip& z) {
         z.Put16(z.end + 8, 0xffff), z.Put16(z.end + 10, 0xffff);
         z.Put64(z.end64 + 24, 65537), z.Put64(z.end64 + 32, 65537);
       }, true), "65537 records, expected at most 65536", limit},
      {"name too long", Named(std::string(513, 'n')), "513 bytes, expected at most 512", limit},
      {"empty name", Named(""), "without a name"},
      {"absolute name", Named("/etc/passwd"), "absolute"},
      {"drive letter", Named("C:evil"), "absolute"},
      {"parent folder", Named("m/../../evil"), "'..'"},
      {"backslash", Named("m\\evil"), "backslash"},
      {"NUL", Named(std::string("m/a\0b", 5)), "NUL"},
      {"control character", Named("m/\x1b[2J"), "control character"},
      {"empty folder name", Named("m//a"), "empty folder name"},
      {"dot folder", Named("m/./a"), "'.' in the path"},
      {"not UTF-8", Named("m/\xff"), "UTF-8"},
      {"overlong UTF-8", Named("m/\xc0\xaf"), "UTF-8"},
      {"same name twice", Named("m/a"), "second record of that name"},
      {"same name in another case", Named("m/A"), "second record of that name"},
      {"encrypted", Changed([](BuiltZip& z) { z.Put16(z.central[0] + 8, 1); }), "flags"},
      {"newer zip", Changed([](BuiltZip& z) { z.Put16(z.central[0] + 6, 64); }), "zip version 64 needed"},
      {"unknown method", Changed([](BuiltZip& z) { z.Put16(z.central[0] + 10, 14); }), "method 14"},
      {"record on another disk", Changed([](BuiltZip& z) { z.Put16(z.central[0] + 34, 1); }), "disk 1"},
      {"central signature", Changed([](BuiltZip& z) { z.Put32(z.central[1], 0); }), "signature"},
      {"entry longer than the directory", Changed([](BuiltZip& z) { z.Put16(z.central[2] + 32, 9); }), "bytes left"},
      {"stored with two sizes", Changed([](BuiltZip& z) { z.Put32(z.central[0] + 24, 99); }), "equal ones"},
      {"ratio over 200", [] {
         return BuildZip({{.name = "bomb", .content = std::string(1 << 20, '\0'), .deflated = true}}).bytes;
       }, "ratio of at most 200", limit},
      {"local name differs", Changed([](BuiltZip& z) { z.bytes[z.local[0] + 30] = 'M'; }), "local name"},
      {"local flags differ", Changed([](BuiltZip& z) { z.Put16(z.local[0] + 6, 0); }), "local flags"},
      {"local method differs", Changed([](BuiltZip& z) { z.Put16(z.local[0] + 8, 8); }), "local method"},
      {"local CRC differs", Changed([](BuiltZip& z) { z.Put32(z.local[0] + 14, 8); }), "local CRC"},
      {"local size differs", Changed([](BuiltZip& z) { z.Put32(z.local[0] + 22, 8); }), "local sizes"},
      {"local size zero but not streamed", Changed([](BuiltZip& z) { z.Put32(z.local[0] + 22, 0); }), "local sizes"},
      {"local signature", Changed([](BuiltZip& z) { z.Put32(z.local[1], 0); }), "local signature"},
      {"descriptor CRC differs", Changed([](BuiltZip& z) { z.Put32(z.descriptor[1] + 4, 1); }), "descriptor"},
      {"descriptor size differs", Changed([](BuiltZip& z) { z.Put32(z.descriptor[1] + 12, 1); }), "descriptor"},
      {"descriptor signature", Changed([](BuiltZip& z) { z.Put32(z.descriptor[1], 1); }), "descriptor"},
      {"spans overlap", Changed([](BuiltZip& z) { z.Put32(z.central[2] + 42, static_cast<uint32_t>(z.local[1])); }),
       "overlap"},
      {"header past the directory", Changed([](BuiltZip& z) { z.Put32(z.central[2] + 42, 0x7fffffff); }), "overlap"},
      {"content damaged", Changed([](BuiltZip& z) { z.bytes[z.data[0]] ^= 1; }), "damaged"},
      {"deflated content damaged", Changed([](BuiltZip& z) { z.bytes[z.data[2]] ^= 0xff; }), "deflate stream"},
      {"deflated to more than declared", Changed([](BuiltZip& z) {
         for (const size_t at : {z.central[2] + 24, z.local[2] + 22}) z.Put32(at, 17);
       }), "another length"},
      {"deflated to less than declared", Changed([](BuiltZip& z) {
         for (const size_t at : {z.central[2] + 24, z.local[2] + 22}) z.Put32(at, 19);
       }), "another length"},
      {"bytes between records", [] {
         BuiltZip zip = BuildZip(SmallParts());
         zip.bytes.insert(zip.local[1], "gap");
         for (int i : {1, 2}) zip.Put32(zip.central[i] + 3 + 42, static_cast<uint32_t>(zip.local[i] + 3));
         zip.Put32(zip.end + 3 + 16, static_cast<uint32_t>(zip.directory + 3));
         return zip.bytes;
       }, "3 bytes after it that belong to no record"},
      {"folder with content", Named("m/f/"), "folder with 1 bytes"},
      {"second name", [] {
         return BuildZip({{.name = "m/a", .central_extra = "up" + Le(6, 2) + "\1....x"}}).bytes;
       }, "second name"},
      {"extra field too long", [] { return BuildZip({{.name = "m/a", .central_extra = "XX" + Le(9, 2)}}).bytes; },
       "extra field of 9 bytes"},
      {"extra field cut", [] { return BuildZip({{.name = "m/a", .local_extra = "XXX"}}).bytes; }, "3 bytes left"},
      {"surplus ZIP64 field", [] {
         return BuildZip({{.name = "m/a", .central_extra = Le(1, 2) + Le(8, 2) + Le(5, 8)}}).bytes;
       }, "surplus"},
      {"two ZIP64 fields", [] {
         return BuildZip({{.name = "m/a", .central_extra = Le(1, 2) + Le(0, 2) + Le(1, 2) + Le(0, 2)}}).bytes;
       }, "two ZIP64"},
      {"ZIP64 size of 2^64 - 1", [] {
         BuiltZip zip = BuildZip({{.name = "m/a", .content = "x", .zip64 = true}});
         zip.Put64(zip.central[0] + 46 + 3 + 4, UINT64_MAX);
         zip.Put64(zip.central[0] + 46 + 3 + 12, UINT64_MAX);
         return zip.bytes;
       }, "overlap"},
  };
  return out;
}

TEST(Zip, EveryRuleHasAFileThatBreaksIt) {
  for (const Hostile& hostile : HostileZips()) {
    const Status status = OpenAndRead(hostile.bytes());
    ASSERT_FALSE(status.ok()) << hostile.rule;
    EXPECT_THAT(status.ToString(), HasSubstr(hostile.message)) << hostile.rule;
    EXPECT_EQ(status.error().code, hostile.code) << hostile.rule;
    EXPECT_EQ(status.error().file, "m.pt") << hostile.rule;
    EXPECT_EQ(status.ToString().find('\n'), std::string::npos) << hostile.rule;
  }
}

TEST(Zip, ReadHonoursTheCallersLimit) {
  auto zip = OpenBytes(BuildZip(SmallParts()).bytes);
  ASSERT_TRUE(zip.ok());
  auto bytes = (*zip)->Read(*(*zip)->Find("m/a.py"), 5);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().code, ErrorCode::kLimit);
}

TEST(Zip, EveryTruncationIsRefused) {
  const std::string whole = BuildZip(SmallParts(), true).bytes;
  for (size_t size = 0; size < whole.size(); size++) EXPECT_FALSE(OpenBytes(whole.substr(0, size)).ok()) << size;
}

// A changed byte either is refused or lies in a field without meaning here (versions, times, padding, attributes).
TEST(Zip, NoSingleByteChangesContentSilently) {
  const std::vector<ZipPart> parts = SmallParts();
  const std::string whole = BuildZip(parts, true).bytes;
  for (size_t at = 0; at < whole.size(); at++) {
    for (const int flip : {0x01, 0x20, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      auto zip = OpenBytes(changed);
      if (!zip.ok() || !(*zip)->CheckAll().ok()) continue;
      for (const ZipPart& part : parts) EXPECT_EQ(Content(**zip, part.name), part.content) << at << " ^ " << flip;
    }
  }
}

}  // namespace
}  // namespace fusepack::archive
