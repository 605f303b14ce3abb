// Dim: a tensor size that is a number or an expression over the sizes of the graph's inputs.
//
// Every symbol carries the value that it had in the example inputs ("hint"), so every Dim can answer what it is for
// the example. Arithmetic keeps the expression, simplified as far as one look at the operands goes. A question that
// needs a yes or no (a == b?) is answered with the hints and recorded as a guard: a condition under which the graph
// is right. Compile evaluates guards for the actual sizes before anything else.
//
// Arithmetic saturates at +-kDimLimit instead of overflowing; sizes that large are refused where memory is planned.
// Values are immutable and may be read from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/dims.h"
#include "kernels/base/status.h"

namespace fusepack {

inline constexpr int64_t kDimLimit = int64_t{1} << 60;

class Dim {
 public:
  Dim(int64_t constant = 0) : hint_(constant) {}
  Dim(int constant) : hint_(constant) {}
  // Symbol number `index` of the graph, printed "s<index>".
  static Dim Symbol(int index, int64_t hint);

  bool is_constant() const { return expr_ == nullptr; }
  int64_t hint() const { return hint_; }  // the value with the example inputs; the value itself of a constant
  bool is(int64_t value) const { return is_constant() && hint_ == value; }

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  Dim operator-() const { return Dim(0) - *this; }
  // Python's // and %: round to minus infinity, sign of the divisor. The divisor must not be zero (hint).
  friend Dim FloorDiv(const Dim& a, const Dim& b);
  friend Dim Mod(const Dim& a, const Dim& b);
  friend Dim Min(const Dim& a, const Dim& b);
  friend Dim Max(const Dim& a, const Dim& b);
  // floor(a * factor), as torch.nn.functional.interpolate computes its sizes.
  friend Dim FloorScale(const Dim& a, double factor);

  // True if the two are the same expression, so equal for all inputs. False says nothing.
  friend bool SameExpr(const Dim& a, const Dim& b);

  // The value for symbol values s0, s1, ...; kBadInput on division by zero.
  Result<int64_t> Evaluate(std::span<const int64_t> symbols) const;
  // The same with every symbol replaced by its value.
  Result<Dim> Substitute(std::span<const int64_t> symbols) const;

  std::string ToString() const;  // "3", "s0", "(s2 + 6) // 2"; ParseDim reads it back
  int MaxSymbol() const;         // largest symbol index used, -1 for none

  struct Expr;  // dim.cc

 private:
  struct Product;  // dim.cc
  static Dim Make(int kind, const Dim& a, const Dim& b, double factor = 0);
  static Dim Node(int kind, const Dim& a, const Dim& b, double factor);
  int64_t hint_ = 0;
  std::shared_ptr<const Expr> expr_;
  friend class DimParser;
};

inline Dim CeilDiv(const Dim& a, const Dim& b) { return -FloorDiv(-a, b); }

// Reads what ToString writes; symbol s<i> gets hints[i].
Result<Dim> ParseDim(std::string_view text, std::span<const int64_t> hints);

inline std::ostream& operator<<(std::ostream& out, const Dim& d) { return out << d.ToString(); }

enum class Compare : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

// A condition on the input sizes that was true for the example and that the graph relies on.
struct Guard {
  Dim lhs;
  Compare op = Compare::kEq;
  Dim rhs;
  std::string where;  // "resnet.py:92:15: if x.shape[2] > 7"; the place that asked

  std::string ToString() const;  // "s1 == 3"
};

// Collects guards while a graph is made.
class Guards {
 public:
  // Answers `a op b` with the hints. Recorded (once) unless both are constants or the expressions are the same.
  bool Decide(const Dim& a, Compare op, const Dim& b);
  bool Equal(const Dim& a, const Dim& b) { return Decide(a, Compare::kEq, b); }
  // The example's value, from now on relied upon.
  int64_t Pin(const Dim& d);

  void set_where(std::string where) { where_ = std::move(where); }
  const std::vector<Guard>& list() const { return list_; }

 private:
  std::vector<Guard> list_;
  std::string where_;
};

// A size vector of constants as Dims; CHECKs that all are constant.
Dims ToDims(const std::vector<Dim>& sizes);
std::vector<Dim> ToDimVector(const Dims& sizes);
std::string ToString(const std::vector<Dim>& sizes);  // "[s0,3,224,224]"

}  // namespace fusepack
