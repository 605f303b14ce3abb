"""torch.functional: functions of torch that are Python in PyTorch too (torch.fx prints their module)."""
import torch
from torch.overrides import (
    handle_torch_function,
    has_torch_function,
    has_torch_function_unary,
    has_torch_function_variadic,
)


def broadcast_tensors(*tensors):
    if has_torch_function(tensors):
        return handle_torch_function(broadcast_tensors, tensors, *tensors)
    shape = broadcast_shapes(*[t.shape for t in tensors])
    return tuple(t.expand(shape) for t in tensors)


def broadcast_shapes(*shapes):
    rank = max([len(s) if isinstance(s, (tuple, list)) else 1 for s in shapes] + [0])
    result = [1] * rank
    for shape in shapes:
        if isinstance(shape, int):
            shape = (shape,)
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] == 1 or shape[i] == result[i]:
                continue
            if result[i] != 1:
                raise RuntimeError("Shape mismatch: objects cannot be broadcast to a single shape")
            result[i] = shape[i]
    return torch.Size(result)


def split(tensor, split_size_or_sections, dim=0):
    if has_torch_function_unary(tensor):
        return handle_torch_function(split, (tensor,), tensor, split_size_or_sections, dim=dim)
    return tensor.split(split_size_or_sections, dim)


def einsum(*args):
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    equation = args[0]
    operands = args[1:]
    if has_torch_function(operands):
        return handle_torch_function(einsum, operands, equation, *operands)
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        return einsum(equation, *operands[0])
    return torch._VF.einsum(equation, list(operands))


def meshgrid(*tensors, indexing=None):
    if has_torch_function(tensors):
        return handle_torch_function(meshgrid, tensors, *tensors, indexing=indexing)
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    return _meshgrid(list(tensors), indexing)


def _meshgrid(tensors, indexing):
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    tensors = [t.reshape(-1) for t in tensors]
    swap = indexing == "xy" and len(tensors) >= 2
    if swap:
        tensors[0], tensors[1] = tensors[1], tensors[0]
    shape = [t.shape[0] for t in tensors]
    grids = []
    for i, t in enumerate(tensors):
        view = [1] * len(tensors)
        view[i] = t.shape[0]
        grids.append(t.view(view).expand(shape))
    if swap:
        grids = [g.transpose(0, 1) for g in grids]
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    if has_torch_function_unary(input):
        return handle_torch_function(norm, (input,), input, p=p, dim=dim, keepdim=keepdim, out=out, dtype=dtype)
    return _norm(input, p, dim, keepdim, dtype)


def _norm(input, p, dim, keepdim, dtype):
    if dtype is not None:
        input = input.to(dtype)
    if p is None or p == "fro":
        p = 2
    if p == "nuc":
        raise NotImplementedError("the nuclear norm")
    dims = list(range(input.dim())) if dim is None else dim
    if p == 2:
        return torch.linalg.vector_norm(input, 2, dims, keepdim)
    return torch.linalg.vector_norm(input, p, dims, keepdim)


def tensordot(a, b, dims=2, out=None):
    if has_torch_function_variadic(a, b):
        return handle_torch_function(tensordot, (a, b), a, b, dims=dims, out=out)
    if isinstance(dims, int):
        dims_a, dims_b = list(range(a.dim() - dims, a.dim())), list(range(dims))
    else:
        dims_a, dims_b = ([d] if isinstance(d, int) else list(d) for d in dims)
    dims_a = [d % a.dim() for d in dims_a]
    dims_b = [d % b.dim() for d in dims_b]
    keep_a = [d for d in range(a.dim()) if d not in dims_a]
    keep_b = [d for d in range(b.dim()) if d not in dims_b]
    inner = 1
    for d in dims_a:
        inner = inner * a.shape[d]
    left = a.permute(keep_a + dims_a).reshape(-1, inner)
    right = b.permute(dims_b + keep_b).reshape(inner, -1)
    return torch.mm(left, right).reshape([a.shape[d] for d in keep_a] + [b.shape[d] for d in keep_b])


def cartesian_prod(*tensors):
    if len(tensors) == 1:
        return tensors[0]
    return torch.stack([g.reshape(-1) for g in meshgrid(*tensors, indexing="ij")], dim=1)


def block_diag(*tensors):
    rows = sum(t.shape[0] for t in tensors)
    cols = sum(t.shape[1] for t in tensors)
    out = torch.zeros(rows, cols, dtype=tensors[0].dtype)
    r = c = 0
    for t in tensors:
        out[r : r + t.shape[0], c : c + t.shape[1]] = t
        r, c = r + t.shape[0], c + t.shape[1]
    return out


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    if has_torch_function_variadic(x1, x2):
        return handle_torch_function(cdist, (x1, x2), x1, x2, p=p, compute_mode=compute_mode)
    return torch.linalg.vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def _atleast(n, tensors):
    out = []
    for t in tensors:
        if n == 1 and t.dim() == 0:
            t = t.reshape(1)
        elif n == 2 and t.dim() < 2:
            t = t.reshape(1, -1)
        elif n == 3 and t.dim() < 3:
            t = t.unsqueeze(-1) if t.dim() == 2 else t.reshape(1, -1, 1)
        out.append(t)
    return out[0] if len(out) == 1 else tuple(out)


def atleast_1d(*tensors):
    return _atleast(1, tensors[0] if isinstance(tensors[0], (list, tuple)) else tensors)


def atleast_2d(*tensors):
    return _atleast(2, tensors[0] if isinstance(tensors[0], (list, tuple)) else tensors)


def atleast_3d(*tensors):
    return _atleast(3, tensors[0] if isinstance(tensors[0], (list, tuple)) else tensors)


def chain_matmul(*matrices, out=None):
    result = matrices[0]
    for m in matrices[1:]:
        result = torch.mm(result, m)
    return result


def unravel_index(indices, shape):
    out = []
    for extent in reversed(shape):
        out.append(indices % extent)
        indices = torch.div(indices, extent, rounding_mode="floor")
    return tuple(reversed(out))
