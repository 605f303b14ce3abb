import torch
from torch import nn, fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    w = g.get_attr("deep.weight")
    y = g.call_module("act", (g.call_function(torch.mul, (x, w)),))
    g.output(y)
    gm = fx.GraphModule({"act": nn.ReLU(), "deep.weight": torch.full((2,), -1.0)}, g, "FromDict")
    assert type(gm).__name__ == "FromDict" and "weight" in gm.deep._buffers
    assert gm(torch.ones(2)).tolist() == [0.0, 0.0]
    return gm.graph
