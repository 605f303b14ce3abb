import torch
from torch import nn, fx


class Quiet(fx.Tracer):
    def getattr(self, attr, attr_val, parameter_proxy_cache):
        if attr == "hidden":
            return 7
        return super().getattr(attr, attr_val, parameter_proxy_cache)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(1))
        self.hidden = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.w + self.hidden


def run():
    return Quiet().trace(Net())
