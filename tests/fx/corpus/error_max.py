from torch import fx


def f(x, y):
    return max(x, y)


def run():
    return fx.Tracer().trace(f)
