// Every operator's examples against what PyTorch computed in double precision (expected.txt, made by make_expected.py):
// eagerly in f64, f32 and f16, on tensors of odd strides, and through GraphBuilder with every size a symbol.
// Every example of an operator with a PyTorch name must have its line.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "engine/graph/builder.h"
#include "tests/ops/example.h"

namespace fusepack {
namespace {

struct ExpectedOutput {
  std::string sizes, dtype;
  std::vector<double> shown;
};

struct Case {
  const OpDef* op = nullptr;
  std::string example;
  std::vector<ExpectedOutput> outputs;
};

std::vector<std::string> SplitTabs(const std::string& line) {
  std::vector<std::string> out;
  std::stringstream in(line);
  for (std::string piece; std::getline(in, piece, '\t');) out.push_back(piece);
  return out;
}

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  std::ifstream in("tests/ops/expected.txt");
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> pieces = SplitTabs(line);
    if (pieces.size() < 2) continue;
    Case c;
    c.op = FindOp(pieces[0]);
    c.example = pieces[1];
    EXPECT_NE(c.op, nullptr) << pieces[0] << " is in expected.txt and not in the table";
    if (c.op == nullptr) continue;
    for (size_t i = 2; i < pieces.size(); i++) {
      ExpectedOutput out;
      std::stringstream text(pieces[i]);
      std::string head, number;
      text >> head;
      out.dtype = head.substr(0, head.find('['));
      out.sizes = head.substr(head.find('['));
      while (text >> number) out.shown.push_back(std::strtod(number.c_str(), nullptr));
      c.outputs.push_back(out);
    }
    cases.push_back(c);
  }
  return cases;
}

// The elements of a tensor as expected.txt shows them.
std::vector<double> Shown(const Tensor& t) {
  std::vector<double> v, out;
  const int64_t n = t.numel();
  for (int64_t i = 0; i < n; i++) v.push_back(t.ItemAsDouble(i));
  if (n <= 48) return v;
  for (int64_t j = 0; j < 16; j++) out.push_back(v[j * n / 16]);
  double a = 0, b = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!std::isfinite(v[i])) continue;
    a += v[i] * static_cast<double>(i * 37 % 101 - 50) / 50;
    b += v[i] * static_cast<double>(i * 53 % 89 - 44) / 44;
  }
  out.push_back(a);
  out.push_back(b);
  return out;
}

// Rounding of the result and of a short computation, relative to the largest output: a few units of the last place.
double Tolerance(DType dtype) {
  switch (dtype) {
    case DType::kF64: return 2e-13;
    case DType::kF32: return 5e-7;
    case DType::kBF16: return 8e-3;
    default: return 2e-3;
  }
}
// An example may name a coarser type than the one it is computed in.
double Tolerance(DType computed, DType output) {
  return IsFloating(output) ? std::max(Tolerance(computed), Tolerance(output)) : Tolerance(computed);
}

void Check(const Case& c, const std::vector<Tensor>& outputs, DType computed) {
  ASSERT_EQ(outputs.size(), c.outputs.size());
  for (size_t k = 0; k < outputs.size(); k++) {
    const ExpectedOutput& want = c.outputs[k];
    EXPECT_EQ(outputs[k].sizes().ToString(), want.sizes) << "output " << k;
    if (outputs[k].sizes().ToString() != want.sizes) return;
    if (computed == DType::kF64) {
      EXPECT_EQ(ShortName(outputs[k].dtype()), want.dtype) << "output " << k;
    }
    const std::vector<double> got = Shown(outputs[k]);
    ASSERT_EQ(got.size(), want.shown.size());
    double largest = 1;
    const size_t elements = outputs[k].numel() <= 48 ? got.size() : 16;
    for (size_t i = 0; i < elements; i++) {
      if (std::isfinite(want.shown[i])) largest = std::max(largest, std::abs(want.shown[i]));
    }
    for (size_t i = 0; i < got.size(); i++) {
      const double allowed = Tolerance(computed, outputs[k].dtype()) * largest * (i < elements ? 1 : std::sqrt(outputs[k].numel()) + 4);
      const bool same = std::isfinite(want.shown[i]) ? std::abs(got[i] - want.shown[i]) <= allowed
                        : std::isnan(want.shown[i])  ? std::isnan(got[i])
                                                     : got[i] == want.shown[i];
      EXPECT_TRUE(same) << "output " << k << (i < elements ? ", element " : ", weighted sum ") << i << ": " << got[i]
                        << ", PyTorch has " << want.shown[i] << " (difference " << got[i] - want.shown[i] << ")";
      if (!same) return;
    }
  }
}

// The same elements stored last dimension first, two apart.
Tensor OddStrides(const Tensor& t) {
  Dims strides = t.sizes();
  int64_t stride = 2;
  for (int d = 0; d < t.rank(); d++) {
    strides[d] = stride;
    stride *= std::max<int64_t>(t.sizes()[d], 1);
  }
  auto storage = Storage::Allocate((stride + 2) * ItemSize(t.dtype())).value();
  Tensor out(storage, t.dtype(), t.sizes(), strides, 1);
  const char* from = static_cast<const char*>(t.view().data);
  char* to = static_cast<char*>(storage->mutable_data());
  const int64_t item = static_cast<int64_t>(ItemSize(t.dtype()));
  for (int64_t i = 0; i < t.numel(); i++) {
    int64_t offset = 1, rest = i;
    for (int d = t.rank() - 1; d >= 0; d--) {
      offset += rest % t.sizes()[d] * strides[d];
      rest /= t.sizes()[d];
    }
    std::copy(from + i * item, from + (i + 1) * item, to + offset * item);
  }
  return out;
}

std::string Name(const Case& c) { return std::string(c.op->name) + "(" + c.example + ")"; }

TEST(Expected, EagerAgreesWithPyTorch) {
  for (const Case& c : ReadCases()) {
    for (DType dtype : {DType::kF64, DType::kF32, DType::kF16}) {
      SCOPED_TRACE(Name(c) + " in " + std::string(ShortName(dtype)));
      const Example e = ReadExample(c.op->schema(), c.example, dtype);
      auto out = EvalOp(*c.op, e.args, e.tensors);
      EXPECT_TRUE(out.ok()) << out.status().ToString();
      if (!out.ok()) continue;
      Check(c, *out, dtype);
    }
  }
}

TEST(Expected, AnyStrides) {
  for (const Case& c : ReadCases()) {
    if (c.op->name == "as_strided") continue;  // which is about the storage
    SCOPED_TRACE(Name(c));
    Example e = ReadExample(c.op->schema(), c.example, DType::kF64);
    for (Tensor& t : e.tensors) t = OddStrides(t);
    auto out = EvalOp(*c.op, e.args, e.tensors);
    EXPECT_TRUE(out.ok()) << out.status().ToString();
    if (!out.ok()) continue;
    Check(c, *out, DType::kF64);
  }
}

TEST(Expected, ShapesOfSymbols) {
  for (const Case& c : ReadCases()) {
    if (c.op->data_dependent != nullptr) continue;
    SCOPED_TRACE(Name(c));
    const Example e = ReadExample(c.op->schema(), c.example, DType::kF64);
    Graph graph;
    for (const Tensor& t : e.tensors) {
      std::vector<Dim> sizes;
      for (int64_t s : t.sizes()) {
        sizes.push_back(Dim::Symbol(static_cast<int>(graph.symbol_hints.size()), s));
        graph.symbol_hints.push_back(s);
      }
      graph.AddInput("x", t.dtype(), sizes);
    }
    GraphBuilder builder(&graph);
    auto out = builder.Add(*c.op, e.args);
    EXPECT_TRUE(out.ok()) << out.status().ToString();
    if (!out.ok()) continue;
    ASSERT_EQ(out->size(), c.outputs.size());
    for (size_t k = 0; k < out->size(); k++) {
      Dims sizes;
      for (const Dim& d : graph.value((*out)[k]).sizes) sizes.push_back(d.Evaluate(graph.symbol_hints).value());
      EXPECT_EQ(sizes.ToString(), c.outputs[k].sizes) << ToString(graph.value((*out)[k]).sizes);
      EXPECT_EQ(ShortName(graph.value((*out)[k]).dtype), c.outputs[k].dtype);
    }
  }
}

bool Holds(const Guard& guard, const std::vector<int64_t>& symbols) {
  const auto a = guard.lhs.Evaluate(symbols), b = guard.rhs.Evaluate(symbols);
  if (!a.ok() || !b.ok()) return false;
  Guards guards;
  return guards.Decide(*a, guard.op, *b);
}

// What a graph says for other sizes is right wherever its guards hold: the shape function asked about those sizes
// alone gives the same.
TEST(Expected, ShapesOfOtherSizes) {
  int compared = 0;
  for (const Case& c : ReadCases()) {
    if (c.op->data_dependent != nullptr) continue;
    SCOPED_TRACE(Name(c));
    const Example e = ReadExample(c.op->schema(), c.example, DType::kF32);
    Graph graph;
    for (const Tensor& t : e.tensors) {
      std::vector<Dim> sizes;
      for (int64_t s : t.sizes()) {
        sizes.push_back(Dim::Symbol(static_cast<int>(graph.symbol_hints.size()), s));
        graph.symbol_hints.push_back(s);
      }
      graph.AddInput("x", t.dtype(), sizes);
    }
    GraphBuilder builder(&graph);
    const auto out = builder.Add(*c.op, e.args);
    if (!out.ok()) continue;  // ShapesOfSymbols says so
    // Every subset of the first six symbols doubled, and every one of them plus one.
    const size_t n = std::min<size_t>(graph.symbol_hints.size(), 6);
    for (int round = 1; round < (2 << n); round++) {
      std::vector<int64_t> symbols = graph.symbol_hints;
      for (size_t i = 0; i < n; i++) {
        if (round >> 1 >> i & 1) symbols[i] = round & 1 ? symbols[i] * 2 : symbols[i] + 1;
      }
      bool holds = true;
      for (const Guard& guard : builder.guards().list()) holds &= Holds(guard, symbols);
      if (!holds) continue;
      Graph other;
      size_t next = 0;
      std::string given;
      for (const Tensor& t : e.tensors) {
        std::vector<Dim> sizes;
        for (int d = 0; d < t.rank(); d++) sizes.push_back(symbols[next++]);
        given += ToString(sizes);
        other.AddInput("x", t.dtype(), sizes);
      }
      GraphBuilder direct(&other);
      const auto want = direct.Add(*c.op, e.args);
      EXPECT_TRUE(want.ok()) << given << ": " << want.status().ToString();
      if (!want.ok()) break;
      EXPECT_EQ(out->size(), want->size()) << given;
      if (out->size() != want->size()) break;
      bool same = true;
      for (size_t k = 0; k < out->size(); k++) {
        Dims sizes;
        for (const Dim& d : graph.value((*out)[k]).sizes) sizes.push_back(d.Evaluate(symbols).value());
        same &= sizes.ToString() == ToString(other.value((*want)[k]).sizes);
        EXPECT_EQ(sizes.ToString(), ToString(other.value((*want)[k]).sizes)) << given << " output " << k;
      }
      if (!same) break;
      compared++;
    }
  }
  EXPECT_GT(compared, 1000);
}

// A view operator that says it needs no copy shares its argument's storage; the others never do.
TEST(Expected, ViewsShareStorage) {
  for (const Case& c : ReadCases()) {
    if (c.op->view == nullptr || c.op->eval != nullptr) continue;
    SCOPED_TRACE(Name(c));
    const Example e = ReadExample(c.op->schema(), c.example, DType::kF32);
    auto out = EvalOp(*c.op, e.args, e.tensors);
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    EXPECT_EQ((*out)[0].storage(), e.tensors[0].storage());
  }
}

TEST(Expected, HasEveryExample) {
  std::map<const OpDef*, std::set<std::string>> have;
  for (const Case& c : ReadCases()) have[c.op].insert(c.example);
  ASSERT_FALSE(have.empty());
  for (const OpDef* op : AllOps()) {
    if (op->torch.empty()) continue;  // reached through operators that have a name in PyTorch
    const std::set<std::string>& examples = have[op];
    for (std::string_view example : op->examples) {
      EXPECT_TRUE(examples.contains(std::string(example)))
          << op->name << "(" << example << "): run tests/ops/make_expected.py again";
    }
  }
}

}  // namespace
}  // namespace fusepack
