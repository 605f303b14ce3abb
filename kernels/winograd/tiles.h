// What winograd.cc asks of an instruction set: transforming weights, and running a share of a convolution's tiles.
// Included by sources compiled with that set's flags, hence plain data and no inline functions.
//
// Shapes, with a = m + 2 and B = `block` output channels (two vectors):
//   weights: f32[ceil(K/B)][a*a][C][B], zero beyond K;  bias: f32[ceil(K/B) * B]
//   scratch: V f32[a*a][tile_block][v_stride], then M f32[a*a][tile_block][B]; v_stride = C up to vectors, and one more
//   so that the rows of a power of two of channels do not fall into the same cache sets.
#pragma once

namespace fusepack::kernels {

struct WinogradShare {
  long n, h, w, c, k, p, q, pad_h, pad_w;
  long tile_rows, tile_columns;  // ceil(p / m), ceil(q / m)
  long tile_block, v_stride;
  bool clamp;
  float low, high;
  const float *x, *residual, *weights, *bias;  // residual may be null
  float *y, *scratch;
  long tile_begin, tile_end;    // of n * tile_rows * tile_columns
  long block_begin, block_end;  // of ceil(K/B)
};

struct WinogradIsa {
  long lanes, block;
  // [m - 2]
  void (*run[3])(const WinogradShare& share);
  // w: f32[k,c,3,3] -> weights of block number `at`, computed in double and rounded once.
  void (*transform_weights[3])(const float* w, long k, long c, long at, float* weights);
};

extern const WinogradIsa kWinogradAvx2, kWinogradAvx512;

}  // namespace fusepack::kernels
