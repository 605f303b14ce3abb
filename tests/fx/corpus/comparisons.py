from torch import fx


def f(a, b):
    return (a < b, a <= b, a > 0, a >= 0.5, a == b, a != None, 0.5 < a, 1 >= b)


def run():
    return fx.Tracer().trace(f)
