// Generator: PyTorch's CPU random numbers, draw for draw.
//
// A Generator is mt19937 seeded with the low 32 bits of the seed, plus the second value of the last Box-Muller pair.
// The Fill functions consume it exactly as torch's in-place samplers do, so that a model built after the same
// manual_seed gets PyTorch's weights (to the last bits of log and cos).
//
// Not thread-safe. Tensors are filled in the order of their memory, as PyTorch does for dense ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/base/status.h"
#include "kernels/base/tensor_view.h"

namespace fusepack {

class Generator {
 public:
  static constexpr uint64_t kDefaultSeed = 67280421310721;

  explicit Generator(uint64_t seed = kDefaultSeed) { Seed(seed); }
  void Seed(uint64_t seed);
  uint64_t initial_seed() const { return seed_; }

  uint32_t Next32();
  uint64_t Next64() {  // two draws, the first is the high half
    const uint64_t high = Next32();
    return high << 32 | Next32();
  }
  float UniformFloat() { return static_cast<float>(Next32() & 0xffffff) * 0x1p-24f; }
  double UniformDouble() { return static_cast<double>(Next64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }
  double Normal();  // one standard normal; the pair's second value is kept for the next call

 private:
  void Twist();
  uint64_t seed_ = 0;
  std::array<uint32_t, 624> state_;
  int next_ = 624;
  std::optional<double> second_normal_;
};

// Floating dtypes only (kBadInput otherwise).
Status FillUniform(Generator& generator, const MutableTensorView& out, double from, double to);
Status FillNormal(Generator& generator, const MutableTensorView& out, double mean, double std);
// torch.nn.init.trunc_normal_: values within [a, b].
Status FillTruncatedNormal(Generator& generator, const MutableTensorView& out, double mean, double std, double a,
                           double b);
// Any real dtype.
Status FillBernoulli(Generator& generator, const MutableTensorView& out, double p);
Status FillRandomIntegers(Generator& generator, const MutableTensorView& out, int64_t low, int64_t high);
// out[i] = 1 with probability p[i]; same sizes, floating dtype.
Status FillBernoulli(Generator& generator, const MutableTensorView& out, const TensorView& p);
std::vector<int64_t> RandomPermutation(Generator& generator, int64_t n);

}  // namespace fusepack
