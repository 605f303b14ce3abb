import torch
from torch import fx

fx.wrap("len")
fx.wrap("helper")
torch.fx.wrap("len")


def helper(x, k=2, *rest):
    return x * k if k > 1 else x


def f(x, y):
    return helper(x, len(y)), helper(x, k=5), len([1, 2]), helper(x, 3, y)


def run():
    return fx.Tracer().trace(f)
