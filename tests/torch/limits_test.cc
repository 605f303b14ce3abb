// Code that asks for too much memory or time is refused at once, with kLimit; nonsense is an ordinary Python error.
#include "tests/torch/evaluator.h"

namespace fusepack {
namespace {

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, AtOnce) {
  Evaluator evaluator;
  const Result<py::Value> result = evaluator.in().Run("test.py", std::string("import torch\nx = ") + GetParam() + "\n");
  ASSERT_FALSE(result.ok()) << GetParam();
  EXPECT_EQ(result.error().code, ErrorCode::kLimit) << result.error().ToString();
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values("torch.zeros(10**13)", "torch.ones(1).expand(10**12).clone()", "torch.arange(10**12)",
                    "torch.ones(10).repeat(10**10)", "torch.rand(10**11)", "torch.ones(1).expand(10**12) + 1",
                    "torch.ones(1).expand(10**11).to(torch.float64)", "torch.full((2**31, 2**31), 1)",
                    "torch.ones(2, 1).expand(2, 10**11).t().reshape(-1)", "torch.randperm(10**11)", "torch.eye(10**7)",
                    "torch.ones(1).expand(10**12).bernoulli_()", "torch.ones(1).expand(10**12).half()",
                    "torch.equal(torch.ones(1).expand(10**11), torch.ones(1).expand(10**11))",
                    "torch.nn.Conv2d(3, 10**9, 100)", "torch.linspace(0, 1, 10**12)"));

class PythonError : public testing::TestWithParam<const char*> {};

TEST_P(PythonError, ThatCodeMayCatch) {
  Evaluator evaluator;
  const Result<py::Value> result = evaluator.in().Run(
      "test.py", std::string("import torch\ntry:\n    ") + GetParam() + "\nexcept Exception as e:\n    caught = 1\nprint(caught)\n");
  EXPECT_TRUE(result.ok()) << GetParam() << ": " << result.error().ToString();
}

INSTANTIATE_TEST_SUITE_P(
    All, PythonError,
    testing::Values("torch.zeros(-1)", "torch.ones(3, 3).permute(0, 0)", "torch.ones(2, 2).select(5, 0)",
                    "torch.ones(2)[10**18]", "torch.ones(3).view(-1, 0)", "torch.ones(2).reshape(3)", "torch.tensor(torch)",
                    "torch.ones(1).expand(5).fill_(3)", "torch.ones(2, 2)[0, 0, 0]", "torch.ones(2).backward()",
                    "torch.ones(2, 3) + torch.ones(4)", "torch.cat([])", "torch.nn.Linear(2, 3)(torch.ones(4))",
                    "torch.load('x')", "torch.ops.my.op(1)", "torch.ones(2).cuda()", "bool(torch.ones(2))",
                    "torch.ones(2).view(dtype=3)", "torch.nn.Module().x", "torch.nn.Conv2d(3, 4, 3, groups=2)",
                    "torch.device('nowhere')", "torch.ones(2).to('cuda')", "torch.zeros(2)['a']",
                    "torch.ones(2, 2)[:, ::-1]", "torch.tensor([[1, 2], [3]])"));

}  // namespace
}  // namespace fusepack
