// Functions that the expressions of pointwise operators call, beyond those of <cmath>. Plain C++ without includes,
// because the text of this file also opens every generated CUDA source (there FP_FN is __device__).
//
// T is float, double or a 64-bit integer. NaN is carried as PyTorch carries it.
#pragma once

#ifndef FP_FN
#define FP_FN inline
#endif

namespace fusepack_fn {

// max and min that give NaN where either operand is NaN, and the first operand of +0 and -0.
template <typename T>
FP_FN T max_nan(T x, T y) {
  return x != x || x >= y ? x : y;
}
template <typename T>
FP_FN T min_nan(T x, T y) {
  return x != x || x <= y ? x : y;
}
template <typename T>
FP_FN T clamp_nan(T x, T low, T high) {
  return min_nan(max_nan(x, low), high);
}

// 0 for NaN.
template <typename T>
FP_FN T sign_of(T x) {
  return T((x > T(0)) - (x < T(0)));
}
template <typename T>
FP_FN T abs_of(T x) {
  return x < T(0) ? T(-x) : (x == T(0) ? T(0) : x);
}

// x - x is 0 for all numbers but infinities and NaN.
template <typename T>
FP_FN bool is_finite(T x) {
  return x - x == T(0);
}
template <typename T>
FP_FN bool is_infinite(T x) {
  return x == x && !is_finite(x);
}

template <typename T>
FP_FN T logistic(T x) {
  return T(1) / (T(1) + exp(-x));
}

// The inverse of erf: a rational approximation (error about 1e-3 near the ends), then two steps of Newton's method.
template <typename T>
FP_FN T inverse_erf(T y) {
  const T size = y < T(0) ? -y : y;
  if (!(size < T(1))) return size == T(1) ? y / T(0) : (y - y) / T(0);
  T x;
  if (size <= T(0.7)) {
    const T z = y * y;
    const T top = ((T(-0.140543331) * z + T(0.914624893)) * z + T(-1.645349621)) * z + T(0.886226899);
    const T bottom = (((T(0.012229801) * z + T(-0.329097515)) * z + T(1.442710462)) * z + T(-2.118377725)) * z + T(1);
    x = y * top / bottom;
  } else {
    const T z = sqrt(-log((T(1) - size) / T(2)));
    const T top = ((T(1.641345311) * z + T(3.429567803)) * z + T(-1.624906493)) * z + T(-1.970840454);
    const T bottom = (T(1.637067800) * z + T(3.543889200)) * z + T(1);
    x = (y < T(0) ? -top : top) / bottom;
  }
  for (int step = 0; step < 2; step++) x -= (erf(x) - y) / (T(1.12837916709551257390) * exp(-x * x));
  return x;
}

// Python's // and %: the quotient is rounded to minus infinity, the remainder has the divisor's sign.
FP_FN float floor_quotient(float x, float y) {
  if (y == 0.0f) return x / y;
  const float mod = fmodf(x, y);
  float quotient = (x - mod) / y;
  if (mod != 0.0f && (y < 0.0f) != (mod < 0.0f)) quotient -= 1.0f;
  if (quotient == 0.0f) return copysignf(0.0f, x / y);
  const float floored = floorf(quotient);
  return quotient - floored > 0.5f ? floored + 1.0f : floored;
}
FP_FN double floor_quotient(double x, double y) {
  if (y == 0.0) return x / y;
  const double mod = fmod(x, y);
  double quotient = (x - mod) / y;
  if (mod != 0.0 && (y < 0.0) != (mod < 0.0)) quotient -= 1.0;
  if (quotient == 0.0) return copysign(0.0, x / y);
  const double floored = floor(quotient);
  return quotient - floored > 0.5 ? floored + 1.0 : floored;
}
FP_FN float floor_remainder(float x, float y) {
  const float mod = fmodf(x, y);
  return mod != 0.0f && (y < 0.0f) != (mod < 0.0f) ? mod + y : mod;
}
FP_FN double floor_remainder(double x, double y) {
  const double mod = fmod(x, y);
  return mod != 0.0 && (y < 0.0) != (mod < 0.0) ? mod + y : mod;
}
FP_FN float trunc_quotient(float x, float y) { return truncf(x / y); }
FP_FN double trunc_quotient(double x, double y) { return trunc(x / y); }
FP_FN float trunc_remainder(float x, float y) { return fmodf(x, y); }
FP_FN double trunc_remainder(double x, double y) { return fmod(x, y); }

// Integers. A zero divisor has been refused before; -1 is apart because INT64_MIN / -1 traps.
FP_FN long trunc_quotient(long x, long y) {
  return y == 0 ? 0 : y == -1 ? long(0ul - (unsigned long)x) : x / y;
}
FP_FN long trunc_remainder(long x, long y) { return y == 0 || y == -1 ? 0 : x % y; }
FP_FN long floor_quotient(long x, long y) {
  const long mod = trunc_remainder(x, y);
  return trunc_quotient(x, y) - (mod != 0 && (y < 0) != (mod < 0));
}
FP_FN long floor_remainder(long x, long y) {
  const long mod = trunc_remainder(x, y);
  return mod != 0 && (y < 0) != (mod < 0) ? mod + y : mod;
}

FP_FN float power(float x, float y) { return powf(x, y); }
FP_FN double power(double x, double y) { return pow(x, y); }
// By repeated squaring, modulo 2^64; a negative exponent gives the integer part of the true power.
FP_FN long power(long x, long y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
  unsigned long result = 1, square = (unsigned long)x;
  for (; y != 0; y >>= 1, square *= square) {
    if (y & 1) result *= square;
  }
  return (long)result;
}

// Shifts by 64 or more (or less than 0) push all bits out.
FP_FN long shift_left(long x, long y) { return y < 0 || y >= 64 ? 0 : long((unsigned long)x << y); }
FP_FN long shift_right(long x, long y) { return y < 0 || y >= 64 ? (x < 0 ? -1 : 0) : x >> y; }

}  // namespace fusepack_fn
