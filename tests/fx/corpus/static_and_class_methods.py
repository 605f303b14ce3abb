import torch
from torch import nn, fx


class Net(nn.Module):
    scale = 3

    @staticmethod
    def square(x):
        return x * x

    @classmethod
    def scaled(cls, x):
        return x * cls.scale

    @property
    def half(self):
        return 0.5

    def helper(self, x):
        return self.square(x) + self.scaled(x)

    def forward(self, x):
        return self.helper(x) * self.half


def run():
    return fx.Tracer().trace(Net())
