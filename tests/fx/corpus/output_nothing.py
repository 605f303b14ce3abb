from torch import fx


def f(x):
    x + 1


def run():
    return fx.Tracer().trace(f)
