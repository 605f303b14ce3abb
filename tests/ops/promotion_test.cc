// Result types of all pairs of operands against PyTorch's (promotion.txt, made by make_promotion.py).
#include <gtest/gtest.h>

#include <fstream>

#include "engine/ops/shapes.h"

namespace fusepack {
namespace {

void Add(const std::string& operand, Promotion* promotion) {
  if (operand == "bool") return promotion->AddScalar(true);
  if (operand == "int") return promotion->AddScalar(Dim(2));
  if (operand == "float") return promotion->AddScalar(1.5);
  const size_t open = operand.find('[');
  ASSERT_NE(open, std::string::npos) << operand;
  promotion->AddTensor(*DTypeFromShortName(operand.substr(0, open)), operand.substr(open) == "[]" ? 0 : 1);
}

TEST(Promotion, AgreesWithPyTorch) {
  std::ifstream in("tests/ops/promotion.txt");
  std::string left, right, result;
  int pairs = 0;
  while (in >> left >> right >> result) {
    Promotion promotion;
    Add(left, &promotion);
    Add(right, &promotion);
    EXPECT_EQ(ShortName(promotion.Result()), result) << left << " with " << right;
    pairs++;
  }
  EXPECT_EQ(pairs, 20 * 23);
}

}  // namespace
}  // namespace fusepack
