// Products and distances of vectors: bilinear, cosine_similarity, pairwise_distance, cdist.
#include <cmath>

#include "engine/ops/spatial.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

// Walks a norm's terms: add(v) for each, value() at the end. p as torch.linalg.vector_norm has it.
class Norm {
 public:
  explicit Norm(double p) : p_(p), value_(p < 0 && std::isinf(p) ? INFINITY : 0) {}
  void Add(double v) {
    v = std::abs(v);
    if (std::isinf(p_)) value_ = std::isnan(v) || std::isnan(value_) ? NAN : p_ > 0 ? std::max(value_, v) : std::min(value_, v);
    else if (p_ == 0) value_ += v != 0;
    else if (p_ == 1) value_ += v;
    else if (p_ == 2) value_ += v * v;
    else value_ += std::pow(v, p_);
  }
  double value() const { return std::isinf(p_) || p_ == 0 || p_ == 1 ? value_ : p_ == 2 ? std::sqrt(value_) : std::pow(value_, 1 / p_); }

 private:
  double p_, value_;
};

// A tensor seen with the sizes that it broadcasts to.
Tensor Stretch(const Tensor& t, const Dims& sizes) {
  Dims strides(sizes.size(), 0);
  for (int d = 0; d < t.rank(); d++) {
    if (t.sizes()[d] != 1) strides[sizes.size() - t.rank() + d] = t.strides()[d];
  }
  return t.AsStrided(sizes, strides, t.offset());
}

Dims BroadcastOf(const Dims& a, const Dims& b) {
  Guards guards;
  return ToDims(BroadcastSizes(ToDimVector(a), ToDimVector(b), guards).value());  // shape has checked
}

Result<TensorSpec> Pair(const ShapeCall& call) {
  const TensorSpec &a = call.tensor("x1"), &b = call.tensor("x2");
  FP_RETURN_IF_ERROR(ExpectFloating("x1", a));
  FP_RETURN_IF_ERROR(ExpectFloating("x2", b));
  FP_ASSIGN_OR_RETURN(Sizes sizes, BroadcastSizes(a.sizes, b.sizes, call.guards));
  return TensorSpec{PromoteTypes(a.dtype, b.dtype), sizes};
}

Result<Specs> CosineShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(TensorSpec out, Pair(call));
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.guards.Pin(call.dim("dim")), static_cast<int>(out.sizes.size())));
  if (!out.sizes.empty()) out.sizes.erase(out.sizes.begin() + dim);
  return Specs{out};
}

Status CosineEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Dims sizes = BroadcastOf(call.tensor("x1").sizes(), call.tensor("x2").sizes());
  const DenseF64 a(Stretch(call.tensor("x1"), sizes).view()), b(Stretch(call.tensor("x2"), sizes).view());
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), sizes.size()));
  int64_t outer = 1, inner = 1;
  const int64_t n = sizes.empty() ? 1 : sizes[dim];
  for (int i = 0; i < sizes.size(); i++) (i < dim ? outer : inner) *= i == dim ? 1 : sizes[i];
  const double eps = call.number("eps");
  DenseF64Output y(outputs[0].mutable_view());
  for (int64_t row = 0; row < outer * inner; row++) {
    const int64_t base = row / inner * n * inner + row % inner;
    double aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < n; i++) {
      const double u = a[base + i * inner], v = b[base + i * inner];
      aa += u * u;
      bb += v * v;
    }
    const double na = std::max(std::sqrt(aa), eps), nb = std::max(std::sqrt(bb), eps);
    for (int64_t i = 0; i < n; i++) ab += a[base + i * inner] / na * (b[base + i * inner] / nb);
    y[row] = ab;
  }
  return OkStatus();
}

Result<Specs> PairwiseShape(const ShapeCall& call) {
  FP_ASSIGN_OR_RETURN(TensorSpec out, Pair(call));
  if (out.sizes.empty()) return BadInput("argument 'x1'", "no dimensions", "at least one");
  if (call.boolean("keepdim")) out.sizes.back() = 1;
  else out.sizes.pop_back();
  return Specs{out};
}

Status PairwiseEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Dims sizes = BroadcastOf(call.tensor("x1").sizes(), call.tensor("x2").sizes());
  const DenseF64 a(Stretch(call.tensor("x1"), sizes).view()), b(Stretch(call.tensor("x2"), sizes).view());
  DenseF64Output y(outputs[0].mutable_view());
  const int64_t n = sizes.back();
  for (int64_t row = 0; row < outputs[0].numel(); row++) {
    Norm norm(call.number("p"));
    for (int64_t i = 0; i < n; i++) norm.Add(a[row * n + i] - b[row * n + i] + call.number("eps"));
    y[row] = norm.value();
  }
  return OkStatus();
}

Result<Specs> CdistShape(const ShapeCall& call) {
  const TensorSpec &a = call.tensor("x1"), &b = call.tensor("x2");
  FP_RETURN_IF_ERROR(ExpectFloating("x1", a));
  FP_RETURN_IF_ERROR(ExpectFloating("x2", b));
  const size_t ra = a.sizes.size(), rb = b.sizes.size();
  if (ra < 2 || rb < 2 || !call.guards.Equal(a.sizes[ra - 1], b.sizes[rb - 1])) {
    return BadInput("", "sizes " + ToString(a.sizes) + " and " + ToString(b.sizes), "two matrices of one width, or batches of them");
  }
  if (!(call.number("p") >= 0)) return BadInput("argument 'p'", std::to_string(call.number("p")), "at least 0");
  FP_ASSIGN_OR_RETURN(Sizes sizes, BroadcastSizes(Sizes(a.sizes.begin(), a.sizes.end() - 2), Sizes(b.sizes.begin(), b.sizes.end() - 2), call.guards));
  sizes.push_back(a.sizes[ra - 2]);
  sizes.push_back(b.sizes[rb - 2]);
  return Specs{{PromoteTypes(a.dtype, b.dtype), sizes}};
}

Status CdistEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor &x1 = call.tensor("x1"), &x2 = call.tensor("x2");
  Dims sizes1 = outputs[0].sizes(), sizes2 = sizes1;
  const int rank = sizes1.size();
  const int64_t rows = sizes1[rank - 2], cols = sizes1[rank - 1], width = x1.sizes().back();
  sizes1[rank - 1] = width;
  sizes2[rank - 2] = cols;
  sizes2[rank - 1] = width;
  const DenseF64 a(Stretch(x1, sizes1).view()), b(Stretch(x2, sizes2).view());
  DenseF64Output y(outputs[0].mutable_view());
  for (int64_t i = 0; i < outputs[0].numel(); i++) {
    const int64_t col = i % cols, row = i / cols, batch = row / rows;
    Norm norm(call.number("p"));
    for (int64_t e = 0; e < width; e++) norm.Add(a[row * width + e] - b[(batch * cols + col) * width + e]);
    y[i] = norm.value();
  }
  return OkStatus();
}

Result<Specs> BilinearShape(const ShapeCall& call) {
  const TensorSpec &a = call.tensor("input1"), &b = call.tensor("input2"), &w = call.tensor("weight");
  FP_RETURN_IF_ERROR(ExpectFloating("input1", a));
  FP_RETURN_IF_ERROR(ExpectSameDType("input2", b, a.dtype));
  FP_RETURN_IF_ERROR(ExpectSameDType("weight", w, a.dtype));
  const size_t rank = a.sizes.size();
  bool fits = rank >= 1 && b.sizes.size() == rank && w.sizes.size() == 3;
  for (size_t d = 0; fits && d + 1 < rank; d++) fits = call.guards.Equal(a.sizes[d], b.sizes[d]);
  if (!fits || !call.guards.Equal(w.sizes[1], a.sizes.back()) || !call.guards.Equal(w.sizes[2], b.sizes.back())) {
    return BadInput("", "sizes " + ToString(a.sizes) + ", " + ToString(b.sizes) + " and a weight of " + ToString(w.sizes),
                    "[*,I], [*,J] and [K,I,J]");
  }
  FP_RETURN_IF_ERROR(ExpectVector(call, "bias", w.sizes[0]));
  TensorSpec out = a;
  out.sizes.back() = w.sizes[0];
  return Specs{out};
}

Status BilinearEval(const EvalCall& call, std::span<Tensor> outputs) {
  const DenseF64 a(call.tensor("input1").view()), b(call.tensor("input2").view()), w(call.tensor("weight").view());
  const OptionalF64 bias(call, "bias");
  const Dims& sizes = call.tensor("weight").sizes();
  const int64_t k_size = sizes[0], i_size = sizes[1], j_size = sizes[2];
  DenseF64Output y(outputs[0].mutable_view());
  for (int64_t o = 0; o < outputs[0].numel(); o++) {
    const int64_t n = o / k_size, k = o % k_size;
    double sum = bias.data() ? bias.data()[k] : 0;
    for (int64_t i = 0; i < i_size; i++) {
      double row = 0;
      for (int64_t j = 0; j < j_size; j++) row += w[(k * i_size + i) * j_size + j] * b[n * j_size + j];
      sum += a[n * i_size + i] * row;
    }
    y[o] = sum;
  }
  return OkStatus();
}

}  // namespace

const OpDef op_cosine_similarity = {
    .name = "cosine_similarity",
    .torch = {"torch.cosine_similarity", "torch.nn.functional.cosine_similarity"},
    .params = "Tensor x1, Tensor x2, int dim=1, float eps=1e-08",
    .shape = CosineShape,
    .eval = CosineEval,
    .inplace = false,
    .examples = {"f32[2,3,4], f32[3,1], 1", "f32[2,5], f32[2,5], -1, 0.5", "f32[3], f32[3], 0"},
    .doc = "x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) along dim.",
};

const OpDef op_pairwise_distance = {
    .name = "pairwise_distance",
    .torch = {"torch.pairwise_distance", "torch.nn.functional.pairwise_distance"},
    .params = "Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False",
    .shape = PairwiseShape,
    .eval = PairwiseEval,
    .inplace = false,
    .examples = {"f32[2,3,4], f32[3,1], 2.0, 1e-06, True", "f32[5], f32[2,5], 1.5", "f32[2,5], f32[2,5], 1.0"},
    .doc = "The p-norm of x1 - x2 + eps over the last dimension.",
};

const OpDef op_cdist = {
    .name = "cdist",
    .torch = {"torch.cdist"},
    .params = "Tensor x1, Tensor x2, float p=2, int? compute_mode=None",
    .shape = CdistShape,
    .eval = CdistEval,
    .inplace = false,
    .examples = {"f32[3,4], f32[6,4]", "f32[2,1,3,4], f32[5,6,4], 1.0", "f32[3,4], f32[6,4], 3.5"},
    .doc = "The p-norm of the difference of each row of x1 with each row of x2.",
};

const OpDef op_bilinear = {
    .name = "bilinear",
    .torch = {"torch.bilinear", "torch.nn.functional.bilinear"},
    .params = "Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None",
    .shape = BilinearShape,
    .eval = BilinearEval,
    .inplace = false,
    .examples = {"f32[2,3,4], f32[2,3,5], f32[7,4,5], f32[7]", "f32[3,2], f32[3,4], f32[1,2,4]"},
    .doc = "y[k] = x1 weight[k] x2 + bias[k].",
};

}  // namespace fusepack::ops
