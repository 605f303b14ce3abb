import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, 3))
        self.shared = self.weight
        self.inner = nn.Module()
        self.inner.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        a = x @ self.weight + self.weight
        b = a * self.inner.scale + self.shared.t()
        return torch.nn.functional.linear(b, self.weight, bias=self.inner.scale)


def run():
    return fx.Tracer().trace(Net())
