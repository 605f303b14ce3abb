import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("a", torch.ones(2))
        self.register_buffer("b", torch.ones(2))

    def forward(self, x):
        s = self.a + self.b
        t = s * 2
        return x * s, x + t, x - s


def run():
    return fx.Tracer().trace(Net())
