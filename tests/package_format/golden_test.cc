// The committed packages are read as what they were made from, and no accident to one of them goes unnoticed: every
// truncation, every appended byte, every changed byte is refused.
#include <gtest/gtest.h>

#include "package_format/read.h"
#include "tests/package_format/repack.h"
#include "tests/package_format/sample_package.h"

namespace fusepack {
namespace {

class GoldenTest : public testing::TestWithParam<const char*> {
 protected:
  const std::vector<uint8_t> good_ = ReadFile(std::string("tests/package_format/") + GetParam());

  static Status Read(std::vector<uint8_t> bytes) {
    return ReadPackage(MappedFile::FromBytes("golden.fpk", std::move(bytes))).status();
  }
  static void ExpectRefused(const Status& status, const std::string& what) {
    ASSERT_FALSE(status.ok()) << what << " is read as if nothing were wrong";
    const std::string text = status.ToString();
    EXPECT_TRUE(status.error().code == ErrorCode::kBadInput || status.error().code == ErrorCode::kLimit) << text;
    EXPECT_EQ(text.rfind("golden.fpk: ", 0), 0u) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
};

TEST_P(GoldenTest, IsRead) {
  ASSERT_FALSE(good_.empty());
  Result<Package> package = ReadPackage(std::string("tests/package_format/") + GetParam());
  ASSERT_TRUE(package.ok()) << package.status().ToString();
  EXPECT_EQ(Describe(*package), Describe(SamplePackage()));
}

TEST_P(GoldenTest, EveryTruncation) {
  for (size_t size = 0; size < good_.size(); size++) {
    ExpectRefused(Read({good_.begin(), good_.begin() + size}), "the first " + std::to_string(size) + " bytes");
  }
}

TEST_P(GoldenTest, AppendedBytes) {
  for (size_t count : {1, 63, 64, 4096}) {
    for (uint8_t byte : {0, 0xff}) {
      std::vector<uint8_t> changed = good_;
      changed.resize(changed.size() + count, byte);
      ExpectRefused(Read(changed), std::to_string(count) + " more bytes");
    }
  }
  std::vector<uint8_t> twice = good_;
  twice.insert(twice.end(), good_.begin(), good_.end());
  ExpectRefused(Read(twice), "the file twice");
}

TEST_P(GoldenTest, EverySingleByteChange) {
  std::vector<uint8_t> changed = good_;
  const auto check = [&](size_t at, uint8_t byte) {
    changed[at] = byte;
    ExpectRefused(Read(changed), "byte " + std::to_string(at) + " as " + std::to_string(byte));
    changed[at] = good_[at];
  };
  for (size_t at = 0; at < good_.size(); at++) {
    // Header and footer have few bytes and much meaning: every value. Elsewhere one bit, all bits and one more.
    if (at < 64 || at >= good_.size() - 64) {
      for (int difference = 1; difference < 256; difference++) check(at, static_cast<uint8_t>(good_[at] ^ difference));
    } else {
      for (uint8_t byte : {good_[at] ^ 1 << at % 8, good_[at] ^ 0xff, good_[at] + 1}) check(at, byte);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenTest, testing::Values("golden.fpk", "golden_compressed.fpk"));

}  // namespace
}  // namespace fusepack
