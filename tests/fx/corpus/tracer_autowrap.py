import torch
from torch import fx


def opaque(x, n):
    return x if x.sum() > n else -x


def f(x):
    return opaque(x, 3) + 1


def run():
    return fx.Tracer(autowrap_functions=(opaque,)).trace(f)
