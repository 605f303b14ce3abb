"""Methods of torch.nn's modules and functions of torch.nn.functional in a form that scripting takes, where ours are not.

torch.jit._lower says what each stands for. Annotations are TorchScript's types.
"""
import math
from typing import List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor


# A mask of any element type as one that is added to the scores.
def float_mask(mask: Tensor, dtype: int) -> Tensor:
    if torch.is_floating_point(mask):
        return mask
    return torch.zeros_like(mask, dtype=dtype).masked_fill_(mask, float("-inf"))


def optional_float_mask(mask: Optional[Tensor], dtype: int) -> Optional[Tensor]:
    if mask is None:
        return None
    return float_mask(mask, dtype)


def attention_scores(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    mask: Optional[Tensor],
    dropout: float,
) -> Tuple[Tensor, Tensor]:
    length, batch, width = query.shape
    source = key.size(0)
    head = width // heads
    q = query.contiguous().view(length, batch * heads, head).transpose(0, 1)
    k = key.contiguous().view(source, batch * heads, head).transpose(0, 1)
    v = value.contiguous().view(source, batch * heads, head).transpose(0, 1)
    scores = torch.bmm(q * math.sqrt(1.0 / float(head)), k.transpose(-2, -1))
    if mask is not None:
        scores = scores + mask
    weights = torch.softmax(scores, -1)
    if dropout > 0.0:
        weights = torch.dropout(weights, dropout, True)
    out = torch.bmm(weights, v).transpose(0, 1).contiguous().view(length, batch, width)
    return out, weights


# [L,S], [N*heads,L,S] or none, and the keys' [N,S] or none, as one mask that broadcasts to [N*heads,L,S].
def merged_mask(
    attention: Optional[Tensor], keys: Optional[Tensor], batch: int, heads: int, source: int, dtype: int
) -> Optional[Tensor]:
    if attention is not None:
        attention = float_mask(attention, dtype)
        if attention.dim() == 2:
            attention = attention.unsqueeze(0)
    if keys is None:
        return attention
    keys = float_mask(keys, dtype)
    keys = keys.view(batch, 1, 1, source).expand(batch, heads, 1, source).reshape(batch * heads, 1, source)
    if attention is None:
        return keys
    return attention + keys


def multihead_attention(
    self,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Optional[Tensor] = None,
    need_weights: bool = True,
    attn_mask: Optional[Tensor] = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Tuple[Tensor, Optional[Tensor]]:
    is_batched = query.dim() == 3
    if is_causal and attn_mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
    if is_batched:
        if self.batch_first:
            query = query.transpose(1, 0)
            key = key.transpose(1, 0)
            value = value.transpose(1, 0)
    else:
        query = query.unsqueeze(1)
        key = key.unsqueeze(1)
        value = value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    if query.size(2) != self.embed_dim:
        raise AssertionError(f"was expecting embedding dimension of {self.embed_dim}, but got {query.size(2)}")
    if self.in_proj_weight is not None:
        w_q, w_k, w_v = self.in_proj_weight.chunk(3)
    else:
        w_q = self.q_proj_weight
        w_k = self.k_proj_weight
        w_v = self.v_proj_weight
    if self.in_proj_bias is not None:
        b_q, b_k, b_v = self.in_proj_bias.chunk(3)
        q = F.linear(query, w_q, b_q)
        k = F.linear(key, w_k, b_k)
        v = F.linear(value, w_v, b_v)
    else:
        q = F.linear(query, w_q)
        k = F.linear(key, w_k)
        v = F.linear(value, w_v)
    batch = q.size(1)
    added = 0
    if self.bias_k is not None and self.bias_v is not None:
        k = torch.cat([k, self.bias_k.repeat(1, batch, 1)])
        v = torch.cat([v, self.bias_v.repeat(1, batch, 1)])
        added = added + 1
    if self.add_zero_attn:
        zeros = torch.zeros_like(k[:1])
        k = torch.cat([k, zeros])
        v = torch.cat([v, zeros])
        added = added + 1
    if added > 0:
        if attn_mask is not None:
            attn_mask = F.pad(attn_mask, [0, added])
        if key_padding_mask is not None:
            key_padding_mask = F.pad(key_padding_mask, [0, added])
    mask = merged_mask(attn_mask, key_padding_mask, batch, self.num_heads, k.size(0), query.dtype)
    dropout = 0.0
    if self.training:
        dropout = self.dropout
    out, weights = attention_scores(q, k, v, self.num_heads, mask, dropout)
    out = F.linear(out, self.out_proj.weight, self.out_proj.bias)
    scores: Optional[Tensor] = None
    if need_weights:
        weights = weights.view(batch, self.num_heads, weights.size(1), weights.size(2))
        if average_attn_weights:
            weights = weights.mean(dim=1)
        scores = weights
        if not is_batched:
            scores = weights.squeeze(0)
    if is_batched:
        if self.batch_first:
            out = out.transpose(1, 0)
    else:
        out = out.squeeze(1)
    return out, scores


def transformer_encoder(
    self,
    src: Tensor,
    mask: Optional[Tensor] = None,
    src_key_padding_mask: Optional[Tensor] = None,
    is_causal: Optional[bool] = None,
) -> Tensor:
    causal = False
    if is_causal is not None:
        causal = is_causal
    output = src
    for layer in self.layers:
        output = layer(output, src_mask=mask, is_causal=causal, src_key_padding_mask=src_key_padding_mask)
    if self.norm is not None:
        output = self.norm(output)
    return output


# Sizes a factor gives, for interpolate with recompute_scale_factor.
def scaled(extent: int, factor: float) -> int:
    return int(math.floor(float(extent) * factor))


def recomputed(input: Tensor, factor: float) -> List[int]:
    sizes: List[int] = []
    for i in range(input.dim() - 2):
        sizes.append(scaled(input.size(i + 2), factor))
    return sizes


def recomputed_each(input: Tensor, factors: List[float]) -> List[int]:
    sizes: List[int] = []
    for i in range(input.dim() - 2):
        sizes.append(scaled(input.size(i + 2), factors[i]))
    return sizes


def many_ints(size: int, dim: int) -> List[int]:
    return [size for _ in range(dim)]


def many_floats(factor: float, dim: int) -> List[float]:
    return [factor for _ in range(dim)]


def each_int(size, dim):
    """A rule: the list itself, or `size` for each dimension."""


def each_float(factor, dim):
    """A rule, as each_int."""


# Instantiated for what is known: the mode always, and which of size and factor is given.
def resized(input, size, factor, mode):
    dim = input.dim() - 2
    sizes = None if size is None else each_int(size, dim)
    factors = None if factor is None else each_float(factor, dim)
    if mode == "area":
        if dim == 1:
            return torch.adaptive_avg_pool1d(input, sizes)
        if dim == 2:
            return torch._C._nn.adaptive_avg_pool2d(input, sizes)
        return torch._C._nn.adaptive_avg_pool3d(input, sizes)
    if mode == "nearest":
        if dim == 1:
            return torch._C._nn.upsample_nearest1d(input, sizes, factors)
        if dim == 2:
            return torch._C._nn.upsample_nearest2d(input, sizes, factors)
        return torch._C._nn.upsample_nearest3d(input, sizes, factors)
    if dim == 1:
        return torch._C._nn._upsample_nearest_exact1d(input, sizes, factors)
    if dim == 2:
        return torch._C._nn._upsample_nearest_exact2d(input, sizes, factors)
    return torch._C._nn._upsample_nearest_exact3d(input, sizes, factors)


def relu_in_place_or_not(input: Tensor, inplace: bool) -> Tensor:
    if inplace:
        return torch.relu_(input)
    return torch.relu(input)
