// The work is divided among threads by tiles; where there are few (the small late layers at batch 1), by blocks of output
// channels, so that every thread streams only its share of the weights and transforms the inputs for itself (they are
// 1/K of the work).
//
// Weights are transformed once, by Create, in double; or, where the transformed ones would come from memory at every run,
// at every run from the taps.
#include "kernels/winograd/winograd.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/base/parallel.h"
#include "kernels/winograd/tiles.h"

namespace fusepack::kernels {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;

int64_t Ceil(int64_t a, int64_t b) { return (a + b - 1) / b; }

const WinogradIsa& IsaOf(CpuLevel level) { return level >= CpuLevel::kAvx512 ? kWinogradAvx512 : kWinogradAvx2; }

// Tiles transformed together. V and M of a block, a^2 (C + B) floats a tile, should stay in half of the second-level cache,
// but 24 tiles at least share a pass over the weights, and 64 where every pass transforms them.
int64_t TileBlock(int64_t tiles, int64_t a, int64_t channels, bool taps) {
  constexpr int64_t kHalfSecondLevel = 512 << 10;
  const int64_t fitting = kHalfSecondLevel / (a * a * channels * 4);
  const int64_t most = std::max<int64_t>(std::min<int64_t>(fitting, 96), taps ? 64 : 24);
  return Ceil(tiles, Ceil(tiles, most));
}

}  // namespace

void Winograd::FreeAligned::operator()(float* p) const { std::free(p); }

Winograd::Floats Winograd::Allocate(int64_t count) {
  const int64_t bytes = count * 4, alignment = bytes >= kHugePage ? kHugePage : 64;
  const int64_t rounded = Ceil(std::max<int64_t>(bytes, 1), alignment) * alignment;
  Floats out(static_cast<float*>(std::aligned_alloc(alignment, rounded)));
  if (out && alignment == kHugePage) madvise(out.get(), rounded, MADV_HUGEPAGE);
  return out;
}

Result<std::unique_ptr<Winograd>> Winograd::Create(const WinogradProblem& problem, int m, CpuLevel level, int threads,
                                                   const float* w, const float* b) {
  if (level < CpuLevel::kAvx2) return Unsupported("Winograd", "below AVX2");
  const WinogradIsa& isa = IsaOf(level);
  auto out = std::make_unique<Winograd>();
  out->problem_ = problem;
  out->m_ = m;
  out->level_ = std::min(level, CpuLevel::kAvx512);
  const int64_t a = m + 2, blocks = Ceil(problem.k, isa.block);
  const int64_t tiles = problem.n * Ceil(problem.p, m) * Ceil(problem.q, m);
  const int64_t transformed = blocks * a * a * problem.c * isa.block;
  const bool taps = out->taps_ = transformed * 4 > kTransformedBytes;
  const int64_t weight_count = taps ? blocks * 9 * problem.c * isa.block : transformed;
  out->depth_ = std::min<int64_t>(taps ? kWinogradDepth / 2 : kWinogradDepth, Ceil(problem.c, isa.lanes) * isa.lanes);

  // By channels where that leaves each thread fewer idle rows and blocks (compare the longest share either way), or where
  // each thread should read and transform only a part of the weights.
  threads = std::max(threads, 1);
  const int64_t by_tiles = Ceil(Ceil(tiles, threads), 6) * 6 * blocks, by_blocks = Ceil(tiles, 6) * 6 * Ceil(blocks, threads);
  const bool split_blocks = by_blocks < by_tiles || (taps && by_blocks * 10 <= by_tiles * 11);
  out->channel_parts_ = split_blocks ? static_cast<int>(std::min<int64_t>(threads, blocks)) : 1;
  out->parts_ = split_blocks ? out->channel_parts_ : static_cast<int>(std::min<int64_t>(threads, tiles));
  out->tile_block_ = TileBlock(split_blocks ? tiles : Ceil(tiles, threads), a, problem.c + isa.block, taps);
  constexpr int64_t kLine = 16;
  const int64_t v = Ceil(problem.c, out->depth_) * out->tile_block_ * out->depth_ + kLine, products = out->tile_block_ * isa.block + kLine;
  out->part_scratch_floats_ = a * a * (v + products) + (taps ? a * isa.slice : 0);
  out->scratch_bytes_ = out->parts_ * out->part_scratch_floats_ * 4;
  out->packed_bytes_ = weight_count * 4;

  out->weights_ = Allocate(weight_count);
  out->bias_ = Allocate(blocks * isa.block);
  if (!out->weights_ || !out->bias_) return LimitExceeded("Winograd", "no memory for " + std::to_string(weight_count * 4) + " bytes of weights");
  std::fill_n(out->bias_.get(), blocks * isa.block, 0.0f);
  if (b) std::copy_n(b, problem.k, out->bias_.get());
  ParallelFor(blocks, 1, [&](int64_t begin, int64_t end) {
    const auto pack = taps ? isa.pack_taps : isa.transform_weights[m - kSmallest];
    for (int64_t at = begin; at < end; at++) pack(w, problem.k, problem.c, at, out->weights_.get());
  });
  return out;
}

void Winograd::Run(const float* x, const float* residual, float* y, void* scratch) const {
  const WinogradProblem& p = problem_;
  const WinogradIsa& isa = IsaOf(level_);
  const int64_t tile_rows = Ceil(p.p, m_), tile_columns = Ceil(p.q, m_), tiles = p.n * tile_rows * tile_columns;
  const int64_t blocks = Ceil(p.k, isa.block);
  ParallelFor(parts_, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      WinogradShare share = {p.n, p.h, p.w, p.c, p.k, p.p, p.q, p.pad_h, p.pad_w, tile_rows, tile_columns, tile_block_,
                             depth_, p.clamp, p.low, p.high, p.activation, p.scalars, x, residual, weights_.get(), bias_.get(), taps_, y,
                             static_cast<float*>(scratch) + part * part_scratch_floats_, 0, tiles, 0, blocks};
      if (channel_parts_ > 1) {
        share.block_begin = blocks * part / parts_;
        share.block_end = blocks * (part + 1) / parts_;
      } else {
        share.tile_begin = tiles * part / parts_;
        share.tile_end = tiles * (part + 1) / parts_;
      }
      isa.run[m_ - kSmallest](share);
    }
  });
}

std::string Winograd::implementation() const {
  return "F(" + std::to_string(m_) + ",3):" + CpuLevelName(level_);
}

}  // namespace fusepack::kernels
