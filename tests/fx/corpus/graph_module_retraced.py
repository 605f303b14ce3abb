import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x, flip=False):
        return torch.relu(self.lin(x) * self.scale) + torch.tensor(1.0), len([x])


def run():
    once = fx.symbolic_trace(Net())
    twice = fx.symbolic_trace(once)
    assert once.code == twice.code
    return twice.graph
