import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.p = nn.Parameter(torch.ones(2))

    def forward(self, x):
        for name, p in self.named_parameters():
            x = torch.add(x, p)
        return x * list(self.lin.parameters())[1]


def run():
    return fx.Tracer().trace(Net())
