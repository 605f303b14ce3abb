import torch
from torch import fx


def f(x):
    a, b = x
    (c, d), e = b.split(2), b
    values, indices = torch.max(x, dim=1)
    (g,) = torch.chunk(x, 1)
    return a, c, d, e, values, indices, g


def run():
    return fx.Tracer().trace(f)
