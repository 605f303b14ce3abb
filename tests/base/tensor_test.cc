#include "engine/tensor.h"

#include <gtest/gtest.h>

#include <limits>

namespace fusepack {
namespace {

Tensor Counting(const Dims& sizes) {
  Tensor t = Tensor::Zeros(DType::kF32, sizes).value();
  for (int64_t i = 0; i < t.numel(); i++) t.mutable_view().as<float>()[i] = static_cast<float>(i);
  return t;
}

TEST(Tensor, ViewsShareStorage) {
  Tensor t = Counting({2, 3});
  Tensor transposed = t.AsStrided({3, 2}, {1, 3}, 0);
  EXPECT_FALSE(transposed.contiguous());
  EXPECT_EQ(transposed.ItemAsDouble(1), 3);
  t.mutable_view().as<float>()[3] = 42;
  EXPECT_EQ(transposed.ItemAsDouble(1), 42);
  const Tensor dense = transposed.Contiguous().value();
  EXPECT_TRUE(dense.contiguous());
  EXPECT_NE(dense.storage(), t.storage());
  EXPECT_EQ(dense.ItemAsDouble(1), 42);
}

TEST(Tensor, StrideZeroAndNegative) {
  const Tensor t = Counting({4});
  EXPECT_EQ(t.AsStrided({3, 2}, {0, 1}, 1).Clone().value().ItemAsDouble(5), 2);
  EXPECT_EQ(t.AsStrided({4}, {-1}, 3).Clone().value().ItemAsDouble(0), 3);
}

TEST(Tensor, Conversion) {
  const float values[] = {1.5f, -1.5f, 0.f, std::numeric_limits<float>::quiet_NaN(), 1e30f, 300.f};
  const Tensor t = Tensor::FromValues<float>({6}, values);
  const Tensor i = t.To(DType::kI64).value();
  EXPECT_EQ(i.ItemAsInt(0), 1);
  EXPECT_EQ(i.ItemAsInt(1), -1);
  EXPECT_EQ(i.ItemAsInt(3), INT64_MIN);
  EXPECT_EQ(i.ItemAsInt(4), INT64_MIN);
  const Tensor b = t.To(DType::kBool).value();
  EXPECT_EQ(b.ItemAsInt(0), 1);
  EXPECT_EQ(b.ItemAsInt(2), 0);
  EXPECT_EQ(b.ItemAsInt(3), 1) << "NaN is true";
  EXPECT_EQ(t.To(DType::kBF16).value().ItemAsDouble(5), 300);
  EXPECT_FALSE(t.To(DType::kC64).ok());
}

TEST(Tensor, HostileSizesAreRefusedBeforeMemoryIsTaken) {
  EXPECT_EQ(Tensor::Zeros(DType::kF32, {int64_t{1} << 40, int64_t{1} << 40}).error().code, ErrorCode::kLimit);
  EXPECT_EQ(Tensor::Zeros(DType::kF64, {int64_t{1} << 50}).error().code, ErrorCode::kLimit);
}

TEST(Tensor, EmptyAndScalar) {
  const Tensor empty = Tensor::Zeros(DType::kF32, {2, 0}).value();
  EXPECT_EQ(empty.numel(), 0);
  EXPECT_TRUE(empty.Clone().ok());
  EXPECT_EQ(Tensor::Scalar(DType::kI32, 7).ItemAsInt(), 7);
  EXPECT_EQ(Tensor::Scalar(DType::kF16, 0.5).ToString(), "f16[]");
}

}  // namespace
}  // namespace fusepack
