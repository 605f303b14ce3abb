#include "kernels/base/status.h"

#include <gtest/gtest.h>

namespace fusepack {
namespace {

TEST(Status, OneLineNamesFilePlaceFoundAndExpected) {
  EXPECT_EQ(WithFile(BadInput("entry 3", "17 bytes", "at most 16"), "a.pt").ToString(), "a.pt: entry 3: 17 bytes, expected at most 16");
  EXPECT_EQ(WithFile(BadInput("4:9", "'yield'", ""), "m.py").ToString(), "m.py:4:9: 'yield'");
  EXPECT_EQ(UsageError("--batch 0", "1 or more").ToString(), "--batch 0, expected 1 or more");
}

TEST(Status, ControlCharactersOfAFileAreEscaped) {
  EXPECT_EQ(BadInput("entry '\x1b[2J\n'", "\x7f\xc3\xa9", "").ToString(), "entry '\\x1b[2J\\x0a': \\x7f\xc3\xa9");
}

TEST(Status, TheFirstFileStaysAndPlacesNest) {
  const Status inner = WithFile(BadInput("record", "x", ""), "inner");
  EXPECT_EQ(WithFile(WithPlace(inner, "outer"), "other").ToString(), "inner: outer: record: x");
}

}  // namespace
}  // namespace fusepack
