import torch
from torch import nn, fx


class Named(fx.Tracer):
    def get_fresh_qualname(self, prefix):
        return super().get_fresh_qualname("made" + prefix)


class Net(nn.Module):
    def forward(self, x):
        return x + torch.ones(1) + torch.zeros(1)


def run():
    return Named().trace(Net())
