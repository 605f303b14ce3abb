import torch
from torch import fx

fx.wrap("lift")


def lift(x):
    return x + 1


TABLE = {"lift": lift}


def f(x):
    again = lift
    return TABLE["lift"](x), again(x), lift(x)


def run():
    return fx.Tracer().trace(f)
