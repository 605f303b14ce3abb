import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    a = g.call_function(torch.sin, (x,))
    b = g.call_function(torch.cos, (a,))
    a.args = (b,)
    g.output(a)
    g.lint()
