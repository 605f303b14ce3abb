import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    n = g.call_function(torch.cat, ([x, x],))
    try:
        n.kwargs["dim"] = 1
    except TypeError:
        n.args[0].append(x)
