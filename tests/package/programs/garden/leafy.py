import torch
from torch.fx import wrap

wrap("joined")


def joined(a, b):
    return a + b


class Leafy(torch.nn.Module):
    def forward(self, x):
        x = joined(x, x)
        return torch.relu(x + 3.0)


class Pair(torch.nn.Module):
    def __init__(self, tensor, first, second):
        super().__init__()
        self.tensor = tensor
        self.first = first
        self.second = second

    def forward(self, x):
        return self.first(x) + self.second(x) + self.tensor
