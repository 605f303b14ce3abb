from torch import fx


def g(x):
    return x


def f(x):
    return x.apply_(g)


def run():
    return fx.Tracer().trace(f)
