import torch
from torch import fx


@fx.wrap
def gate(x, limit):
    if x.sum() > limit:
        return x
    return -x


@torch.fx.wrap
def plain(n):
    return n + 1


class Net(torch.nn.Module):
    def forward(self, x):
        return gate(x, limit=plain(3)) + plain(x)


def run():
    return fx.Tracer().trace(Net())
