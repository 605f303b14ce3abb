// Normalisations, in double: the oracle. All arrays are dense; w and b may be nullptr (1 and 0). Pure functions that
// use ParallelFor.
#pragma once

#include <cstdint>

namespace fusepack::kernels {

// mean[c], var[c] = mean and biased variance of x[:,c,:]; x: f64[N,C,S].
void ChannelMoments(int64_t n, int64_t c, int64_t s, const double* x, double* mean, double* var);

// y[n,c,s] = (x[n,c,s] - mean[c]) / sqrt(var[c] + eps) * w[c] + b[c]; x, y: f64[N,C,S].
void NormalizeChannels(int64_t n, int64_t c, int64_t s, const double* x, const double* mean, const double* var, double eps,
                       const double* w, const double* b, double* y);

// Over each of the rows: y[r,i] = (x[r,i] - mean) / sqrt(biased variance + eps) * w[j] + b[j]; x, y: f64[rows,cols].
// `period` affine numbers, each for `repeat` neighbours, are indexed over the whole array:
// j = (r*cols + i) / repeat % period. layer_norm: repeat 1, period cols. group_norm: repeat = spatial size,
// period = channels. mean_out, rstd_out: f64[rows] or nullptr.
void NormalizeRows(int64_t rows, int64_t cols, const double* x, double eps, const double* w, const double* b,
                   int64_t repeat, int64_t period, double* y, double* mean_out, double* rstd_out);

// y[r,i] = x[r,i] / sqrt(mean_i x[r,i]^2 + eps) * w[i]; x, y: f64[rows,cols].
void RmsRows(int64_t rows, int64_t cols, const double* x, double eps, const double* w, double* y);

}  // namespace fusepack::kernels
