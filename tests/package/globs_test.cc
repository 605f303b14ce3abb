// Cases asked of torch.package's GlobGroup.
#include "tracer/package/globs.h"

#include <gtest/gtest.h>

namespace fusepack {
namespace {

bool Matches(const std::string& pattern, std::string_view name) {
  return GlobGroup::Create({pattern}).value().Matches(name);
}

TEST(Globs, Segments) {
  EXPECT_TRUE(Matches("torchvision.**", "torchvision"));
  EXPECT_TRUE(Matches("torchvision.**", "torchvision.models.resnet"));
  EXPECT_FALSE(Matches("torchvision.**", "torchvisionary"));
  EXPECT_TRUE(Matches("**", "a.b.c"));
  EXPECT_TRUE(Matches("**.c", "a.b.c"));
  EXPECT_TRUE(Matches("a.**.c", "a.c"));
  EXPECT_TRUE(Matches("a.**.c", "a.x.y.c"));
  EXPECT_FALSE(Matches("a.**.c", "a.x.y.d"));
  EXPECT_TRUE(Matches("a.*", "a.b"));
  EXPECT_FALSE(Matches("a.*", "a"));
  EXPECT_FALSE(Matches("a.*", "a.b.c"));
  EXPECT_TRUE(Matches("foo*", "foo"));
  EXPECT_TRUE(Matches("*oo.b*r", "foo.bar"));
  EXPECT_FALSE(Matches("a.b", "axb"));
}

TEST(Globs, Exclude) {
  const GlobGroup group = GlobGroup::Create({"a.**", "b"}, {"a.x.**"}).value();
  EXPECT_TRUE(group.Matches("a.y"));
  EXPECT_TRUE(group.Matches("b"));
  EXPECT_FALSE(group.Matches("a.x"));
  EXPECT_FALSE(group.Matches("a.x.z"));
  EXPECT_FALSE(GlobGroup().Matches("a"));
}

TEST(Globs, Refused) {
  for (const char* pattern : {"a**", "a.**b", "", "a..b", "***"}) {
    EXPECT_EQ(GlobGroup::Create({pattern}).error().code, ErrorCode::kUsage) << pattern;
  }
}

TEST(Globs, HostilePatternsTakeNoTime) {
  std::string pattern, name;
  for (int i = 0; i < 2000; i++) pattern += "*a", name += "a";
  EXPECT_FALSE(Matches(pattern + "b", name));
}

}  // namespace
}  // namespace fusepack
