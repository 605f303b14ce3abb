"""Tensors to test with."""
import torch


def make_tensor(*shape, dtype, device="cpu", low=None, high=None, requires_grad=False, noncontiguous=False,
                exclude_zero=False, memory_format=None):
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    if noncontiguous and memory_format is not None:
        raise ValueError(f"The parameters `noncontiguous` and `memory_format` are mutually exclusive, "
                         f"but got {noncontiguous=} and {memory_format=}")
    if dtype is torch.bool:
        out = torch.randint(0, 2, shape).to(torch.bool)
    elif dtype.is_floating_point:
        low, high = -9.0 if low is None else low, 9.0 if high is None else high
        if low >= high:
            raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
        out = torch.rand(shape, dtype=torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype)
        out = (out * (high - low) + low).to(dtype)
    else:
        low = (0 if dtype is torch.uint8 else -9) if low is None else int(low)
        high = 10 if high is None else int(high)
        if low >= high:
            raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
        out = torch.randint(low, high, shape).to(dtype)
    if exclude_zero:
        out = torch.where(out == 0, torch.ones_like(out), out)
    if noncontiguous and out.numel() > 1:
        out = torch.stack([out, out], dim=-1)[..., 0]
    if requires_grad:
        if not dtype.is_floating_point:
            raise ValueError("`requires_grad` must be False for boolean and integral dtypes")
        out.requires_grad_()
    return out
