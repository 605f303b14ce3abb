// For every output its elements are brought into one dense row of doubles (or int64), and the row is reduced by plain
// loops. Variance takes two passes over the row: mean, then squares.
#include "kernels/reduce/reduce.h"

#include <cmath>
#include <limits>
#include <memory>

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrainElements = 1 << 14;

template <typename T>
bool Above(T x, T best) {  // NaN is above everything
  return x > best || (x != x && best == best);
}
template <typename T>
bool Below(T x, T best) {
  return x < best || (x != x && best == best);
}

// The index of the extreme element.
template <typename T, bool (*kBetter)(T, T)>
int64_t Extreme(const T* row, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 1; i < n; i++) {
    if (kBetter(row[i], row[best])) best = i;
  }
  return best;
}

template <typename T>
T SumOf(const T* row, int64_t n) {
  T sum = 0;
  for (int64_t i = 0; i < n; i++) sum += row[i];
  return sum;
}

double Norm(const double* row, int64_t n, double p) {
  double sum = 0;
  if (p == 0) {
    for (int64_t i = 0; i < n; i++) sum += row[i] != 0;
  } else if (std::isinf(p)) {
    if (n > 0) sum = std::fabs(row[0]);
    for (int64_t i = 1; i < n; i++) {
      const double x = std::fabs(row[i]);
      if (p > 0 ? Above(x, sum) : Below(x, sum)) sum = x;
    }
  } else if (p == 1) {
    for (int64_t i = 0; i < n; i++) sum += std::fabs(row[i]);
  } else if (p == 2) {
    for (int64_t i = 0; i < n; i++) sum += row[i] * row[i];
    sum = std::sqrt(sum);
  } else {
    for (int64_t i = 0; i < n; i++) sum += std::pow(std::fabs(row[i]), p);
    sum = std::pow(sum, 1 / p);
  }
  return sum;
}

template <typename T>
T ReduceRow(Reduction reduction, double parameter, const T* row, int64_t n) {
  switch (reduction) {
    case Reduction::kSum: return SumOf(row, n);
    case Reduction::kMean: return static_cast<T>(static_cast<double>(SumOf(row, n)) / static_cast<double>(n));
    case Reduction::kProd: {
      T product = 1;
      for (int64_t i = 0; i < n; i++) product *= row[i];
      return product;
    }
    case Reduction::kMax: return row[Extreme<T, Above<T>>(row, n)];
    case Reduction::kMin: return row[Extreme<T, Below<T>>(row, n)];
    case Reduction::kArgMax: return static_cast<T>(Extreme<T, Above<T>>(row, n));
    case Reduction::kArgMin: return static_cast<T>(Extreme<T, Below<T>>(row, n));
    case Reduction::kAny:
    case Reduction::kAll:
    case Reduction::kCountNonzero: {
      int64_t count = 0;
      for (int64_t i = 0; i < n; i++) count += row[i] != 0;
      if (reduction == Reduction::kAny) return count > 0;
      return reduction == Reduction::kAll ? static_cast<T>(count == n) : static_cast<T>(count);
    }
    case Reduction::kVariance:
    case Reduction::kDeviation: {
      const double mean = static_cast<double>(SumOf(row, n)) / static_cast<double>(n);
      double squares = 0;
      for (int64_t i = 0; i < n; i++) squares += (row[i] - mean) * (row[i] - mean);
      const double variance = squares / std::max(static_cast<double>(n) - parameter, 0.0);
      return static_cast<T>(reduction == Reduction::kVariance ? variance : std::sqrt(variance));
    }
    case Reduction::kNorm:
      if constexpr (std::is_same_v<T, double>) return Norm(row, n, parameter);
      break;
    case Reduction::kLogSumExp: {
      if (n == 0) return static_cast<T>(-std::numeric_limits<double>::infinity());
      const double top = row[Extreme<T, Above<T>>(row, n)], shift = std::isinf(top) ? 0 : top;
      double sum = 0;
      for (int64_t i = 0; i < n; i++) sum += std::exp(row[i] - shift);
      return static_cast<T>(std::log(sum) + shift);
    }
  }
  FP_CHECK(!"a reduction of integers that is defined for floating elements only");
  return T();
}

template <typename T, typename From>
void Run(Reduction reduction, double parameter, const TensorView& x, int kept, MutableTensorView y) {
  Dims sizes, strides;
  int64_t n = 1;
  for (int d = kept; d < x.rank(); d++) {
    n *= x.sizes[d];
    if (x.sizes[d] == 1) continue;
    const int last = sizes.size() - 1;
    if (last >= 0 && strides[last] == x.sizes[d] * x.strides[d]) {
      sizes[last] *= x.sizes[d];
      strides[last] = x.strides[d];
    } else {
      sizes.push_back(x.sizes[d]);
      strides.push_back(x.strides[d]);
    }
  }
  ParallelFor(y.numel(), std::max<int64_t>(kGrainElements / std::max<int64_t>(n, 1), 1), [&](int64_t begin, int64_t end) {
    const auto buffer = std::make_unique_for_overwrite<T[]>(n);
    for (int64_t o = begin; o < end; o++) {
      int64_t rest = o, offset = 0;
      for (int d = kept - 1; d >= 0; d--) {
        offset += rest % x.sizes[d] * x.strides[d];
        rest /= x.sizes[d];
      }
      const From* from = x.as<From>() + offset;
      const T* row = buffer.get();
      bool in_place = false;
      if constexpr (std::is_same_v<T, From>) {
        in_place = n <= 1 || (sizes.size() == 1 && strides[0] == 1);
        if (in_place) row = from;
      }
      if (!in_place) {
        T* to = buffer.get();
        if (sizes.size() == 1) {
          for (int64_t i = 0; i < n; i++) to[i] = ConvertElement<T>(from[i * strides[0]]);
        } else if (n > 0) {
          ForEachOffset(sizes, strides, [&](int64_t at) { *to++ = ConvertElement<T>(from[at]); });
        }
      }
      const T value = ReduceRow<T>(reduction, parameter, row, n);
      VisitReal(y.dtype, [&](auto t) { y.as<decltype(t)>()[o] = ConvertElement<decltype(t)>(value); });
    }
  });
}

}  // namespace

void Reduce(Reduction reduction, double parameter, const TensorView& x, int kept, MutableTensorView y) {
  FP_CHECK(y.contiguous());
  VisitReal(x.dtype, [&](auto t) {
    using From = decltype(t);
    constexpr bool integer = std::is_integral_v<From>;
    if (integer && reduction != Reduction::kNorm && reduction != Reduction::kMean) {
      Run<int64_t, From>(reduction, parameter, x, kept, y);
    } else {
      Run<double, From>(reduction, parameter, x, kept, y);
    }
  });
}

}  // namespace fusepack::kernels
