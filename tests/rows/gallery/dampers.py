"""A module whose forward calls functions of this file, one of them kept whole in traces."""
import torch
import torch.fx

torch.fx.wrap("damped")


def damped(x, by):
    return x * by


def shifted(x):
    return x + 3.0


class Damper(torch.nn.Module):
    def forward(self, x):
        return torch.relu(shifted(damped(x, 0.5)))


class Twins(torch.nn.Module):
    """Two names for what may be one module, and a tensor that is neither parameter nor buffer."""

    def __init__(self, offset, first, second):
        super().__init__()
        self.offset = offset
        self.first = first
        self.second = second

    def forward(self, x):
        return self.first(x) - self.second(x) * 2.0 + self.offset
