import torch
from torch import nn, fx


class MyConv(nn.Conv2d):
    def forward(self, x):
        return super().forward(x * 2)


class MyLinear(nn.Linear):
    pass


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = MyConv(3, 4, 3, padding=1)
        self.lin = MyLinear(4, 2, bias=False)

    def forward(self, x):
        return self.lin(self.conv(x).flatten(1))


def run():
    return fx.Tracer().trace(Net())
