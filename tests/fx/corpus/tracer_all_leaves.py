import torch
from torch import nn, fx


class Inner(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Inner()
        self.b = nn.Sequential(Inner(), nn.ReLU())

    def forward(self, x):
        return self.b(self.a(x))


class AllLeaves(fx.Tracer):
    def is_leaf_module(self, m, qualname):
        return True


def run():
    return AllLeaves().trace(Net())
