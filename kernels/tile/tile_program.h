// TileProgram: a chain (or small graph) of pointwise functions run tile by tile, so that what lies between them never
// leaves the first-level cache: y_j[i] = f(x_0[i], x_1[i], ...), f32, inputs with any strides (0 where repeated). Inputs and
// the output may be stored as codes, which are decoded and encoded a tile at a time.
//
// Immutable after construction; Run may be called by any number of threads, and splits its work over ParallelFor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/cpu_features.h"
#include "kernels/base/dims.h"
#include "kernels/narrow/coding.h"

namespace fusepack::kernels {

inline constexpr int64_t kTileElements = 1024;  // 4 KB a register: eight of them are a first-level cache
inline constexpr int kMaxTileValues = 64;       // inputs, constants and results of one program

// out[i] = f(in[0][i], in[1][i], in[2][i]; scalars[0..3]) for i < n.
using TileFunction = void (*)(const float* const* in, const float* scalars, float* out, long n);

// Values are numbered: first the inputs, then the constants, then one result an instruction.
struct TileInstruction {
  TileFunction function = nullptr;
  std::vector<int> operands;  // at most 3 values
  float scalars[4] = {};
};

struct TileProblem {
  Dims sizes;                         // of the outputs
  std::vector<Dims> input_strides;    // elements; of inputs broadcast to `sizes`
  std::vector<float> constants;
  std::vector<TileInstruction> instructions;
  int output = 0;                     // the value that is stored
  Dims output_strides;
  std::vector<Coding> input_codings;  // empty: all f32
  Coding output_coding;
  CpuLevel level = CpuLevel::kBaseline;  // of the conversions
};

class TileProgram {
 public:
  explicit TileProgram(const TileProblem& problem);
  // y may be the memory of an input that has y's strides; else it must not overlap an input.
  void Run(const void* const* inputs, void* y) const;

 private:
  struct Axis {
    int64_t size;
    std::vector<int64_t> in;  // stride of every input
    int64_t out;
  };
  void RunTiles(const void* const* inputs, void* y, int64_t begin, int64_t end) const;

  std::vector<Axis> outer_;  // all but the last two
  Axis rows_, inner_;
  int64_t rows_a_tile_ = 1, inner_a_tile_ = 1, row_tiles_ = 1, inner_tiles_ = 1, tiles_ = 0;
  std::vector<float> constants_;
  std::vector<TileInstruction> instructions_;
  std::vector<int> register_of_;  // of every value; -1: read or written in place
  int registers_ = 0, output_ = 0, input_count_ = 0;
  std::vector<Coding> codings_;    // of the inputs
  Coding output_coding_;
  CpuLevel level_;
};

}  // namespace fusepack::kernels
