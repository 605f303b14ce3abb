import torch
from torch import nn, fx


class Opener(fx.Tracer):
    def is_leaf_module(self, m, qualname):
        return isinstance(m, nn.BatchNorm2d)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.Dropout(0.1), nn.MaxPool2d(2),
                                  nn.Flatten(), nn.Linear(8, 2), nn.Softmax(dim=1), nn.GELU(), nn.LayerNorm(2))

    def forward(self, x):
        return self.body(x)


def run():
    return Opener().trace(Net().eval())
