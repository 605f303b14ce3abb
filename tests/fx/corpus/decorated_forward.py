import functools

import torch
from torch import nn, fx


def doubled(f):
    @functools.wraps(f)
    def wrapper(self, x, y=2):
        return f(self, x * 2, y)

    return wrapper


class Net(nn.Module):
    @doubled
    def forward(self, x, y=2):
        return x + y


def run():
    return fx.Tracer().trace(Net())
