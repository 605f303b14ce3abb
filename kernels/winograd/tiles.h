// What winograd.cc asks of an instruction set: packing weights, and running a share of a convolution's tiles.
// Included by sources compiled with that set's flags, hence plain data and no inline functions.
//
// Shapes, with a = m + 2 and B = `block` output channels (two vectors):
//   weights: transformed f32[ceil(K/B)][a*a][C][B], or taps f32[ceil(K/B)][C][9][B]; zero beyond K
//   bias:    f32[ceil(K/B) * B]
//   scratch: V f32[a*a][ceil(C/depth)][tile_block][depth], then M f32[a*a][tile_block][B], then, with taps, U f32[a*a][slice];
//            16 floats are added to each position of V and M, so that positions do not fall into the same cache sets
#pragma once

namespace fusepack::kernels {

constexpr long kWinogradDepth = 64;  // channels of a slice

struct WinogradShare {
  long n, h, w, c, k, p, q, pad_h, pad_w;
  long tile_rows, tile_columns;  // ceil(p / m), ceil(q / m)
  long tile_block, depth;        // depth: kWinogradDepth, or C up to vectors where that is less
  bool clamp;
  float low, high;
  void (*activation)(const float* const* in, const float* scalars, float* out, long n);  // or null; out may be in[0]
  const float* scalars;
  const float *x, *residual, *weights, *bias;  // residual may be null
  bool taps;                                   // what weights are
  float *y, *scratch;
  long tile_begin, tile_end;    // of n * tile_rows * tile_columns
  long block_begin, block_end;  // of ceil(K/B)
};

struct WinogradIsa {
  long lanes, block, slice;
  // [m - 2]
  void (*run[3])(const WinogradShare& share);
  // w: f32[k,c,3,3] -> weights of block number `at`, computed in double and rounded once.
  void (*transform_weights[3])(const float* w, long k, long c, long at, float* weights);
  void (*pack_taps)(const float* w, long k, long c, long at, float* weights);
};

extern const WinogradIsa kWinogradAvx2, kWinogradAvx512;

}  // namespace fusepack::kernels
