import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2, 3))

    def forward(self, x):
        if self.w.shape[0] == 2 and self.w.dim() == self.w.ndim and self.w.numel() == 6:
            return x @ self.w
        return x


def run():
    return fx.Tracer(param_shapes_constant=True).trace(Net())
