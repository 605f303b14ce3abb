import operator

import torch
from torch import fx


def run():
    g = fx.Graph()
    x, y = g.placeholder("x"), g.placeholder("y")
    for name in ["iadd", "imul", "itruediv", "setitem", "contains", "not_", "is_", "truth", "concat", "index"]:
        args = (x, y, 1) if name == "setitem" else (x,) if name in ("not_", "truth", "index") else (x, y)
        g.call_function(getattr(operator, name), args)
    g.call_function(len, (x,))
    g.call_function(print, (x, "text"))
    g.call_function(torch.Tensor.add, (x, y))
    g.call_function(isinstance, (x, int))
    g.output(None)
    return g
