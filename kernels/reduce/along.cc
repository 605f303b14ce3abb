#include "kernels/reduce/along.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kGrainElements = 1 << 14;

// Calls f(offset in x, offset in y) for every row along `dim`, split over threads.
template <typename F>
void ForEachRow(const TensorView& x, const Dims& y_strides, int dim, F f) {
  const int64_t length = x.rank() == 0 ? 1 : x.sizes[dim];
  const int64_t rows = x.numel() / std::max<int64_t>(length, 1);
  ParallelFor(rows, std::max<int64_t>(kGrainElements / std::max<int64_t>(length, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t rest = row, from = 0, to = 0;
      for (int d = x.rank() - 1; d >= 0; d--) {
        if (d == dim) continue;
        from += rest % x.sizes[d] * x.strides[d];
        to += rest % x.sizes[d] * y_strides[d];
        rest /= x.sizes[d];
      }
      f(from, to);
    }
  });
}

int64_t StepOf(const Dims& strides, int dim) { return strides.empty() ? 0 : strides[dim]; }

}  // namespace

void Scan(bool product, const TensorView& x, int dim, MutableTensorView y) {
  const int64_t length = x.rank() == 0 ? 1 : x.sizes[dim], step = StepOf(x.strides, dim), out_step = StepOf(y.strides, dim);
  VisitReal(x.dtype, [&](auto a) {
    VisitReal(y.dtype, [&](auto b) {
      using From = decltype(a);
      using To = decltype(b);
      using T = std::conditional_t<std::is_integral_v<To>, int64_t, double>;
      ForEachRow(x, y.strides, dim, [&](int64_t from, int64_t to) {
        T running = product ? T(1) : T(0);
        for (int64_t i = 0; i < length; i++) {
          const T element = ConvertElement<T>(x.as<From>()[from + i * step]);
          running = product ? running * element : running + element;
          y.as<To>()[to + i * out_step] = ConvertElement<To>(running);
        }
      });
    });
  });
}

void SortAlong(const TensorView& x, int dim, bool descending, int64_t count, MutableTensorView values,
               MutableTensorView indices) {
  const int64_t length = x.rank() == 0 ? 1 : x.sizes[dim], step = StepOf(x.strides, dim), out_step = StepOf(values.strides, dim);
  VisitReal(x.dtype, [&](auto t) {
    using E = decltype(t);
    using T = std::conditional_t<std::is_integral_v<E>, int64_t, double>;
    ForEachRow(x, values.strides, dim, [&](int64_t from, int64_t to) {
      const E* row = x.as<E>() + from;
      std::vector<std::pair<T, int64_t>> order(length);
      for (int64_t i = 0; i < length; i++) order[i] = {ConvertElement<T>(row[i * step]), i};
      const auto below = [](T a, T b) { return a < b || (b != b && a == a); };
      std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
        return descending ? below(b.first, a.first) : below(a.first, b.first);
      });
      for (int64_t i = 0; i < count; i++) {
        values.as<E>()[to + i * out_step] = row[order[i].second * step];
        indices.as<int64_t>()[to + i * out_step] = order[i].second;
      }
    });
  });
}

}  // namespace fusepack::kernels
