import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self._tensor_constant0 = torch.zeros(1)

    def forward(self, x):
        k = torch.arange(4)
        y = x + k
        y = y * k + torch.ones(1)
        return torch.cat([y, k], 0), self._tensor_constant0 * x


def run():
    return fx.Tracer().trace(Net())
