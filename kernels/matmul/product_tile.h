// The innermost loop of the matrix product: a tile of `rows` x `columns` sums kept in registers while k streams by. One
// instance an instruction set; product_<isa>.cc are compiled with that set's flags and include nothing but this header.
//
//   acc[i * stride + j] += sum_k a[k * rows + i] * b[k * columns + j]
#pragma once

#include <cstdint>

namespace fusepack::kernels {

struct ProductTile {
  int rows = 0, columns = 0;
  void (*run)(const double* a, const double* b, int64_t terms, double* acc, int64_t stride);
};

extern const ProductTile kProductTileBaseline, kProductTileAvx2, kProductTileAvx512;

namespace {

// kRows * kVectors accumulators, kVectors of b and one broadcast of a must fit the register file (16 of SSE and AVX2,
// 32 of AVX-512).
template <int kLanes, int kVectors, int kRows>
struct ProductLoop {
  typedef double Vector __attribute__((vector_size(kLanes * 8), aligned(8), may_alias));
  static constexpr int kColumns = kLanes * kVectors;

  static void Run(const double* a, const double* b, int64_t terms, double* acc_out, int64_t stride) {
    Vector acc[kRows][kVectors] = {};
    for (int64_t k = 0; k < terms; k++, a += kRows, b += kColumns) {
      Vector row[kVectors];
      for (int v = 0; v < kVectors; v++) row[v] = *reinterpret_cast<const Vector*>(b + v * kLanes);
      for (int i = 0; i < kRows; i++) {
        for (int v = 0; v < kVectors; v++) acc[i][v] += a[i] * row[v];
      }
    }
    for (int i = 0; i < kRows; i++) {
      for (int v = 0; v < kVectors; v++) *reinterpret_cast<Vector*>(acc_out + i * stride + v * kLanes) += acc[i][v];
    }
  }

  static constexpr ProductTile kTile = {kRows, kColumns, &Run};
};

}  // namespace
}  // namespace fusepack::kernels
