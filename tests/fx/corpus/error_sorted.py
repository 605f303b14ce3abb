from torch import fx


def f(x, y):
    return sorted([x, y])


def run():
    return fx.Tracer().trace(f)
