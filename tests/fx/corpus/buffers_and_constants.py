import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.plain = torch.ones(3)
        self.inner = nn.Module()
        self.inner.offset = torch.full((3,), 2.0)

    def forward(self, x):
        a = x - self.mean
        b = self.mean + a
        c = b * self.plain + self.inner.offset
        d = self.plain * x
        e = c + torch.tensor([1.0, 2.0, 3.0])
        return d, e, self.mean.mul(2) + x, self.plain + self.mean - x


def run():
    return fx.Tracer().trace(Net())
