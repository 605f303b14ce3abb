import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    a = g.call_function(torch.sin, (x,))
    g.erase_node(x)
