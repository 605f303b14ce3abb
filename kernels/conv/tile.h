// The innermost loop of the tiled convolution: `positions` output places times `channels` output channels kept in
// registers while all (input channel, tap) pairs stream by. One instance an instruction set; tile_<isa>.cc are
// compiled with that set's flags and therefore include nothing but this header.
//
//   acc[i][k] = sum_j x[at[i] + offset[j]] * w[j][k]             shared: every output channel reads the same x
//   acc[i][k] = sum_j x[(at[i] + offset[j]) * channels + k] * w[j][k]                            depthwise
#pragma once

#include <cstdint>

namespace fusepack::kernels {

struct ConvTile {
  int positions = 0, channels = 0;
  // at: [positions]; offset: [terms]; w: [terms][channels]; acc: [positions][channels].
  void (*shared)(const double* x, const int64_t* at, const int64_t* offset, const double* w, int64_t terms, double* acc);
  void (*depthwise)(const double* x, const int64_t* at, const int64_t* offset, const double* w, int64_t terms,
                    double* acc);
};

extern const ConvTile kConvTileBaseline, kConvTileAvx2, kConvTileAvx512, kConvTileAvx512Narrow;

// ---- the code of all instances --------------------------------------------------------------------------------------
// Lanes doubles a register, kVectors registers of channels, kPositions places: kPositions * kVectors accumulators plus
// kVectors weights and one broadcast must fit the register file (16 of SSE and AVX2, 32 of AVX-512).
// Namespaced by instance through the template arguments; internal linkage keeps an instance in its own object file.
namespace {

template <int kLanes, int kVectors, int kPositions>
struct TileLoop {
  typedef double Vector __attribute__((vector_size(kLanes * 8), aligned(8), may_alias));
  static constexpr int kChannels = kLanes * kVectors;

  static void Shared(const double* x, const int64_t* at, const int64_t* offset, const double* w, int64_t terms,
                     double* acc_out) {
    Vector acc[kPositions][kVectors] = {};
    const double* base[kPositions];
    for (int i = 0; i < kPositions; i++) base[i] = x + at[i];
    for (int64_t j = 0; j < terms; j++, w += kChannels) {
      const int64_t o = offset[j];
      Vector weights[kVectors];
      for (int v = 0; v < kVectors; v++) weights[v] = *reinterpret_cast<const Vector*>(w + v * kLanes);
      for (int i = 0; i < kPositions; i++) {
        for (int v = 0; v < kVectors; v++) acc[i][v] += base[i][o] * weights[v];
      }
    }
    Write(acc, acc_out);
  }

  static void Depthwise(const double* x, const int64_t* at, const int64_t* offset, const double* w, int64_t terms,
                        double* acc_out) {
    Vector acc[kPositions][kVectors] = {};
    const double* base[kPositions];
    for (int i = 0; i < kPositions; i++) base[i] = x + at[i] * kChannels;
    for (int64_t j = 0; j < terms; j++, w += kChannels) {
      const int64_t o = offset[j] * kChannels;
      for (int v = 0; v < kVectors; v++) {
        const Vector weights = *reinterpret_cast<const Vector*>(w + v * kLanes);
        for (int i = 0; i < kPositions; i++) {
          acc[i][v] += *reinterpret_cast<const Vector*>(base[i] + o + v * kLanes) * weights;
        }
      }
    }
    Write(acc, acc_out);
  }

  static void Write(const Vector (&acc)[kPositions][kVectors], double* out) {
    for (int i = 0; i < kPositions; i++) {
      for (int v = 0; v < kVectors; v++) *reinterpret_cast<Vector*>(out + i * kChannels + v * kLanes) = acc[i][v];
    }
  }

  static constexpr ConvTile kTile = {kPositions, kChannels, &Shared, &Depthwise};
};

}  // namespace
}  // namespace fusepack::kernels
