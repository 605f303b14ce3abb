import torch
from torch import fx


def f(x):
    a = x.add(float("inf"))
    b = a.clamp(min=-1e-7, max=1e20)
    c = b.pick("it's", 'a "quoted" word', "line\nbreak", None, True, ...)
    d = c.mix(-3, 0.1, 12345678901234, slice(1, None), slice(None, x, 2), range(3))
    e = d.nan(float("nan"), -float("inf"))
    return e


def run():
    return fx.Tracer().trace(f)
