import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(1, 1)

    def forward(self, x):
        return self.lin(x)


def run():
    gm = fx.symbolic_trace(Net())
    gm.delete_submodule("lin")
    gm.graph.lint()
