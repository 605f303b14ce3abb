// Dimensions are ordered by the output's strides and merged where every operand steps alike, so that a dense program
// has one axis and one with a per-channel vector has two. A tile is up to kTileElements of the innermost axis, or
// several whole rows of it. An operand that lies dense under the tile is read where it is; any other is gathered into
// a register, and the gathering is skipped while its address does not change (per-channel vectors: once a thread). Codes
// are decoded where others are gathered, and a coded output is encoded from the register that holds the result.
#include "kernels/tile/tile_program.h"

#include <algorithm>
#include <cstring>

#include "kernels/base/check.h"
#include "kernels/base/parallel.h"
#include "kernels/narrow/convert.h"

namespace fusepack::kernels {

TileProgram::TileProgram(const TileProblem& problem)
    : constants_(problem.constants),
      instructions_(problem.instructions),
      output_(problem.output),
      input_count_(static_cast<int>(problem.input_strides.size())),
      codings_(problem.input_codings.empty() ? std::vector<Coding>(problem.input_strides.size()) : problem.input_codings),
      output_coding_(problem.output_coding),
      level_(problem.level) {
  std::vector<Axis> axes;
  for (int d = 0; d < problem.sizes.size(); d++) {
    if (problem.sizes[d] == 1) continue;
    Axis axis{problem.sizes[d], {}, problem.output_strides[d]};
    for (const Dims& strides : problem.input_strides) axis.in.push_back(strides[d]);
    axes.push_back(std::move(axis));
  }
  std::stable_sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.out > b.out; });
  for (size_t i = 0; i + 1 < axes.size();) {
    Axis &a = axes[i], &b = axes[i + 1];
    bool alike = a.out == b.out * b.size;
    for (int k = 0; k < input_count_; k++) alike &= a.in[k] == b.in[k] * b.size;
    if (alike) {
      b.size *= a.size;
      axes.erase(axes.begin() + static_cast<long>(i));
    } else {
      i++;
    }
  }
  const std::vector<int64_t> none(input_count_, 0);
  inner_ = rows_ = Axis{1, none, 0};
  if (axes.empty()) inner_ = Axis{1, std::vector<int64_t>(input_count_, 1), 1};
  if (!axes.empty()) {
    inner_ = axes.back();
    axes.pop_back();
  }
  if (!axes.empty()) {
    rows_ = axes.back();
    axes.pop_back();
  }
  outer_ = std::move(axes);
  inner_a_tile_ = std::min(inner_.size, kTileElements);
  // Several rows only where the output is dense across them.
  rows_a_tile_ = inner_.size <= kTileElements / 2 && inner_.out == 1 && rows_.out == inner_.size
                     ? std::min(rows_.size, kTileElements / std::max<int64_t>(inner_.size, 1)) : 1;
  row_tiles_ = (rows_.size + rows_a_tile_ - 1) / std::max<int64_t>(rows_a_tile_, 1);
  inner_tiles_ = inner_a_tile_ == 0 ? 0 : (inner_.size + inner_a_tile_ - 1) / inner_a_tile_;
  tiles_ = row_tiles_ * inner_tiles_;
  for (const Axis& a : outer_) tiles_ *= a.size;

  // Registers: an input's and a constant's are its own (they stay filled between tiles), results share.
  const int values = input_count_ + static_cast<int>(constants_.size() + instructions_.size());
  FP_CHECK_LE(values, kMaxTileValues);
  register_of_.assign(values, -1);
  std::vector<int> last_use(values, -1), free;
  for (int i = 0; i < static_cast<int>(instructions_.size()); i++) {
    for (int v : instructions_[i].operands) last_use[v] = i;
  }
  const int results = input_count_ + static_cast<int>(constants_.size());
  for (int v = 0; v < results; v++) register_of_[v] = registers_++;
  for (int i = 0; i < static_cast<int>(instructions_.size()); i++) {
    if (free.empty()) free.push_back(registers_++);
    register_of_[results + i] = free.back();
    free.pop_back();
    std::vector<int> operands = instructions_[i].operands;
    std::sort(operands.begin(), operands.end());
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
    for (int v : operands) {
      if (v >= results && last_use[v] == i && v != output_) free.push_back(register_of_[v]);
    }
  }
}

void TileProgram::Run(const void* const* inputs, void* y) const {
  const int64_t work = std::max<int64_t>(1, rows_a_tile_ * inner_a_tile_ * static_cast<int64_t>(instructions_.size()));
  const int64_t grain = std::max<int64_t>(1, 16384 / work);  // a few microseconds, more than waking a thread costs
  ParallelFor(tiles_, grain, [&](int64_t begin, int64_t end) { RunTiles(inputs, y, begin, end); });
}

void TileProgram::RunTiles(const void* const* inputs, void* y, int64_t begin, int64_t end) const {
  static thread_local std::vector<float> memory;
  memory.resize(static_cast<size_t>(registers_) * kTileElements + 16);
  float* base = memory.data();
  base += (64 - reinterpret_cast<uintptr_t>(base) % 64) % 64 / sizeof(float);
  const auto reg = [&](int value) { return base + register_of_[value] * kTileElements; };

  const float* address[kMaxTileValues] = {};
  const char* gathered_from[kMaxTileValues] = {};
  const int64_t out_size = static_cast<int64_t>(ItemSize(output_coding_.dtype));
  const bool coded = output_coding_.narrow();
  int64_t gathered_rows[kMaxTileValues] = {};
  for (size_t k = 0; k < constants_.size(); k++) {
    const int value = input_count_ + static_cast<int>(k);
    std::fill_n(reg(value), kTileElements, constants_[k]);
    address[value] = reg(value);
  }
  for (int64_t tile = begin; tile < end; tile++) {
    int64_t rest = tile;
    const int64_t inner_at = rest % inner_tiles_ * inner_a_tile_;
    rest /= inner_tiles_;
    const int64_t row_at = rest % row_tiles_ * rows_a_tile_;
    rest /= row_tiles_;
    const int64_t rows = std::min(rows_a_tile_, rows_.size - row_at);
    const int64_t width = std::min(inner_a_tile_, inner_.size - inner_at);
    const int64_t n = rows * width;
    int64_t to_at = row_at * rows_.out + inner_at * inner_.out;
    int64_t index[kMaxRank];
    for (int a = static_cast<int>(outer_.size()) - 1; a >= 0; a--) {
      index[a] = rest % outer_[a].size;
      rest /= outer_[a].size;
      to_at += index[a] * outer_[a].out;
    }
    char* const to_bytes = static_cast<char*>(y) + to_at * out_size;
    float* const to = reinterpret_cast<float*>(to_bytes);  // where nothing is encoded
    for (int k = 0; k < input_count_; k++) {
      const int64_t row_step = rows_.in[k], step = inner_.in[k];
      int64_t from_at = row_at * row_step + inner_at * step;
      for (size_t a = 0; a < outer_.size(); a++) from_at += index[a] * outer_[a].in[k];
      const int64_t size = static_cast<int64_t>(ItemSize(codings_[k].dtype));
      const char* from = static_cast<const char*>(inputs[k]) + from_at * size;
      const bool whole = step == 1 && (rows == 1 || row_step == width);
      if (whole && !codings_[k].narrow()) {
        address[k] = reinterpret_cast<const float*>(from);
        continue;
      }
      float* out = reg(k);
      address[k] = out;
      // The same source as the last tile's, at least as many rows of it: the register holds it already.
      const bool repeats = row_step == 0 || rows == 1;
      if (from == gathered_from[k] && repeats && gathered_rows[k] >= n) continue;
      gathered_from[k] = repeats ? from : nullptr;
      gathered_rows[k] = n;
      if (whole) {
        DecodeRun(level_, codings_[k], from, out, n);
        continue;
      }
      for (int64_t r = 0; r < rows; r++, out += width) {
        const char* row_bytes = from + r * row_step * size;
        const float* row = reinterpret_cast<const float*>(row_bytes);
        if (codings_[k].narrow()) {
          if (step == 1) {
            DecodeRun(level_, codings_[k], row_bytes, out, width);
          } else {
            for (int64_t i = 0; i < (step == 0 ? 1 : width); i++) DecodeRun(level_, codings_[k], row_bytes + i * step * size, out + i, 1);
            if (step == 0) std::fill_n(out, width, *out);
          }
        } else if (step == 1) {
          std::memcpy(out, row, width * sizeof(float));
        } else if (step == 0) {
          std::fill_n(out, width, *row);
        } else {
          for (int64_t i = 0; i < width; i++) out[i] = row[i * step];
        }
      }
    }
    const bool dense = inner_.out == 1;
    int value = input_count_ + static_cast<int>(constants_.size());
    for (const TileInstruction& instruction : instructions_) {
      const float* operands[3] = {};
      for (size_t k = 0; k < instruction.operands.size(); k++) operands[k] = address[instruction.operands[k]];
      float* result = value == output_ && dense && !coded ? to : reg(value);
      instruction.function(operands, instruction.scalars, result, n);
      address[value++] = result;
    }
    if (coded) {
      const float* from = address[output_];
      if (dense && (rows == 1 || rows_.out == width)) {
        EncodeRun(level_, output_coding_, from, to_bytes, n);
      } else {
        for (int64_t r = 0; r < rows; r++) {
          for (int64_t i = 0; i < width; i++) {
            EncodeRun(level_, output_coding_, from + r * width + i, to_bytes + (r * rows_.out + i * inner_.out) * out_size, 1);
          }
        }
      }
    } else if (!dense || output_ < input_count_ + static_cast<int>(constants_.size())) {
      const float* from = address[output_];
      for (int64_t r = 0; r < rows; r++) {
        for (int64_t i = 0; i < width; i++) to[r * rows_.out + i * inner_.out] = from[r * width + i];
      }
    }
  }
}

}  // namespace fusepack::kernels
