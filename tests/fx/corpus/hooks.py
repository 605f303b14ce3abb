import torch
from torch import nn, fx


class Child(nn.Module):
    def forward(self, x):
        return x + 1


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = Child()
        self.child.register_forward_hook(lambda module, args, out: out * 2)
        self.child.register_forward_pre_hook(lambda module, args: (args[0] - 5,))

    def forward(self, x):
        return self.child(x)


def run():
    net = Net()
    net.register_forward_hook(lambda module, args, out: out * 100)
    return fx.Tracer().trace(net)
