// mt19937 (Matsumoto and Nishimura 1998) and the ways in which PyTorch 2.15's CPU samplers spend its outputs, found by
// asking PyTorch:
//
//   uniform, f32           one draw r: (r mod 2^24) / 2^24 * (to - from) + from, in float, rounded once
//   uniform, f64           two draws, the first high: (r mod 2^53) / 2^53
//   normal, dense, n >= 16 fill with uniforms u; then each 16 in place: for j < 8, radius = sqrt(-2 ln(1 - u[j])),
//                          theta = 2 pi u[j+8]; x[j] = radius cos theta, x[j+8] = radius sin theta. Where 16 does not
//                          divide n, the last 16 values are drawn and transformed anew.
//   normal, otherwise      two f64 uniforms u1, u2 a pair: radius = sqrt(-2 log1p(-u2)), theta = 2 pi u1
//   bernoulli(p)           f64 uniform < p
//   randint                r mod range; a range of 2^28 or more takes 64 bits
//
// f16 and bf16 are drawn as f32 and rounded (PyTorch fills long half-precision normals in another order).
#include "tracer/torch/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fusepack {
namespace {

constexpr double kTwoPi = 6.283185307179586476925;
constexpr uint64_t kSmallRange = uint64_t{1} << 28;

// Calls f(element offset) over all elements, largest stride outermost: the order of memory.
template <typename F>
void ForEachInMemoryOrder(const MutableTensorView& out, F f) {
  const int rank = out.rank();
  if (out.numel() == 0) return;
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return out.strides[a] > out.strides[b]; });
  std::vector<int64_t> index(rank, 0);
  int64_t offset = 0;
  for (;;) {
    f(offset);
    int d = rank - 1;
    for (; d >= 0; d--) {
      const int axis = order[d];
      offset += out.strides[axis];
      if (++index[d] < out.sizes[axis]) break;
      offset -= out.strides[axis] * out.sizes[axis];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

// Stores next() into every element, converted to the dtype; `next` returns double or float.
template <typename F>
Status FillEach(const MutableTensorView& out, F next) {
  switch (out.dtype) {
#define X(name, type, s, t, d, category) \
  case DType::name: \
    if constexpr (category < 3) { \
      type* to = static_cast<type*>(out.data); \
      ForEachInMemoryOrder(out, [&](int64_t offset) { to[offset] = static_cast<type>(next()); }); \
      return OkStatus(); \
    } \
    break;
    FUSEPACK_DTYPES(X)
#undef X
  }
  return Unsupported("", "random numbers of complex dtype", "a real dtype");
}

Status CheckFloating(const MutableTensorView& out) {
  if (IsFloating(out.dtype)) return OkStatus();
  return BadInput("", "random numbers of dtype " + std::string(TorchName(out.dtype)), "a floating dtype");
}

void NormalBlock(float* x, float mean, float std) {
  for (int j = 0; j < 8; j++) {
    const float radius = std::sqrt(-2.0f * std::log(1.0f - x[j]));
    const float theta = static_cast<float>(kTwoPi) * x[j + 8];
    x[j] = std::fma(radius * std::cos(theta), std, mean);
    x[j + 8] = std::fma(radius * std::sin(theta), std, mean);
  }
}

void NormalBlock(double* x, double mean, double std) {
  for (int j = 0; j < 8; j++) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - x[j]));
    const double theta = kTwoPi * x[j + 8];
    x[j] = radius * std::cos(theta) * std + mean;
    x[j + 8] = radius * std::sin(theta) * std + mean;
  }
}

// x: n >= 16 dense elements.
template <typename T, typename Uniform>
void NormalFill(T* x, int64_t n, T mean, T std, Uniform uniform) {
  for (int64_t i = 0; i < n; i++) x[i] = uniform();
  for (int64_t i = 0; i + 16 <= n; i += 16) NormalBlock(x + i, mean, std);
  if (n % 16 != 0) {
    for (int64_t i = n - 16; i < n; i++) x[i] = uniform();
    NormalBlock(x + n - 16, mean, std);
  }
}

double NormalCdf(double x) { return (1 + std::erf(x / std::sqrt(2.0))) / 2; }

}  // namespace

void Generator::Seed(uint64_t seed) {
  seed_ = seed;
  second_normal_.reset();
  state_[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < 624; i++) state_[i] = 1812433253u * (state_[i - 1] ^ state_[i - 1] >> 30) + i;
  next_ = 624;
}

void Generator::Twist() {
  for (int i = 0; i < 624; i++) {
    const uint32_t mixed = (state_[i] & 0x80000000u) | (state_[(i + 1) % 624] & 0x7fffffffu);
    state_[i] = state_[(i + 397) % 624] ^ mixed >> 1 ^ (mixed & 1 ? 0x9908b0dfu : 0);
  }
  next_ = 0;
}

uint32_t Generator::Next32() {
  if (next_ == 624) Twist();
  uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}

double Generator::Normal() {
  if (second_normal_.has_value()) {
    const double value = *second_normal_;
    second_normal_.reset();
    return value;
  }
  const double u1 = UniformDouble(), u2 = UniformDouble();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2)), theta = kTwoPi * u1;
  second_normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

Status FillUniform(Generator& generator, const MutableTensorView& out, double from, double to) {
  FP_RETURN_IF_ERROR(CheckFloating(out));
  if (out.dtype == DType::kF64) {
    return FillEach(out, [&] { return generator.UniformDouble() * (to - from) + from; });
  }
  const float low = static_cast<float>(from), span = static_cast<float>(to) - low;
  return FillEach(out, [&] { return std::fma(generator.UniformFloat(), span, low); });
}

Status FillNormal(Generator& generator, const MutableTensorView& out, double mean, double std) {
  FP_RETURN_IF_ERROR(CheckFloating(out));
  const int64_t n = out.numel();
  if (n >= 16 && out.contiguous()) {
    if (out.dtype == DType::kF64) {
      NormalFill(out.as<double>(), n, mean, std, [&] { return generator.UniformDouble(); });
    } else if (out.dtype == DType::kF32) {
      NormalFill(out.as<float>(), n, static_cast<float>(mean), static_cast<float>(std),
                 [&] { return generator.UniformFloat(); });
    } else {
      std::vector<float> x(n);
      NormalFill(x.data(), n, static_cast<float>(mean), static_cast<float>(std),
                 [&] { return generator.UniformFloat(); });
      size_t i = 0;
      return FillEach(out, [&] { return x[i++]; });
    }
    return OkStatus();
  }
  if (out.dtype == DType::kF64) return FillEach(out, [&] { return generator.Normal() * std + mean; });
  return FillEach(out, [&] { return static_cast<float>(generator.Normal() * std + mean); });
}

// Rejection: values outside [a, b] are replaced by those of a whole new draw until none is left. Where less than 0.3
// of the distribution lies inside, uniform candidates accepted by the density serve instead.
Status FillTruncatedNormal(Generator& generator, const MutableTensorView& out, double mean, double std, double a,
                           double b) {
  FP_RETURN_IF_ERROR(CheckFloating(out));
  const int64_t n = out.numel();
  std::vector<float> values(n), fresh(n);
  const auto view = [&](std::vector<float>& x) {
    return MutableTensorView{x.data(), DType::kF32, out.sizes, ContiguousStrides(out.sizes)};
  };
  constexpr int kMaxRounds = 10000;
  if (NormalCdf((b - mean) / std) - NormalCdf((a - mean) / std) > 0.3) {
    const float low = static_cast<float>(a), high = static_cast<float>(b);
    const auto outside = [&](float x) { return x < low || x > high; };
    FP_RETURN_IF_ERROR(FillNormal(generator, view(values), mean, std));
    for (int round = 0; std::any_of(values.begin(), values.end(), outside); round++) {
      if (round == kMaxRounds) return LimitExceeded("trunc_normal_", "no value inside the bounds");
      FP_RETURN_IF_ERROR(FillNormal(generator, view(fresh), mean, std));
      for (int64_t i = 0; i < n; i++) {
        if (outside(values[i])) values[i] = fresh[i];
      }
    }
  } else {
    const double mode = std::max(a, std::min(mean, b)), peak = -0.5 * std::pow((mode - mean) / std, 2);
    std::vector<bool> pending(n, true);
    std::vector<float> accept(n);
    bool any = n > 0;
    for (int round = 0; any; round++) {
      if (round == kMaxRounds) return LimitExceeded("trunc_normal_", "no value accepted");
      FP_RETURN_IF_ERROR(FillUniform(generator, view(fresh), a, b));
      FP_RETURN_IF_ERROR(FillUniform(generator, view(accept), 0, 1));
      any = false;
      for (int64_t i = 0; i < n; i++) {
        if (!pending[i]) continue;
        const double density = -0.5 * std::pow((fresh[i] - mean) / std, 2) - peak;
        values[i] = fresh[i];
        pending[i] = std::log(accept[i]) > density;
        any |= pending[i];
      }
    }
  }
  size_t i = 0;
  return FillEach(out, [&] { return values[i++]; });
}

Status FillBernoulli(Generator& generator, const MutableTensorView& out, double p) {
  if (!(p >= 0 && p <= 1)) {
    return BadInput("bernoulli_", "probability " + std::to_string(p), "a number between 0 and 1");
  }
  return FillEach(out, [&] { return generator.UniformDouble() < p ? 1.0f : 0.0f; });
}

Status FillBernoulli(Generator& generator, const MutableTensorView& out, const TensorView& p) {
  FP_CHECK(out.sizes == p.sizes);
  if (!p.contiguous() || !out.contiguous()) return BadInput("bernoulli", "strided probabilities", "a dense tensor");
  size_t i = 0;
  if (p.dtype == DType::kF64) {
    return FillEach(out, [&] { return generator.UniformDouble() < p.as<double>()[i++] ? 1.0f : 0.0f; });
  }
  if (p.dtype != DType::kF32) return BadInput("bernoulli", "probabilities of another dtype", "float32 or float64");
  return FillEach(out, [&] { return generator.UniformFloat() < p.as<float>()[i++] ? 1.0f : 0.0f; });
}

Status FillRandomIntegers(Generator& generator, const MutableTensorView& out, int64_t low, int64_t high) {
  if (low >= high) {
    return BadInput("random_", "from=" + std::to_string(low) + ", to=" + std::to_string(high), "from < to");
  }
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return FillEach(out, [&] {
    const uint64_t draw = range >= kSmallRange ? generator.Next64() : generator.Next32();
    return static_cast<int64_t>(draw % range + static_cast<uint64_t>(low));
  });
}

std::vector<int64_t> RandomPermutation(Generator& generator, int64_t n) {
  std::vector<int64_t> out(n);
  std::iota(out.begin(), out.end(), 0);
  for (int64_t i = 0; i + 1 < n; i++) {
    const int64_t z = generator.Next32() % static_cast<uint64_t>(n - i);
    std::swap(out[i], out[i + z]);
  }
  return out;
}

}  // namespace fusepack
