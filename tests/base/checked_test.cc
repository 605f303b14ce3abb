#include "kernels/base/checked.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "kernels/base/dims.h"
#include "kernels/base/parallel.h"
#include "kernels/base/status.h"

namespace fusepack {
namespace {

TEST(CheckedI64, RemembersOverflow) {
  EXPECT_EQ((CheckedI64(6) * 7 + 1 - 3).value(), 40);
  const CheckedI64 big = INT64_MAX;
  EXPECT_FALSE((big + 1).ok());
  EXPECT_FALSE((big * 2).ok());
  EXPECT_FALSE((CheckedI64(INT64_MIN) - 1).ok());
  EXPECT_FALSE(((big + 1) - 1).ok()) << "once invalid, always invalid";
  EXPECT_FALSE((big * 2 * 0).ok());
  EXPECT_FALSE(CheckedI64::FromU64(uint64_t{1} << 63).ok());
  EXPECT_TRUE(CheckedI64::FromU64(7).Within(7));
  EXPECT_FALSE(CheckedI64(-1).Within(7));
}

TEST(Dims, NumelOfHostileSizes) {
  EXPECT_EQ(Numel(Dims{}), 1);
  EXPECT_EQ(Numel(Dims{2, 0, 3}), 0);
  EXPECT_FALSE(CheckedNumel(Dims{int64_t{1} << 40, int64_t{1} << 40}).ok());
}

TEST(Dims, Strides) {
  EXPECT_EQ(ContiguousStrides({2, 3, 4}), (Dims{12, 4, 1}));
  EXPECT_EQ(ContiguousStrides({2, 0, 4}), (Dims{4, 4, 1}));
  EXPECT_TRUE(IsContiguous({2, 1, 4}, {4, 99, 1}));
  EXPECT_FALSE(IsContiguous({2, 3}, {1, 2}));
  EXPECT_EQ((Dims{1, 3, 224}).ToString(), "[1,3,224]");
  Dims d{1, 2, 3};
  d.insert(1, 9);
  EXPECT_EQ(d, (Dims{1, 9, 2, 3}));
  d.erase(0);
  EXPECT_EQ(d, (Dims{9, 2, 3}));
}

TEST(Status, OneLine) {
  const Status status = WithFile(WithPlace(BadInput("offset 3", "stride -1", "0 or more"), "record 'data.pkl'"), "m.pt");
  EXPECT_EQ(status.ToString(), "m.pt: record 'data.pkl': offset 3: stride -1, expected 0 or more");
  EXPECT_EQ(status.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(WithFile(status, "other").error().file, "m.pt");
}

TEST(ParallelFor, CoversEachIndexOnce) {
  for (int64_t n : {0, 1, 7, 1000}) {
    for (int64_t grain : {1, 3, 5000}) {
      std::vector<std::atomic<int>> seen(n);
      ParallelFor(n, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) seen[i]++;
      });
      for (int64_t i = 0; i < n; i++) EXPECT_EQ(seen[i], 1) << n << " " << grain << " " << i;
    }
  }
}

}  // namespace
}  // namespace fusepack
