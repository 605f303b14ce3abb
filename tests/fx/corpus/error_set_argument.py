from torch import fx


def f(x):
    return x.use({1, 2})


def run():
    return fx.Tracer().trace(f)
