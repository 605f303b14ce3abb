// Arguments that no model means: every operator answers with a result or an error, never by a crash, and never by work
// without bound. The numbers of each example are replaced, one at a time, by extremes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engine/graph/builder.h"
#include "tests/ops/example.h"

namespace fusepack {
namespace {

const int64_t kInts[] = {0, -1, 1, 2, 3, -7, 17, int64_t{1} << 31, int64_t{1} << 40, -(int64_t{1} << 40),
                         std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
const double kFloats[] = {0, -1, 1e300, -1e-300, NAN, INFINITY, -INFINITY};
constexpr int64_t kMaxElements = 1 << 16;  // larger results are only inferred, not computed

// All calls that differ from `args` in one number.
std::vector<std::vector<Arg>> Variants(const std::vector<Arg>& args) {
  std::vector<std::vector<Arg>> out;
  for (size_t i = 0; i < args.size(); i++) {
    const auto add = [&](Arg arg) {
      out.push_back(args);
      out.back()[i] = std::move(arg);
    };
    if (std::holds_alternative<Dim>(args[i])) {
      for (int64_t v : kInts) add(Dim(v));
      for (double v : kFloats) add(v);
    } else if (std::holds_alternative<double>(args[i])) {
      for (double v : kFloats) add(v);
    } else if (auto* dims = std::get_if<std::vector<Dim>>(&args[i])) {
      for (size_t k = 0; k < dims->size(); k++) {
        for (int64_t v : kInts) {
          std::vector<Dim> changed = *dims;
          changed[k] = Dim(v);
          add(changed);
        }
      }
      add(std::vector<Dim>());
      add(std::vector<Dim>(20, Dim(1)));
    } else if (std::holds_alternative<std::string>(args[i])) {
      for (const char* v : {"", "->", "...", "ij,,->", "ij...,jk->i...i", "zz"}) add(std::string(v));
    }
    add(std::monostate());
  }
  return out;
}

void Try(const OpDef& op, const std::vector<Arg>& args, const std::vector<Tensor>& tensors) {
  // A crash leaves no trace of the call: FUSEPACK_TEST_TRACE=1 names each one first.
  if (std::getenv("FUSEPACK_TEST_TRACE") != nullptr) std::fprintf(stderr, "%s\n", std::string(op.name).c_str());
  Graph graph;
  for (const Tensor& t : tensors) graph.AddInput("x", t.dtype(), ToDimVector(t.sizes()));
  GraphBuilder builder(&graph);
  const auto out = builder.Add(op, args);
  if (!out.ok()) return;
  for (const Value& value : graph.values) {
    CheckedI64 elements = 1;
    for (const Dim& d : value.sizes) {
      ASSERT_GE(d.hint(), 0) << ToString(value.sizes);
      elements *= std::max<int64_t>(d.hint(), 1);
    }
    if (!elements.Within(kMaxElements)) return;
  }
  (void)EvalOp(op, args, tensors);
}

TEST(Hostile, Numbers) {
  for (const OpDef* op : AllOps()) {
    for (std::string_view example : op->examples) {
      SCOPED_TRACE(std::string(op->name) + "(" + std::string(example) + ")");
      const Example e = ReadExample(op->schema(), example, DType::kF32);
      for (const std::vector<Arg>& args : Variants(e.args)) Try(*op, args, e.tensors);
    }
  }
}

// Other ranks and sizes than the operator expects.
TEST(Hostile, Tensors) {
  for (const OpDef* op : AllOps()) {
    for (std::string_view example : op->examples) {
      SCOPED_TRACE(std::string(op->name) + "(" + std::string(example) + ")");
      const Example e = ReadExample(op->schema(), example, DType::kF32);
      for (size_t i = 0; i < e.tensors.size(); i++) {
        for (const Dims& sizes : {Dims{}, Dims{0}, Dims{1}, Dims{3, 0}, Dims{2, 3, 4}, Dims{0, 2, 0, 3, 1}, Dims{1, 1, 1, 1, 1, 1, 1}}) {
          std::vector<Tensor> tensors = e.tensors;
          tensors[i] = Tensor::Zeros(e.tensors[i].dtype(), sizes).value();
          Try(*op, e.args, tensors);
        }
        for (DType dtype : {DType::kBool, DType::kU8, DType::kI64, DType::kF16, DType::kC64}) {
          std::vector<Tensor> tensors = e.tensors;
          tensors[i] = Tensor::Zeros(dtype, e.tensors[i].sizes()).value();
          Try(*op, e.args, tensors);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fusepack
