from torch import fx


def f(x):
    return x.use(i for i in range(3))


def run():
    return fx.Tracer().trace(f)
