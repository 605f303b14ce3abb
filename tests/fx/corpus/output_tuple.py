from torch import fx


def f(x):
    return x, (x + 1, [x * 2]), None, 3, "text"


def run():
    return fx.Tracer().trace(f)
