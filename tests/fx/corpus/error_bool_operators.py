from torch import fx


def f(x, y):
    return x and y


def run():
    return fx.Tracer().trace(f)
