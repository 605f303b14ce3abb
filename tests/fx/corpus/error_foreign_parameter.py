import torch
from torch import nn, fx

LOOSE = nn.Parameter(torch.ones(2))


class Net(nn.Module):
    def forward(self, x):
        return torch.add(x, LOOSE)


def run():
    return fx.Tracer().trace(Net())
