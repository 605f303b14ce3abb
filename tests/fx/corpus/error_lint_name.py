import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    a = g.call_function(torch.sin, (x,))
    a.name = "x"
    g.output(a)
    g.lint()
