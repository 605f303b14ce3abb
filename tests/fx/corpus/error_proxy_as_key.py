from torch import fx


def f(x):
    return x.look({x: 1})


def run():
    return fx.Tracer().trace(f)
