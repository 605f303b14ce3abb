#include "engine/graph/dim.h"

#include <gtest/gtest.h>

#include <random>

namespace fusepack {
namespace {

const std::vector<int64_t> kHints = {1, 224, 17};
Dim S(int i) { return Dim::Symbol(i, kHints[i]); }

TEST(Dim, Simplifies) {
  EXPECT_EQ((S(0) + 2 + 3).ToString(), "s0 + 5");
  EXPECT_EQ((S(1) + 2 * 3 - 7).ToString(), "s1 - 1");
  EXPECT_EQ((FloorDiv(S(1) + 2 * 3 - 7, 2) + 1).ToString(), "((s1 - 1) // 2) + 1");
  EXPECT_EQ(FloorDiv(S(0) * 64, 64).ToString(), "s0");
  EXPECT_EQ(Mod(S(0) * 64, 64).ToString(), "0");
  EXPECT_TRUE((S(0) - S(0)).is(0));
  EXPECT_TRUE((S(0) * 0).is(0));
  EXPECT_EQ((Dim(3) * S(0) * 2).ToString(), "s0 * 6");
  EXPECT_EQ(CeilDiv(S(1), 3).hint(), 75);
}

TEST(Dim, SaturatesInsteadOfOverflowing) {
  const Dim huge(kDimLimit);
  EXPECT_EQ((huge + huge).hint(), kDimLimit);
  EXPECT_EQ((huge * huge).hint(), kDimLimit);
  EXPECT_EQ((-huge * huge).hint(), -kDimLimit);
}

Dim RandomDim(std::mt19937& random, int depth) {
  if (depth == 0 || random() % 4 == 0) return random() % 2 ? S(random() % 3) : Dim(static_cast<int64_t>(random() % 9) - 2);
  const Dim a = RandomDim(random, depth - 1), b = RandomDim(random, depth - 1);
  switch (random() % 8) {
    case 0: return a - b;
    case 1: return a * b;
    case 2: return FloorDiv(a, Dim(static_cast<int64_t>(random() % 5) + 1));
    case 3: return Mod(a, Dim(static_cast<int64_t>(random() % 5) + 1));
    case 4: return Min(a, b);
    case 5: return Max(a, b);
    case 6: return FloorScale(a, 0.37);
    default: return a + b;
  }
}

// Whatever simplification did, an expression has its hint's value for the hints, and its text means the same.
TEST(Dim, RandomExpressions) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 2000; i++) {
    const Dim d = RandomDim(random, 4);
    EXPECT_EQ(d.Evaluate(kHints).value(), d.hint()) << d;
    const auto parsed = ParseDim(d.ToString(), kHints);
    ASSERT_TRUE(parsed.ok()) << d << ": " << parsed.status().ToString();
    EXPECT_EQ(parsed->hint(), d.hint()) << d;
    const std::vector<int64_t> other = {3, 160, 5};
    const auto x = d.Evaluate(other), y = parsed->Evaluate(other);
    ASSERT_EQ(x.ok(), y.ok());
    if (x.ok()) {
      EXPECT_EQ(*x, *y) << d;
    }
  }
}

TEST(Dim, ParseRefuses) {
  for (const char* text : {"", "s3", "s", "s0 +", "(s0", "s0)", "5 // 0", "min(s0)", "scale(s0, x)", "99999999999999999999", "s0 s1"}) {
    EXPECT_FALSE(ParseDim(text, kHints).ok()) << text;
  }
  EXPECT_FALSE(ParseDim(std::string(1000, '(') + "1" + std::string(1000, ')'), kHints).ok());
}

TEST(Dim, DivisionByASymbolThatBecomesZero) {
  const Dim d = FloorDiv(S(1), S(0));
  EXPECT_FALSE(d.Evaluate(std::vector<int64_t>{0, 224, 17}).ok());
}

TEST(Guards, RecordWhatHeldForTheExample) {
  Guards guards;
  EXPECT_TRUE(guards.Equal(Dim(3), Dim(3)));
  EXPECT_TRUE(guards.Equal(S(0), S(0)));
  EXPECT_TRUE(guards.list().empty()) << "nothing to rely on";
  guards.set_where("m.py:3:5");
  EXPECT_FALSE(guards.Decide(S(1), Compare::kLt, Dim(7)));
  EXPECT_FALSE(guards.Decide(S(1), Compare::kLt, Dim(7)));
  ASSERT_EQ(guards.list().size(), 1u);
  EXPECT_EQ(guards.list()[0].ToString(), "s1 >= 7");
  EXPECT_EQ(guards.list()[0].where, "m.py:3:5");
  EXPECT_EQ(guards.Pin(S(2)), 17);
  EXPECT_EQ(guards.list()[1].ToString(), "s2 == 17");
}

}  // namespace
}  // namespace fusepack
