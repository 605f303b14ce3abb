// math, over the C library's functions; errors as Python's: ValueError outside the domain, OverflowError beyond the
// range. Arguments are anything with a float value, so shapes that carry one may be given, too.
#include <cmath>
#include <functional>
#include <numeric>

#include "tracer/python/library.h"

namespace fusepack::py {
namespace {

using Function1 = double (*)(double);

// f(x), with Python's rules for what is not finite.
double Checked(Interpreter& in, double x, double y) {
  if (std::isnan(y) && !std::isnan(x)) in.RaiseValueError("math domain error");
  if (std::isinf(y) && std::isfinite(x)) in.Raise(in.types().overflow_error, "math range error");
  return y;
}

struct Plain {
  const char* name;
  Function1 function;
};
const Plain kPlain[] = {
    {"sqrt", std::sqrt}, {"exp", std::exp}, {"exp2", std::exp2}, {"expm1", std::expm1}, {"log1p", std::log1p},
    {"sin", std::sin}, {"cos", std::cos}, {"tan", std::tan}, {"asin", std::asin}, {"acos", std::acos},
    {"atan", std::atan}, {"sinh", std::sinh}, {"cosh", std::cosh}, {"tanh", std::tanh}, {"asinh", std::asinh},
    {"acosh", std::acosh}, {"atanh", std::atanh}, {"erf", std::erf}, {"erfc", std::erfc}, {"fabs", std::fabs},
    {"cbrt", std::cbrt},
};

const Plain kLogs[] = {{"log2", std::log2}, {"log10", std::log10}};

double LogOf(Interpreter& in, const Value& v, Function1 log) {
  double x = in.Float(v);
  if (!(x > 0) && !std::isnan(x)) in.RaiseValueError("math domain error");
  return log(x);
}

Value FromDouble(Interpreter& in, double x) {
  if (std::isnan(x)) in.RaiseValueError("cannot convert float NaN to integer");
  if (std::isinf(x)) in.Raise(in.types().overflow_error, "cannot convert float infinity to integer");
  if (x < -9223372036854775808.0 || x >= 9223372036854775808.0) {
    in.OutsideSubset("an integer beyond 64 bits");
  }
  return Value::Int(static_cast<int64_t>(x));
}

// floor, ceil and trunc: an int is itself, a class may have its own method.
NativeFunction::Bound Rounding(const char* dunder, Function1 function) {
  return [dunder, function](Interpreter& in, BoundArgs& args) {
    if (args[0].is_float()) return FromDouble(in, function(args[0].number()));
    if (Value own = in.FindSpecial(args[0], dunder)) return in.Call(own);
    int64_t i;
    if (in.FindIndex(args[0], &i)) return Value::Int(i);
    return FromDouble(in, function(in.Float(args[0])));
  };
}

int64_t Product(Interpreter& in, int64_t a, int64_t b) {
  int64_t out;
  if (__builtin_mul_overflow(a, b, &out)) in.OutsideSubset("an integer beyond 64 bits");
  return out;
}

int64_t NonNegative(Interpreter& in, int64_t n, const char* what) {
  if (n < 0) in.RaiseValueError(what);
  return n;
}

int64_t Combinations(Interpreter& in, int64_t n, int64_t k) {
  NonNegative(in, n, "n must be a non-negative integer");
  NonNegative(in, k, "k must be a non-negative integer");
  if (k > n) return 0;
  k = std::min(k, n - k);
  __int128 out = 1;
  for (int64_t i = 1; i <= k; ++i) {
    in.Step();
    out = out * (n - k + i) / i;
    if (out > INT64_MAX) in.OutsideSubset("an integer beyond 64 bits");
  }
  return static_cast<int64_t>(out);
}

int64_t Permutations(Interpreter& in, int64_t n, int64_t k) {
  NonNegative(in, n, "n must be a non-negative integer");
  NonNegative(in, k, "k must be a non-negative integer");
  if (k > n) return 0;
  int64_t out = 1;
  for (int64_t i = 0; i < k; ++i) {
    in.Step();
    out = Product(in, out, n - i);
  }
  return out;
}

int64_t Gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t r = b == -1 ? 0 : a % b;
    a = b;
    b = r;
  }
  return a < 0 ? -a : a;
}

bool IsClose(double a, double b, double relative, double absolute) {
  if (a == b) return true;
  if (std::isinf(a) || std::isinf(b)) return false;
  double difference = std::fabs(a - b);
  return difference <= std::fabs(relative * b) || difference <= std::fabs(relative * a) || difference <= absolute;
}

// Shewchuk, "Adaptive Precision Floating-Point Arithmetic" (1997): exact partial sums, rounded once.
double ExactSum(Interpreter& in, const std::vector<Value>& items) {
  std::vector<double> partials;
  double special = 0;
  for (const Value& item : items) {
    in.Step();
    double x = in.Float(item);
    if (!std::isfinite(x)) {
      special += x;
      continue;
    }
    size_t kept = 0;
    for (double y : partials) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      double high = x + y, low = y - (high - x);
      if (low != 0) partials[kept++] = low;
      x = high;
    }
    partials.resize(kept);
    partials.push_back(x);
  }
  if (special != 0 || std::isnan(special)) return special;
  double sum = 0;
  size_t n = partials.size();
  if (n == 0) return 0;
  sum = partials[--n];
  double low = 0;
  while (n > 0) {
    double x = sum, y = partials[--n];
    sum = x + y;
    low = y - (sum - x);
    if (low != 0) break;
  }
  // Half-even across the partials that are left.
  if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
    double y = low * 2, x = sum + y;
    if (y == x - sum) sum = x;
  }
  return sum;
}

}  // namespace

void BuildMath(Interpreter& in, Module& module) {
  auto constant = [&](const char* name, double value) { module.SetNow(in.Intern(name), Value::Float(value)); };
  constant("pi", 3.14159265358979323846);
  constant("e", 2.71828182845904523536);
  constant("tau", 6.28318530717958647693);
  constant("inf", INFINITY);
  constant("nan", NAN);
  auto define = [&](const char* name, const char* parameters, NativeFunction::Bound function) {
    module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(function), "math"));
  };
  for (const Plain& plain : kPlain) {
    define(plain.name, "x, /", [f = plain.function](Interpreter& in, BoundArgs& args) {
      double x = in.Float(args[0]);
      return Value::Float(Checked(in, x, f(x)));
    });
  }
  for (const Plain& log : kLogs) {
    define(log.name, "x, /", [f = log.function](Interpreter& in, BoundArgs& args) { return Value::Float(LogOf(in, args[0], f)); });
  }
  define("log", "x, base=None, /", [](Interpreter& in, BoundArgs& args) {
    double x = LogOf(in, args[0], std::log);
    if (!args.given(1)) return Value::Float(x);
    double base = LogOf(in, args[1], std::log);
    if (base == 0) in.Raise(in.types().zero_division_error, "float division by zero");
    return Value::Float(x / base);
  });
  define("floor", "x, /", Rounding("__floor__", std::floor));
  define("ceil", "x, /", Rounding("__ceil__", std::ceil));
  define("trunc", "x, /", Rounding("__trunc__", std::trunc));

  using Function2 = double (*)(double, double);
  struct Binary {
    const char* name;
    Function2 function;
  };
  const Binary kBinary[] = {{"atan2", std::atan2}, {"copysign", std::copysign}, {"fmod", std::fmod},
                            {"remainder", std::remainder}, {"nextafter", std::nextafter}};
  for (const Binary& binary : kBinary) {
    define(binary.name, "x, y, /", [f = binary.function](Interpreter& in, BoundArgs& args) {
      double x = in.Float(args[0]), y = in.Float(args[1]), z = f(x, y);
      if (std::isnan(z) && !std::isnan(x) && !std::isnan(y)) in.RaiseValueError("math domain error");
      return Value::Float(z);
    });
  }
  define("pow", "x, y, /", [](Interpreter& in, BoundArgs& args) {
    double x = in.Float(args[0]), y = in.Float(args[1]), z = std::pow(x, y);
    if (std::isnan(z) && !std::isnan(x) && !std::isnan(y)) in.RaiseValueError("math domain error");
    if (std::isinf(z) && std::isfinite(x) && std::isfinite(y)) {
      if (x == 0) in.RaiseValueError("math domain error");
      in.Raise(in.types().overflow_error, "math range error");
    }
    return Value::Float(z);
  });
  for (bool lgamma : {false, true}) {
    define(lgamma ? "lgamma" : "gamma", "x, /", [lgamma](Interpreter& in, BoundArgs& args) {
      double x = in.Float(args[0]);
      if (std::isinf(x) && x < 0 && !lgamma) in.RaiseValueError("math domain error");
      if (std::isfinite(x) && x <= 0 && x == std::floor(x)) in.RaiseValueError("math domain error");
      return Value::Float(Checked(in, x, lgamma ? std::lgamma(x) : std::tgamma(x)));
    });
  }
  define("degrees", "x, /", [](Interpreter& in, BoundArgs& args) { return Value::Float(in.Float(args[0]) * (180.0 / M_PI)); });
  define("radians", "x, /", [](Interpreter& in, BoundArgs& args) { return Value::Float(in.Float(args[0]) * (M_PI / 180.0)); });
  define("isnan", "x, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(std::isnan(in.Float(args[0]))); });
  define("isinf", "x, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(std::isinf(in.Float(args[0]))); });
  define("isfinite", "x, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(std::isfinite(in.Float(args[0]))); });
  define("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", [](Interpreter& in, BoundArgs& args) {
    double relative = args.Float(2), absolute = args.Float(3);
    if (relative < 0 || absolute < 0) in.RaiseValueError("tolerances must be non-negative");
    return Value::Bool(IsClose(in.Float(args[0]), in.Float(args[1]), relative, absolute));
  });
  define("hypot", "*coordinates", [](Interpreter& in, BoundArgs& args) {
    double sum = 0;
    std::vector<Value> items = args.Values(0);
    if (items.size() == 2) return Value::Float(std::hypot(in.Float(items[0]), in.Float(items[1])));
    for (const Value& item : items) sum = std::hypot(sum, in.Float(item));
    return Value::Float(sum);
  });
  define("dist", "p, q, /", [](Interpreter& in, BoundArgs& args) {
    std::vector<Value> p = args.Values(0), q = args.Values(1);
    if (p.size() != q.size()) in.RaiseValueError("both points must have the same number of dimensions");
    double sum = 0;
    for (size_t i = 0; i < p.size(); ++i) sum = std::hypot(sum, in.Float(p[i]) - in.Float(q[i]));
    return Value::Float(sum);
  });
  define("fsum", "seq, /", [](Interpreter& in, BoundArgs& args) { return Value::Float(ExactSum(in, args.Values(0))); });
  define("prod", "iterable, /, *, start=1", [](Interpreter& in, BoundArgs& args) {
    Value out = args[1];
    for (const Value& item : args.Values(0)) out = in.Binary(BinOp::kMul, out, item);
    return out;
  });
  define("gcd", "*integers", [](Interpreter& in, BoundArgs& args) {
    int64_t out = 0;
    for (const Value& item : args.Values(0)) out = Gcd(out, in.Index(item));
    return Value::Int(out);
  });
  define("lcm", "*integers", [](Interpreter& in, BoundArgs& args) {
    int64_t out = 1;
    for (const Value& item : args.Values(0)) {
      int64_t i = in.Index(item);
      if (i == 0) return Value::Int(0);
      out = Product(in, out / Gcd(out, i), i);
      out = out < 0 ? -out : out;
    }
    return Value::Int(out);
  });
  define("factorial", "x, /", [](Interpreter& in, BoundArgs& args) {
    int64_t n = NonNegative(in, in.Index(args[0]), "factorial() not defined for negative values");
    return Value::Int(Permutations(in, n, n));
  });
  define("comb", "n, k, /", [](Interpreter& in, BoundArgs& args) { return Value::Int(Combinations(in, in.Index(args[0]), in.Index(args[1]))); });
  define("perm", "n, k=None, /", [](Interpreter& in, BoundArgs& args) {
    int64_t n = in.Index(args[0]);
    return Value::Int(Permutations(in, n, args[1].is_none() ? n : in.Index(args[1])));
  });
  define("isqrt", "n, /", [](Interpreter& in, BoundArgs& args) {
    int64_t n = NonNegative(in, in.Index(args[0]), "isqrt() argument must be nonnegative");
    int64_t root = static_cast<int64_t>(std::sqrt(static_cast<double>(n)));
    while (root > 0 && root > n / root) --root;
    while ((root + 1) <= n / (root + 1)) ++root;
    return Value::Int(root);
  });
  define("modf", "x, /", [](Interpreter& in, BoundArgs& args) {
    double whole, part = std::modf(in.Float(args[0]), &whole);
    return Value(in.NewTuple({Value::Float(part), Value::Float(whole)}));
  });
  define("frexp", "x, /", [](Interpreter& in, BoundArgs& args) {
    int exponent = 0;
    double x = in.Float(args[0]), mantissa = std::isfinite(x) ? std::frexp(x, &exponent) : x;
    return Value(in.NewTuple({Value::Float(mantissa), Value::Int(exponent)}));
  });
  define("ldexp", "x, i, /", [](Interpreter& in, BoundArgs& args) {
    int64_t i = std::max<int64_t>(-100000, std::min<int64_t>(100000, in.Index(args[1])));
    double x = in.Float(args[0]);
    return Value::Float(Checked(in, x, std::ldexp(x, static_cast<int>(i))));
  });
  define("ulp", "x, /", [](Interpreter& in, BoundArgs& args) {
    double x = std::fabs(in.Float(args[0]));
    if (!std::isfinite(x)) return Value::Float(x);
    double next = std::nextafter(x, INFINITY);
    return Value::Float(std::isinf(next) ? x - std::nextafter(x, 0.0) : next - x);
  });
}

}  // namespace fusepack::py
