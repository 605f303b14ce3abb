// The output is cut into blocks; a block is computed by one thread over slices of K. Of each slice the block's rows of
// a and columns of w are converted to double and packed in the order in which the register tile reads them. Packing
// costs (1/kBlockRows + 1/kBlockColumns) conversions a multiply-add, a fifth of the time at these sizes.
#include "kernels/matmul/product.h"

#include <algorithm>
#include <memory>

#include "kernels/base/cpu_features.h"
#include "kernels/base/elements.h"
#include "kernels/base/parallel.h"
#include "kernels/matmul/product_tile.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kBlockRows = 96;      // a multiple of every tile's rows (4, 6, 12)
constexpr int64_t kBlockColumns = 128;  // and of every tile's columns (4, 8, 16): 96 x 128 sums are 96 KiB
constexpr int64_t kSlice = 256;         // of K: packed a 192 KiB, packed w 256 KiB, half a second-level cache

const ProductTile& Tile() {
  switch (DetectCpuLevel()) {
    case CpuLevel::kAmx:
    case CpuLevel::kAvx512: return kProductTileAvx512;
    case CpuLevel::kAvx2: return kProductTileAvx2;
    case CpuLevel::kBaseline: break;
  }
  return kProductTileBaseline;
}

// out[panel][k][i] = from[(panel * width + i) * step + k * k_step], 0 beyond `count`.
template <typename From>
void Pack(const From* from, int64_t count, int64_t step, int64_t terms, int64_t k_step, int width, double* out) {
  for (int64_t first = 0; first < count; first += width, out += width * terms) {
    const int64_t here = std::min<int64_t>(width, count - first);
    if (here < width) std::fill_n(out, width * terms, 0.0);
    const From* base = from + first * step;
    if (k_step == 1) {
      for (int64_t i = 0; i < here; i++) {
        for (int64_t k = 0; k < terms; k++) out[k * width + i] = ConvertElement<double>(base[i * step + k]);
      }
    } else {
      for (int64_t k = 0; k < terms; k++) {
        for (int64_t i = 0; i < here; i++) out[k * width + i] = ConvertElement<double>(base[k * k_step + i * step]);
      }
    }
  }
}

void PackAny(const TensorView& view, int64_t offset, int64_t count, int64_t step, int64_t terms, int64_t k_step,
             int width, double* out) {
  VisitReal(view.dtype, [&](auto t) {
    using From = decltype(t);
    Pack(view.as<From>() + offset, count, step, terms, k_step, width, out);
  });
}

void ProductF64(const TensorView& a, const TensorView& w, const TensorView* bias, MutableTensorView c) {
  const ProductTile& tile = Tile();
  const int64_t batch = c.sizes[0], m = c.sizes[1], n = c.sizes[2], terms = a.sizes[2];
  const int64_t row_blocks = (m + kBlockRows - 1) / kBlockRows, column_blocks = (n + kBlockColumns - 1) / kBlockColumns;
  const int64_t block_macs = std::min(m, kBlockRows) * std::min(n, kBlockColumns) * std::max<int64_t>(terms, 1);
  constexpr int64_t kGrainMacs = 1 << 16;  // a thread's least share, about 20 us
  ParallelFor(batch * row_blocks * column_blocks, std::max<int64_t>(kGrainMacs / block_macs, 1), [&](int64_t begin, int64_t end) {
    const auto packed_a = std::make_unique_for_overwrite<double[]>(kBlockRows * kSlice);
    const auto packed_w = std::make_unique_for_overwrite<double[]>(kBlockColumns * kSlice);
    const auto sums = std::make_unique_for_overwrite<double[]>(kBlockRows * kBlockColumns);
    for (int64_t block = begin; block < end; block++) {
      const int64_t b = block / (row_blocks * column_blocks), rest = block % (row_blocks * column_blocks);
      const int64_t i0 = rest / column_blocks * kBlockRows, j0 = rest % column_blocks * kBlockColumns;
      const int64_t rows = std::min(kBlockRows, m - i0), columns = std::min(kBlockColumns, n - j0);
      std::fill_n(sums.get(), kBlockRows * kBlockColumns, 0.0);
      for (int64_t k0 = 0; k0 < terms; k0 += kSlice) {
        const int64_t slice = std::min(kSlice, terms - k0);
        PackAny(a, b * a.strides[0] + i0 * a.strides[1] + k0 * a.strides[2], rows, a.strides[1], slice, a.strides[2],
                tile.rows, packed_a.get());
        PackAny(w, b * w.strides[0] + k0 * w.strides[1] + j0 * w.strides[2], columns, w.strides[2], slice, w.strides[1],
                tile.columns, packed_w.get());
        for (int64_t j = 0; j < columns; j += tile.columns) {
          for (int64_t i = 0; i < rows; i += tile.rows) {
            tile.run(packed_a.get() + i * slice, packed_w.get() + j * slice, slice, sums.get() + i * kBlockColumns + j,
                     kBlockColumns);
          }
        }
      }
      if (bias != nullptr) {
        VisitReal(bias->dtype, [&](auto t) {
          const auto* add = bias->as<decltype(t)>() + j0 * bias->strides[0];
          for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < columns; j++) sums[i * kBlockColumns + j] += ConvertElement<double>(add[j * bias->strides[0]]);
          }
        });
      }
      VisitReal(c.dtype, [&](auto t) {
        using To = decltype(t);
        To* to = c.as<To>() + (b * m + i0) * n + j0;
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) to[i * n + j] = ConvertElement<To>(sums[i * kBlockColumns + j]);
        }
      });
    }
  });
}

// Modulo 2^64, as integer tensors compute.
void ProductI64(const TensorView& a, const TensorView& w, const TensorView* bias, MutableTensorView c) {
  const int64_t m = c.sizes[1], n = c.sizes[2], terms = a.sizes[2];
  VisitReal(c.dtype, [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_integral_v<T>) {
      const T *x = a.as<T>(), *y = w.as<T>(), *add = bias ? bias->as<T>() : nullptr;
      T* to = c.as<T>();
      for (int64_t b = 0; b < c.sizes[0]; b++) {
        for (int64_t i = 0; i < m; i++) {
          for (int64_t j = 0; j < n; j++) {
            uint64_t sum = add ? static_cast<uint64_t>(add[j * bias->strides[0]]) : 0;
            for (int64_t k = 0; k < terms; k++) {
              sum += static_cast<uint64_t>(x[b * a.strides[0] + i * a.strides[1] + k * a.strides[2]]) *
                     static_cast<uint64_t>(y[b * w.strides[0] + k * w.strides[1] + j * w.strides[2]]);
            }
            *to++ = static_cast<T>(sum);
          }
        }
      }
    }
  });
}

}  // namespace

void Product(const TensorView& a, const TensorView& w, const TensorView* bias, MutableTensorView c) {
  FP_CHECK(a.rank() == 3 && w.rank() == 3 && c.rank() == 3 && c.contiguous());
  FP_CHECK(a.sizes[0] == c.sizes[0] && w.sizes[0] == c.sizes[0] && a.sizes[1] == c.sizes[1] && w.sizes[2] == c.sizes[2]);
  FP_CHECK_EQ(a.sizes[2], w.sizes[1]);
  if (c.numel() == 0) return;
  if (IsFloating(c.dtype)) ProductF64(a, w, bias, c);
  else ProductI64(a, w, bias, c);
}

}  // namespace fusepack::kernels
