from torch import fx


def f(x):
    x[0] = 1
    return x


def run():
    return fx.Tracer().trace(f)
