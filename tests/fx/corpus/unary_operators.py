from torch import fx


def f(a):
    return -a, +a, ~a, abs(a)


def run():
    return fx.Tracer().trace(f)
