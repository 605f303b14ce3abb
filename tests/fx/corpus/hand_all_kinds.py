import operator

import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x", torch.Tensor)
    y = g.placeholder("y", default_value=3)
    w = g.get_attr("layers.0.weight")
    a = g.call_function(operator.add, (x, y))
    b = g.call_function(torch.sum, (a,), {"dim": [0, 1], "keepdim": True})
    c = g.call_method("view", (b, -1, w))
    d = g.call_module("layers.1", (c,), {"scale": 2})
    g.output((d, {"all": [a, b]}))
    g.lint()
    return g
