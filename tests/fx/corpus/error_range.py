from torch import fx


def f(x):
    for i in range(x.shape[0]):
        x = x + i
    return x


def run():
    return fx.Tracer().trace(f)
