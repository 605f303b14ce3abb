from torch import fx


def f(x):
    first, *rest = x
    return first


def run():
    return fx.Tracer().trace(f)
