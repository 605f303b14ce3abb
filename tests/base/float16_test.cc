#include "kernels/base/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/base/dtype.h"

namespace fusepack {
namespace {

template <typename Half>
Half FromBits(uint16_t bits) {
  Half h;
  h.bits = bits;
  return h;
}

// Every value converts to float and back unchanged; NaN stays NaN.
template <typename Half>
void ExpectRoundTrip() {
  for (int bits = 0; bits < 65536; bits++) {
    const Half half = FromBits<Half>(static_cast<uint16_t>(bits));
    const float value = static_cast<float>(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(static_cast<float>(Half(value)))) << bits;
    } else {
      EXPECT_EQ(Half(value).bits, bits);
    }
  }
}

// Between two neighbours: the nearer one, and of two as near the one with an even last bit.
template <typename Half>
void ExpectNearestEven(uint16_t largest_finite) {
  for (int bits = 0; bits < largest_finite; bits++) {
    const float low = static_cast<float>(FromBits<Half>(static_cast<uint16_t>(bits)));
    const float high = static_cast<float>(FromBits<Half>(static_cast<uint16_t>(bits + 1)));
    const float middle = low + (high - low) / 2;
    EXPECT_EQ(Half(middle).bits, bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(Half(std::nextafter(middle, low)).bits, bits);
    EXPECT_EQ(Half(std::nextafter(middle, high)).bits, bits + 1);
    EXPECT_EQ(Half(-std::nextafter(middle, high)).bits, (bits + 1) | 0x8000);
  }
}

TEST(Float16, RoundTrip) { ExpectRoundTrip<Float16>(); }
TEST(Float16, NearestEven) { ExpectNearestEven<Float16>(0x7bff); }
TEST(Float16, Overflow) {
  EXPECT_EQ(Float16(65519.f).bits, 0x7bff);
  EXPECT_EQ(Float16(65520.f).bits, 0x7c00);
  EXPECT_EQ(Float16(std::numeric_limits<float>::infinity()).bits, 0x7c00);
  EXPECT_EQ(Float16(1e-10f).bits, 0);
}
TEST(BFloat16, RoundTrip) { ExpectRoundTrip<BFloat16>(); }
TEST(BFloat16, NearestEven) { ExpectNearestEven<BFloat16>(0x7f7f); }

TEST(DType, Names) {
  for (int i = 0; i < kDTypeCount; i++) {
    const DType dtype = static_cast<DType>(i);
    EXPECT_EQ(DTypeFromShortName(ShortName(dtype)), dtype);
    EXPECT_EQ(DTypeFromTorchName(TorchName(dtype)), dtype);
  }
  EXPECT_EQ(DTypeFromTorchName("long"), DType::kI64);
  EXPECT_FALSE(DTypeFromTorchName("complex32").has_value());
}

}  // namespace
}  // namespace fusepack
