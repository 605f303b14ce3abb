// Scaled dot-product attention as one operator, so that a fused kernel can take it whole.
#include <cmath>

#include "engine/ops/spatial.h"
#include "engine/ops/table.h"
#include "kernels/attention/attention.h"

namespace fusepack::ops {
namespace {

// Leading dimensions (all but the last two).
Sizes Leading(const Sizes& sizes) { return {sizes.begin(), sizes.end() - 2}; }

Result<Specs> AttentionShape(const ShapeCall& call) {
  const TensorSpec &q = call.tensor("query"), &k = call.tensor("key"), &v = call.tensor("value");
  Guards& guards = call.guards;
  FP_RETURN_IF_ERROR(ExpectFloating("query", q));
  for (std::string_view name : {"query", "key", "value"}) {
    const TensorSpec& t = call.tensor(name);
    FP_RETURN_IF_ERROR(ExpectSameDType(name, t, q.dtype));
    if (t.sizes.size() < 2) {
      return BadInput("argument '" + std::string(name) + "'", "sizes " + ToString(t.sizes), "at least two dimensions");
    }
  }
  const size_t rq = q.sizes.size(), rk = k.sizes.size(), rv = v.sizes.size();
  if (!guards.Equal(q.sizes[rq - 1], k.sizes[rk - 1]) || !guards.Equal(k.sizes[rk - 2], v.sizes[rv - 2])) {
    return BadInput("", "query " + ToString(q.sizes) + ", key " + ToString(k.sizes) + ", value " + ToString(v.sizes),
                    "query and key of one width, key and value of one length");
  }
  if (call.number("dropout_p") != 0) {
    return Unsupported("argument 'dropout_p'", std::to_string(call.number("dropout_p")), "0: dropout draws random numbers");
  }
  Sizes leading_k = Leading(k.sizes), leading_v = Leading(v.sizes);
  if (call.boolean("enable_gqa")) {  // groups of query heads share a key head
    if (rq < 3 || rk < 3 || rv < 3 || !guards.Equal(Mod(q.sizes[rq - 3], k.sizes[rk - 3]), 0) ||
        !guards.Equal(k.sizes[rk - 3], v.sizes[rv - 3])) {
      return BadInput("argument 'enable_gqa'", "query " + ToString(q.sizes) + ", key " + ToString(k.sizes), "a multiple of the key's heads");
    }
    leading_k.back() = leading_v.back() = q.sizes[rq - 3];
  }
  const Sizes parts[] = {Leading(q.sizes), leading_k, leading_v};
  FP_ASSIGN_OR_RETURN(Sizes sizes, BroadcastSizes(parts, guards));
  if (call.has("attn_mask")) {
    const TensorSpec& mask = call.tensor("attn_mask");
    if (call.boolean("is_causal")) return BadInput("argument 'attn_mask'", "a mask with is_causal=True", "only one of them");
    if (mask.dtype != DType::kBool && mask.dtype != DType::kF32 && mask.dtype != q.dtype) {
      return BadInput("argument 'attn_mask'", std::string(TorchName(mask.dtype)), "bool, float32 or the query's dtype");
    }
    Sizes scores = sizes;
    scores.push_back(q.sizes[rq - 2]);
    scores.push_back(k.sizes[rk - 2]);
    FP_ASSIGN_OR_RETURN(const Sizes both, BroadcastSizes(mask.sizes, scores, guards));
    if (both.size() != scores.size()) return BadInput("argument 'attn_mask'", "sizes " + ToString(mask.sizes), ToString(scores));
  }
  sizes.push_back(q.sizes[rq - 2]);
  sizes.push_back(v.sizes[rv - 1]);
  return Specs{{q.dtype, sizes}};
}

// `t` seen with the sizes that it broadcasts to; `repeat` neighbours along the third dimension from the end are one.
Result<Tensor> Broadcast(const Tensor& t, const Dims& sizes, int64_t repeat = 1) {
  Tensor from = t;
  if (repeat > 1) {
    Dims split = t.sizes(), strides = t.strides(), merged = t.sizes();
    const int heads = t.rank() - 3;
    split.insert(heads + 1, repeat);
    strides.insert(heads + 1, 0);
    merged[heads] *= repeat;
    FP_ASSIGN_OR_RETURN(from, t.AsStrided(split, strides, t.offset()).Contiguous());
    from = from.AsStrided(merged, ContiguousStrides(merged), 0);
  }
  Dims strides(sizes.size(), 0);
  for (int d = 0; d < from.rank(); d++) {
    if (from.sizes()[d] != 1) strides[sizes.size() - from.rank() + d] = from.strides()[d];
  }
  return from.AsStrided(sizes, strides, from.offset());
}

Status AttentionEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor &q = call.tensor("query"), &k = call.tensor("key"), &v = call.tensor("value");
  Dims leading = outputs[0].sizes();
  leading.resize(leading.size() - 2);
  const auto with = [&](int64_t rows, int64_t cols) {
    Dims sizes = leading;
    sizes.push_back(rows);
    sizes.push_back(cols);
    return sizes;
  };
  kernels::AttentionProblem p;
  p.batch = Numel(leading);
  p.queries = q.sizes()[q.rank() - 2];
  p.width = q.sizes().back();
  p.keys = k.sizes()[k.rank() - 2];
  p.value_width = v.sizes().back();
  p.scale = call.has("scale") ? call.number("scale") : 1 / std::sqrt(static_cast<double>(p.width));
  p.causal = call.boolean("is_causal");
  int64_t repeat = 1;
  if (call.boolean("enable_gqa")) repeat = q.sizes()[q.rank() - 3] / std::max<int64_t>(k.sizes()[k.rank() - 3], 1);
  FP_ASSIGN_OR_RETURN(const Tensor q_all, Broadcast(q, with(p.queries, p.width)));
  FP_ASSIGN_OR_RETURN(const Tensor k_all, Broadcast(k, with(p.keys, p.width), repeat));
  FP_ASSIGN_OR_RETURN(const Tensor v_all, Broadcast(v, with(p.keys, p.value_width), repeat));
  const DenseF64 q64(q_all.view()), k64(k_all.view()), v64(v_all.view());
  std::optional<DenseF64> mask;
  std::vector<double> from_bool;
  if (call.has("attn_mask")) {
    FP_ASSIGN_OR_RETURN(const Tensor mask_all, Broadcast(call.tensor("attn_mask"), with(p.queries, p.keys)));
    mask.emplace(mask_all.view());
    if (mask_all.dtype() == DType::kBool) {  // true takes part
      from_bool.resize(mask_all.numel());
      for (size_t i = 0; i < from_bool.size(); i++) from_bool[i] = (*mask)[i] != 0 ? 0 : -INFINITY;
    }
  }
  DenseF64Output y(outputs[0].mutable_view());
  kernels::Attention(p, q64.data(), k64.data(), v64.data(), !mask ? nullptr : from_bool.empty() ? mask->data() : from_bool.data(),
                     y.data());
  return OkStatus();
}

}  // namespace

const OpDef op_scaled_dot_product_attention = {
    .name = "scaled_dot_product_attention",
    .torch = {"torch._C._nn.scaled_dot_product_attention", "torch.nn.functional.scaled_dot_product_attention"},
    .params = "Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, "
              "float? scale=None, bool enable_gqa=False",
    .shape = AttentionShape,
    .eval = AttentionEval,
    .inplace = false,
    .examples = {"f32[2,3,4,5], f32[2,3,6,5], f32[2,3,6,7]", "f32[4,5], f32[6,5], f32[6,7], scale=0.3",
                 "f32[2,1,4,5], f32[1,3,6,5], f32[2,3,6,7], f32[4,6]", "f32[2,3,5,4], f32[2,3,5,4], f32[2,3,5,4], bool[2,1,5,5]",
                 "f32[2,3,7,4], f32[2,3,5,4], f32[2,3,5,4], None, 0.0, True",
                 "f32[2,6,4,5], f32[2,3,6,5], f32[2,3,6,7], enable_gqa=True",
                 "f32[1,1,2,3], f32[1,1,4,3], f32[1,1,4,3], bool[2,1]"},
    .doc = "softmax(scale * query keyT + mask) value over the last two dimensions; a row that is masked whole gives 0.",
};

}  // namespace fusepack::ops
