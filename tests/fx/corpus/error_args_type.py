import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    g.call_function(torch.sin, [x])
