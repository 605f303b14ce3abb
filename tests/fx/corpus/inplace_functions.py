import operator

import torch
from torch import fx


def f(x, y):
    operator.iadd(x, y)
    z = operator.imul(x, 3)
    torch.relu_(x)
    y.add_(1).clamp_(min=0)
    return z


def run():
    return fx.Tracer().trace(f)
