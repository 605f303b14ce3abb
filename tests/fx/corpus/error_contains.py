from torch import fx


def f(x):
    return 3 in x


def run():
    return fx.Tracer().trace(f)
