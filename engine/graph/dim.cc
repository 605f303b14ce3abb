#include "engine/graph/dim.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace fusepack {

namespace {

enum Kind { kSymbol, kAdd, kSub, kMul, kFloorDiv, kMod, kMin, kMax, kFloorScale };

constexpr int kMaxParseDepth = 64;

int64_t Saturate(__int128 v) {
  return static_cast<int64_t>(std::clamp<__int128>(v, -__int128{kDimLimit}, __int128{kDimLimit}));
}

// In 128 bits: the smallest number divided by -1 has no place in 64.
__int128 Floor(__int128 a, __int128 b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

int64_t Scale(int64_t a, double factor) {
  const double scaled = std::floor(static_cast<double>(a) * factor);
  return static_cast<int64_t>(std::clamp(std::isnan(scaled) ? 0 : scaled, -double(kDimLimit), double(kDimLimit)));
}

// Division by zero gives 0 here; Evaluate reports it, and callers of FloorDiv and Mod have looked at the hint.
int64_t Apply(int kind, int64_t a, int64_t b, double factor) {
  switch (kind) {
    case kAdd: return Saturate(__int128{a} + b);
    case kSub: return Saturate(__int128{a} - b);
    case kMul: return Saturate(__int128{a} * b);
    case kFloorDiv: return b == 0 ? 0 : Saturate(Floor(a, b));
    case kMod: return b == 0 ? 0 : Saturate(a - Floor(a, b) * b);
    case kMin: return std::min(a, b);
    case kMax: return std::max(a, b);
    case kFloorScale: return Scale(a, factor);
  }
  FP_CHECK(false);
  return 0;
}

const char* OperatorText(int kind) {
  switch (kind) {
    case kAdd: return " + ";
    case kSub: return " - ";
    case kMul: return " * ";
    case kFloorDiv: return " // ";
    case kMod: return " % ";
    default: return "";
  }
}

}  // namespace

struct Dim::Expr {
  int kind;
  int symbol = 0;     // kSymbol
  Dim a, b;           // operands
  double factor = 0;  // kFloorScale
  int max_symbol = -1;
};

Dim Dim::Symbol(int index, int64_t hint) {
  Dim d(hint);
  auto expr = std::make_shared<Expr>();
  expr->kind = kSymbol;
  expr->symbol = expr->max_symbol = index;
  d.expr_ = std::move(expr);
  return d;
}

int Dim::MaxSymbol() const { return expr_ ? expr_->max_symbol : -1; }

bool SameExpr(const Dim& a, const Dim& b) {
  if (a.expr_ == b.expr_) return a.hint_ == b.hint_;
  if (!a.expr_ || !b.expr_) return false;
  const Dim::Expr &x = *a.expr_, &y = *b.expr_;
  if (x.kind != y.kind || a.hint_ != b.hint_) return false;
  if (x.kind == kSymbol) return x.symbol == y.symbol;
  return x.factor == y.factor && SameExpr(x.a, y.a) && SameExpr(x.b, y.b);
}

// The expression itself, as it stands.
Dim Dim::Node(int kind, const Dim& a, const Dim& b, double factor) {
  Dim d(Apply(kind, a.hint_, b.hint_, factor));
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->a = a;
  expr->b = b;
  expr->factor = factor;
  expr->max_symbol = std::max(a.MaxSymbol(), b.MaxSymbol());
  d.expr_ = std::move(expr);
  return d;
}

// A product as its factors that are no products, sorted by their text, and one constant. Products are kept in this
// order, so that (a * 2) * b and 2 * (b * a) are the same expression.
struct Dim::Product {
  std::vector<Dim> factors;
  Dim constant = 1;

  void Multiply(const Dim& d) {
    if (d.is_constant()) {
      constant = Dim(Apply(kMul, constant.hint_, d.hint_, 0));
    } else if (d.expr_->kind == kMul) {
      Multiply(d.expr_->a);
      Multiply(d.expr_->b);
    } else {
      factors.insert(std::upper_bound(factors.begin(), factors.end(), d,
                                      [](const Dim& x, const Dim& y) { return x.ToString() < y.ToString(); }), d);
    }
  }
  // Takes out factors that the two share; true if any was.
  bool Cancel(Product* other) {
    const size_t before = factors.size();
    for (size_t i = 0; i < factors.size();) {
      const auto same = std::find_if(other->factors.begin(), other->factors.end(),
                                     [&](const Dim& d) { return SameExpr(d, factors[i]); });
      if (same == other->factors.end()) {
        i++;
      } else {
        other->factors.erase(same);
        factors.erase(factors.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    bool any = factors.size() != before;
    const int64_t c = constant.hint_, o = other->constant.hint_;
    if (o > 1 && c % o == 0) {
      constant = Dim(c / o);
      other->constant = 1;
      any = true;
    }
    return any;
  }
  Dim Make() const {
    if (factors.empty() || constant.is(0)) return constant;
    Dim out = factors[0];
    for (size_t i = 1; i < factors.size(); i++) out = Node(kMul, out, factors[i], 0);
    return constant.is(1) ? out : Node(kMul, out, constant, 0);
  }
};

// The simplifications: constants fold; x+0, x-0, x*1, x//1, x-x, 0*x; constants gather on the right, so that
// (x + 2) + 3 is x + 5; factors that dividend and divisor share cancel, so that (x * c) // c is x and (x * c) % c is 0.
Dim Dim::Make(int kind, const Dim& a, const Dim& b, double factor) {
  const int64_t hint = Apply(kind, a.hint_, b.hint_, factor);
  if (a.is_constant() && b.is_constant()) return Dim(hint);
  switch (kind) {
    case kAdd:
      if (a.is_constant()) return Make(kAdd, b, a);
      if (b.is(0)) return a;
      if (b.is_constant() && a.expr_->kind == kAdd && a.expr_->b.is_constant()) return a.expr_->a + (a.expr_->b + b);
      if (b.is_constant() && b.hint_ < 0) return Make(kSub, a, Dim(-b.hint_));
      if (b.is_constant() && a.expr_->kind == kSub && a.expr_->b.is_constant()) return a.expr_->a + (b - a.expr_->b);
      if (!b.is_constant() && b.expr_->kind == kSub && b.expr_->a.is(0)) return a - b.expr_->b;
      if (!b.is_constant() && b.expr_->kind == kSub && SameExpr(b.expr_->b, a)) return b.expr_->a;
      if (a.expr_->kind == kSub && SameExpr(a.expr_->b, b)) return a.expr_->a;
      break;
    case kSub:
      if (b.is(0)) return a;
      if (SameExpr(a, b)) return Dim(0);
      if (b.is_constant() && b.hint_ < 0) return Make(kAdd, a, Dim(-b.hint_));
      if (b.is_constant() && a.expr_->kind == kAdd && a.expr_->b.is_constant()) return a.expr_->a + (a.expr_->b - b);
      if (b.is_constant() && a.expr_->kind == kSub && a.expr_->b.is_constant()) return Make(kSub, a.expr_->a, a.expr_->b + b);
      if (a.is(0) && b.expr_->kind == kSub) return b.expr_->b - b.expr_->a;
      break;
    case kMul: {
      Product product;
      product.Multiply(a);
      product.Multiply(b);
      return product.Make();
    }
    case kFloorDiv:
    case kMod: {
      if (b.is(1)) return kind == kMod ? Dim(0) : a;
      if (b.hint_ == 0) break;
      // x // y with common factors taken out is the same; x % y would be scaled, so it cancels only where it is 0.
      Product above, below;
      above.Multiply(a);
      below.Multiply(b);
      if (!above.Cancel(&below)) break;
      const Dim divisor = below.Make();
      if (divisor.is(1)) return kind == kMod ? Dim(0) : above.Make();
      if (kind == kFloorDiv) return Make(kFloorDiv, above.Make(), divisor);
      break;
    }
    case kMin:
    case kMax:
      if (SameExpr(a, b)) return a;
      break;
  }
  return Node(kind, a, b, factor);
}

Dim operator+(const Dim& a, const Dim& b) { return Dim::Make(kAdd, a, b); }
Dim operator-(const Dim& a, const Dim& b) { return Dim::Make(kSub, a, b); }
Dim operator*(const Dim& a, const Dim& b) { return Dim::Make(kMul, a, b); }
Dim FloorDiv(const Dim& a, const Dim& b) { return Dim::Make(kFloorDiv, a, b); }
Dim Mod(const Dim& a, const Dim& b) { return Dim::Make(kMod, a, b); }
Dim Min(const Dim& a, const Dim& b) { return Dim::Make(kMin, a, b); }
Dim Max(const Dim& a, const Dim& b) { return Dim::Make(kMax, a, b); }
Dim FloorScale(const Dim& a, double factor) { return Dim::Make(kFloorScale, a, Dim(0), factor); }

Result<Dim> Dim::Substitute(std::span<const int64_t> symbols) const {
  if (!expr_) return *this;
  if (expr_->kind == kSymbol) {
    FP_CHECK_LT(expr_->symbol, static_cast<int>(symbols.size()));
    return Dim(symbols[expr_->symbol]);
  }
  FP_ASSIGN_OR_RETURN(Dim a, expr_->a.Substitute(symbols));
  FP_ASSIGN_OR_RETURN(Dim b, expr_->b.Substitute(symbols));
  if ((expr_->kind == kFloorDiv || expr_->kind == kMod) && b.hint_ == 0) {
    return BadInput("size " + ToString(), "division by zero");
  }
  return Make(expr_->kind, a, b, expr_->factor);
}

Result<int64_t> Dim::Evaluate(std::span<const int64_t> symbols) const {
  FP_ASSIGN_OR_RETURN(Dim d, Substitute(symbols));
  return d.hint();
}

std::string Dim::ToString() const {
  if (!expr_) return std::to_string(hint_);
  const auto operand = [](const Dim& d) {
    const bool atom = !d.expr_ || d.expr_->kind == kSymbol || d.expr_->kind >= kMin;
    return atom && !(d.is_constant() && d.hint_ < 0) ? d.ToString() : "(" + d.ToString() + ")";
  };
  switch (expr_->kind) {
    case kSymbol: return "s" + std::to_string(expr_->symbol);
    case kMin: return "min(" + expr_->a.ToString() + ", " + expr_->b.ToString() + ")";
    case kMax: return "max(" + expr_->a.ToString() + ", " + expr_->b.ToString() + ")";
    case kFloorScale: {
      char factor[40];
      std::snprintf(factor, sizeof factor, "%.17g", expr_->factor);
      return "scale(" + expr_->a.ToString() + ", " + factor + ")";
    }
    default: return operand(expr_->a) + OperatorText(expr_->kind) + operand(expr_->b);
  }
}

// dim  = term { ("+" | "-" | "*" | "//" | "%") term }, applied left to right; term = number | symbol | "(" dim ")"
//      | ("min" | "max") "(" dim "," dim ")" | "scale" "(" dim "," float ")"
class DimParser {
 public:
  DimParser(std::string_view text, std::span<const int64_t> hints) : text_(text), hints_(hints) {}

  Result<Dim> Parse() {
    FP_ASSIGN_OR_RETURN(Dim d, ParseExpr(0));
    Skip();
    if (at_ != text_.size()) return Bad("the end");
    return d;
  }

 private:
  Result<Dim> ParseExpr(int depth) {
    if (depth > kMaxParseDepth) return LimitExceeded("size expression", "nesting over 64");
    FP_ASSIGN_OR_RETURN(Dim left, ParseTerm(depth));
    for (;;) {
      Skip();
      int kind = -1;
      if (Take("//")) kind = kFloorDiv;
      else if (Take("+")) kind = kAdd;
      else if (Take("-")) kind = kSub;
      else if (Take("*")) kind = kMul;
      else if (Take("%")) kind = kMod;
      if (kind < 0) return left;
      FP_ASSIGN_OR_RETURN(Dim right, ParseTerm(depth));
      if ((kind == kFloorDiv || kind == kMod) && right.is(0)) return Bad("a divisor other than 0");
      left = Dim::Make(kind, left, right);
    }
  }

  Result<Dim> ParseTerm(int depth) {
    Skip();
    if (Take("(")) {
      FP_ASSIGN_OR_RETURN(Dim d, ParseExpr(depth + 1));
      Skip();
      if (!Take(")")) return Bad("')'");
      return d;
    }
    for (auto [name, kind] : {std::pair{"min(", kMin}, {"max(", kMax}, {"scale(", kFloorScale}}) {
      if (!Take(name)) continue;
      FP_ASSIGN_OR_RETURN(Dim a, ParseExpr(depth + 1));
      Skip();
      if (!Take(",")) return Bad("','");
      Dim b(0);
      double factor = 0;
      Skip();
      if (kind == kFloorScale) {
        if (!Number(&factor)) return Bad("a factor");
      } else {
        FP_ASSIGN_OR_RETURN(b, ParseExpr(depth + 1));
      }
      Skip();
      if (!Take(")")) return Bad("')'");
      return Dim::Make(kind, a, b, factor);
    }
    int64_t number = 0;
    if (Take("s")) {
      if (!Number(&number) || number < 0 || number >= static_cast<int64_t>(hints_.size())) return Bad("a symbol of the graph");
      return Dim::Symbol(static_cast<int>(number), hints_[number]);
    }
    if (!Number(&number) || number < -kDimLimit || number > kDimLimit) return Bad("a size");
    return Dim(number);
  }

  template <typename T>
  bool Number(T* out) {
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), *out);
    if (error != std::errc()) return false;
    at_ = end - text_.data();
    return true;
  }
  void Skip() {
    while (at_ < text_.size() && text_[at_] == ' ') at_++;
  }
  bool Take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  Status Bad(std::string expected) {
    return BadInput("size expression '" + std::string(text_) + "'", "unexpected text at column " + std::to_string(at_ + 1),
                    std::move(expected));
  }

  std::string_view text_;
  std::span<const int64_t> hints_;
  size_t at_ = 0;
};

Result<Dim> ParseDim(std::string_view text, std::span<const int64_t> hints) { return DimParser(text, hints).Parse(); }

std::string Guard::ToString() const {
  static constexpr const char* kText[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
  return lhs.ToString() + kText[static_cast<int>(op)] + rhs.ToString();
}

bool Guards::Decide(const Dim& a, Compare op, const Dim& b) {
  const int64_t x = a.hint(), y = b.hint();
  bool answer = false;
  switch (op) {
    case Compare::kEq: answer = x == y; break;
    case Compare::kNe: answer = x != y; break;
    case Compare::kLt: answer = x < y; break;
    case Compare::kLe: answer = x <= y; break;
    case Compare::kGt: answer = x > y; break;
    case Compare::kGe: answer = x >= y; break;
  }
  if ((a.is_constant() && b.is_constant()) || SameExpr(a, b)) return answer;
  // What is relied upon is the condition that held: the asked one, or its opposite.
  static constexpr Compare kOpposite[] = {Compare::kNe, Compare::kEq, Compare::kGe,
                                          Compare::kGt, Compare::kLe, Compare::kLt};
  Guard guard{a, answer ? op : kOpposite[static_cast<int>(op)], b, where_};
  for (const Guard& known : list_) {
    if (known.op == guard.op && SameExpr(known.lhs, a) && SameExpr(known.rhs, b)) return answer;
  }
  list_.push_back(std::move(guard));
  return answer;
}

int64_t Guards::Pin(const Dim& d) {
  if (!d.is_constant()) Equal(d, Dim(d.hint()));
  return d.hint();
}

Dims ToDims(const std::vector<Dim>& sizes) {
  Dims out;
  for (const Dim& d : sizes) {
    FP_CHECK(d.is_constant());
    out.push_back(d.hint());
  }
  return out;
}

std::vector<Dim> ToDimVector(const Dims& sizes) { return {sizes.begin(), sizes.end()}; }

std::string ToString(const std::vector<Dim>& sizes) {
  std::string out = "[";
  for (size_t i = 0; i < sizes.size(); i++) out += (i ? "," : "") + sizes[i].ToString();
  return out + "]";
}

}  // namespace fusepack
