from torch import fx


def f(x, y):
    z = x + 1
    w = z * 2
    return x


def run():
    return fx.Tracer().trace(f)
