from torch import fx


def f(x):
    assert x.shape[0] == 3
    return x


def run():
    return fx.Tracer().trace(f)
