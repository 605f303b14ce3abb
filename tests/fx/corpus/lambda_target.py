import torch
from torch import fx

twice = lambda x: x * 2
fx.wrap("twice")


def f(x):
    return twice(x)


def run():
    return fx.Tracer().trace(f)
