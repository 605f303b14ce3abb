from torch import fx


def f(x):
    return len(x) + 1


def run():
    return fx.Tracer().trace(f)
