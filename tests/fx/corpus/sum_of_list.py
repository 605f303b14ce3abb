from torch import fx


def f(x, y, z):
    return sum([x, y, z])


def run():
    return fx.Tracer().trace(f)
