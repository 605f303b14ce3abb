// Arithmetic of int and float. Integers are 64 bits: a result that does not fit ends evaluation (python's would grow).
// Floats print with std::to_chars' shortest form, laid out as CPython's repr does: exponents below -4 or from 16 on.
#include "tracer/python/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace fusepack::py {

bool AsNumber(const Value& v, bool* is_float, int64_t* integer, double* number) {
  switch (v.tag()) {
    case Value::Tag::kBool:
    case Value::Tag::kInt: return *is_float = false, *integer = v.integer(), true;
    case Value::Tag::kFloat: return *is_float = true, *number = v.number(), true;
    case Value::Tag::kObject:
      if (auto* i = v.As<IntBox>()) return *is_float = false, *integer = i->value, true;
      if (auto* f = v.As<FloatBox>()) return *is_float = true, *number = f->value, true;
      return false;
    default: return false;
  }
}

namespace {

[[noreturn]] void IntegerOverflow(Interpreter& in, const char* op) {
  in.OverLimit("the result of integer " + std::string(op) + " outside 64 bits", "integers of 64 bits");
}

int64_t FloorDivide(int64_t a, int64_t b) {
  int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}
int64_t FloorModulo(int64_t a, int64_t b) {
  int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
double FloatModulo(double a, double b) {
  double r = std::fmod(a, b);
  if (r != 0) return (r < 0) != (b < 0) ? r + b : r;
  return std::copysign(0.0, b);
}
double FloatFloorDivide(double a, double b) {
  double mod = std::fmod(a, b);
  double div = (a - mod) / b;
  if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
  if (div == 0) return std::copysign(0.0, a / b);
  double floor = std::floor(div);
  return div - floor > 0.5 ? floor + 1 : floor;
}

Value IntegerPower(Interpreter& in, int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) in.Raise(in.types().zero_division_error, "0.0 cannot be raised to a negative power");
    return Value::Float(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  if (base == 0 || base == 1) return Value::Int(exponent == 0 ? 1 : base);
  if (base == -1) return Value::Int(exponent % 2 == 0 ? 1 : -1);
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) {  // at most 63 rounds: |base| >= 2
    if (__builtin_mul_overflow(result, base, &result)) IntegerOverflow(in, "**");
  }
  return Value::Int(result);
}

Value IntegerBinary(Interpreter& in, BinOp op, int64_t a, int64_t b, bool both_bool) {
  int64_t r;
  switch (op) {
    case BinOp::kAdd:
      if (__builtin_add_overflow(a, b, &r)) IntegerOverflow(in, "+");
      return Value::Int(r);
    case BinOp::kSub:
      if (__builtin_sub_overflow(a, b, &r)) IntegerOverflow(in, "-");
      return Value::Int(r);
    case BinOp::kMul:
      if (__builtin_mul_overflow(a, b, &r)) IntegerOverflow(in, "*");
      return Value::Int(r);
    case BinOp::kTrueDiv:
      if (b == 0) in.Raise(in.types().zero_division_error, "division by zero");
      return Value::Float(static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b)));
    case BinOp::kFloorDiv:
    case BinOp::kMod:
      if (b == 0) in.Raise(in.types().zero_division_error, op == BinOp::kMod ? "integer modulo by zero" : "integer division or modulo by zero");
      if (b == -1) {
        if (op == BinOp::kMod) return Value::Int(0);
        if (__builtin_sub_overflow(int64_t{0}, a, &r)) IntegerOverflow(in, "//");
        return Value::Int(r);
      }
      return Value::Int(op == BinOp::kMod ? FloorModulo(a, b) : FloorDivide(a, b));
    case BinOp::kPow: return IntegerPower(in, a, b);
    case BinOp::kLShift:
      if (b < 0) in.RaiseValueError("negative shift count");
      if (a == 0) return Value::Int(0);
      if (b >= 63 || (a > 0 ? a : ~a) >> (63 - b) != 0) IntegerOverflow(in, "<<");
      return Value::Int(static_cast<int64_t>(static_cast<uint64_t>(a) << b));
    case BinOp::kRShift:
      if (b < 0) in.RaiseValueError("negative shift count");
      return Value::Int(a >> std::min<int64_t>(b, 63));
    case BinOp::kAnd: return both_bool ? Value::Bool((a & b) != 0) : Value::Int(a & b);
    case BinOp::kOr: return both_bool ? Value::Bool((a | b) != 0) : Value::Int(a | b);
    case BinOp::kXor: return both_bool ? Value::Bool((a ^ b) != 0) : Value::Int(a ^ b);
    case BinOp::kMatMul: return Value();
  }
  return Value();
}

}  // namespace

Value NumberBinary(Interpreter& in, BinOp op, const Value& a, const Value& b) {
  bool fa, fb;
  int64_t ia = 0, ib = 0;
  double da = 0, db = 0;
  if (!AsNumber(a, &fa, &ia, &da) || !AsNumber(b, &fb, &ib, &db)) return Value();
  if (!fa && !fb) return IntegerBinary(in, op, ia, ib, a.is_bool() && b.is_bool());
  if (!fa) da = static_cast<double>(ia);
  if (!fb) db = static_cast<double>(ib);
  switch (op) {
    case BinOp::kAdd: return Value::Float(da + db);
    case BinOp::kSub: return Value::Float(da - db);
    case BinOp::kMul: return Value::Float(da * db);
    case BinOp::kTrueDiv:
      if (db == 0) in.Raise(in.types().zero_division_error, "float division by zero");
      return Value::Float(da / db);
    case BinOp::kFloorDiv:
      if (db == 0) in.Raise(in.types().zero_division_error, "float floor division by zero");
      return Value::Float(FloatFloorDivide(da, db));
    case BinOp::kMod:
      if (db == 0) in.Raise(in.types().zero_division_error, "float modulo");
      return Value::Float(FloatModulo(da, db));
    case BinOp::kPow: {
      if (da == 0 && db < 0) in.Raise(in.types().zero_division_error, "0.0 cannot be raised to a negative power");
      if (da < 0 && std::isfinite(da) && std::isfinite(db) && db != std::floor(db)) {
        in.OutsideSubset("a complex number");
      }
      double r = std::pow(da, db);
      if (std::isinf(r) && std::isfinite(da) && std::isfinite(db)) {
        in.Raise(in.types().overflow_error, "(34, 'Numerical result out of range')");
      }
      return Value::Float(r);
    }
    default: return Value();
  }
}

Value NumberUnary(Interpreter& in, UnOp op, const Value& v) {
  bool is_float;
  int64_t i = 0;
  double d = 0;
  if (!AsNumber(v, &is_float, &i, &d)) return Value();
  if (is_float) {
    if (op == UnOp::kInvert) return Value();
    return Value::Float(op == UnOp::kNeg ? -d : d);
  }
  if (op == UnOp::kInvert) return Value::Int(~i);
  if (op == UnOp::kPos) return Value::Int(i);
  int64_t r;
  if (__builtin_sub_overflow(int64_t{0}, i, &r)) IntegerOverflow(in, "-");
  return Value::Int(r);
}

namespace {

// int against float exactly, as CPython: neither is rounded to the other's type.
int CompareIntFloat(int64_t i, double d) {
  if (d >= 9223372036854775808.0) return -1;
  if (d < -9223372036854775808.0) return 1;
  int64_t whole = static_cast<int64_t>(d);
  if (i != whole) return i < whole ? -1 : 1;
  double fraction = d - static_cast<double>(whole);
  return fraction > 0 ? -1 : fraction < 0 ? 1 : 0;
}

bool Holds(CmpOp op, int order) {
  switch (op) {
    case CmpOp::kEq: return order == 0;
    case CmpOp::kNe: return order != 0;
    case CmpOp::kLt: return order < 0;
    case CmpOp::kLe: return order <= 0;
    case CmpOp::kGt: return order > 0;
    case CmpOp::kGe: return order >= 0;
  }
  return false;
}

}  // namespace

Value NumberCompare(CmpOp op, const Value& a, const Value& b) {
  bool fa, fb;
  int64_t ia = 0, ib = 0;
  double da = 0, db = 0;
  if (!AsNumber(a, &fa, &ia, &da) || !AsNumber(b, &fb, &ib, &db)) return Value();
  if (!fa && !fb) return Value::Bool(Holds(op, ia < ib ? -1 : ia > ib ? 1 : 0));
  if ((fa && std::isnan(da)) || (fb && std::isnan(db))) return Value::Bool(op == CmpOp::kNe);
  if (fa && fb) return Value::Bool(Holds(op, da < db ? -1 : da > db ? 1 : 0));
  return Value::Bool(fa ? Holds(op, -CompareIntFloat(ib, da)) : Holds(op, CompareIntFloat(ia, db)));
}

// --- Text and hash

std::string FloatRepr(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
  if (d == 0) return std::signbit(d) ? "-0.0" : "0.0";
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  size_t e = text.find('e');
  int exponent = std::atoi(text.c_str() + e + 1);
  std::string sign = text[0] == '-' ? "-" : "";
  std::string digits;
  for (char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (exponent < -4 || exponent >= 16) {
    std::string out = sign + digits.substr(0, 1);
    if (digits.size() > 1) out += "." + digits.substr(1);
    char tail[16];
    std::snprintf(tail, sizeof tail, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
    return out + tail;
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

uint64_t HashInt(int64_t i) {
  // Not the modulus that CPython uses; equal numbers have equal hashes, which is all that programs may rely on. Small
  // integers hash to themselves, as they do there.
  return static_cast<uint64_t>(i == -1 ? -2 : i);
}
uint64_t HashFloat(double d) {
  if (d == std::floor(d) && d >= -9.2e18 && d <= 9.2e18) return HashInt(static_cast<int64_t>(d));
  uint64_t bits;
  std::memcpy(&bits, &d, sizeof bits);
  return (bits ^ (bits >> 32)) * 0x9e3779b97f4a7c15ull;
}

namespace {

std::string_view Strip(std::string_view s) {
  auto space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!s.empty() && space(s.front())) s.remove_prefix(1);
  while (!s.empty() && space(s.back())) s.remove_suffix(1);
  return s;
}
// "1_000" without its underscores; false where one stands wrong.
bool DropUnderscores(std::string_view s, std::string* out) {
  char before = '_';
  for (char c : s) {
    if (c == '_' && (before == '_' || !std::isalnum(static_cast<unsigned char>(before)))) return false;
    if (c != '_') *out += c;
    before = c;
  }
  return before != '_';
}

}  // namespace

bool ParseInt(std::string_view text, int base, int64_t* out, bool* overflow) {
  *overflow = false;
  text = Strip(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 2 && text[0] == '0') {
    char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text[1])));
    int prefix = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
    if (prefix != 0 && (base == 0 || base == prefix)) {
      base = prefix;
      text.remove_prefix(2);
      if (text[0] == '_') text.remove_prefix(1);
    }
  }
  if (base == 0) base = 10;
  std::string digits;
  if (text.empty() || !DropUnderscores(text, &digits)) return false;
  uint64_t value = 0;
  for (char c : digits) {
    int d = c >= '0' && c <= '9' ? c - '0' : std::isalpha(static_cast<unsigned char>(c)) ? (c | 32) - 'a' + 10 : 99;
    if (d >= base) return false;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(base), &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(d), &value)) {
      *overflow = true;
    }
  }
  if (value > static_cast<uint64_t>(INT64_MAX) + negative) *overflow = true;
  *out = static_cast<int64_t>(negative ? 0 - value : value);
  return true;
}

bool ParseFloat(std::string_view text, double* out) {
  text = Strip(text);
  std::string plain;
  if (!DropUnderscores(text, &plain) && text.find('_') != std::string_view::npos) return false;
  if (text.find('_') == std::string_view::npos) plain = text;
  const char* begin = plain.data();
  const char* end = begin + plain.size();
  bool negative = begin != end && *begin == '-';
  if (begin != end && (*begin == '+' || *begin == '-')) ++begin;
  if (begin == end || !(std::isdigit(static_cast<unsigned char>(*begin)) || *begin == '.' || std::isalpha(static_cast<unsigned char>(*begin)))) {
    return false;
  }
  std::string lower;
  for (const char* p = begin; p != end; ++p) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(*p)));
  double value;
  if (lower == "inf" || lower == "infinity") value = INFINITY;
  else if (lower == "nan") value = NAN;
  else if (std::isalpha(static_cast<unsigned char>(*begin))) return false;
  else {
    auto [p, ec] = std::from_chars(begin, end, value);
    if (p != end || ec == std::errc::invalid_argument) return false;
    if (ec == std::errc::result_out_of_range) value = std::strtod(std::string(begin, end).c_str(), nullptr);
  }
  *out = negative ? -value : value;
  return true;
}

double RoundFloat(double d, int64_t digits) {
  if (!std::isfinite(d) || digits > 323) return d;
  if (digits < -308) return std::copysign(0.0, d);
  if (digits >= 0) {
    // Decimal rounding of the exact binary value, as CPython does with its own dtoa.
    char buffer[800];
    std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(digits), d);
    return std::strtod(buffer, nullptr);
  }
  double scale = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(d / scale) * scale;
}

// --- int and float objects of subclasses

Value IntBox::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  return reflected ? NumberBinary(in, op, other, Value::Int(value)) : NumberBinary(in, op, Value::Int(value), other);
}
Value IntBox::Unary(Interpreter& in, UnOp op) { return NumberUnary(in, op, Value::Int(value)); }
Value IntBox::Compare(Interpreter&, CmpOp op, const Value& other) { return NumberCompare(op, Value::Int(value), other); }
uint64_t IntBox::Hash(Interpreter&) { return HashInt(value); }

Value FloatBox::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  return reflected ? NumberBinary(in, op, other, Value::Float(value)) : NumberBinary(in, op, Value::Float(value), other);
}
Value FloatBox::Unary(Interpreter& in, UnOp op) { return NumberUnary(in, op, Value::Float(value)); }
Value FloatBox::Compare(Interpreter&, CmpOp op, const Value& other) {
  return NumberCompare(op, Value::Float(value), other);
}
std::string FloatBox::Repr(Interpreter&) { return FloatRepr(value); }
uint64_t FloatBox::Hash(Interpreter&) { return HashFloat(value); }

}  // namespace fusepack::py
