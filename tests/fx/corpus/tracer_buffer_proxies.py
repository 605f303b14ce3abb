import torch
from torch import nn, fx


class WithBuffers(fx.Tracer):
    proxy_buffer_attributes = True


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("b", torch.ones(1))

    def forward(self, x):
        return self.b + x + self.b * 2


def run():
    return WithBuffers().trace(Net())
