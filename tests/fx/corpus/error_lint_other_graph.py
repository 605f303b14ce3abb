import torch
from torch import fx


def run():
    other = fx.Graph()
    stranger = other.placeholder("stranger")
    g = fx.Graph()
    a = g.call_function(torch.sin, (stranger,))
    g.output(a)
    g.lint()
