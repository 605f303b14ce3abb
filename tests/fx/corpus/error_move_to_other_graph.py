import torch
from torch import fx


def run():
    a, b = fx.Graph().placeholder("a"), fx.Graph().placeholder("b")
    a.append(b)
