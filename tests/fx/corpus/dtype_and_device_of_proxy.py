import torch
from torch import fx


def f(x, n):
    a = torch.zeros(n, dtype=x.dtype, device=x.device)
    b = torch.arange(n)
    c = torch.full((n, 3), 1.5)
    d = torch.ones((n, x.size(1)), device=x.device)
    return a, b, c, d


def run():
    return fx.Tracer().trace(f)
