import torch
from torch import fx


def f(x):
    if isinstance(x, torch.Tensor):
        x = x + 100
    if torch.is_tensor(x):
        x = x + 200
    if x is None:
        x = 300
    return x + 1


def run():
    return fx.Tracer().trace(f)
