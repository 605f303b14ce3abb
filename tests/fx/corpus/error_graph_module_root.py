import torch
from torch import fx


def run():
    g = fx.Graph()
    g.output(g.call_module("lin", (g.placeholder("x"),)))
    fx.GraphModule({"other": torch.nn.Linear(1, 1)}, g)
