from torch import fx


def f(x, y):
    x += y
    x -= 1
    x *= y
    x /= 2
    x //= 2
    x **= 2
    x @= y
    x &= y
    return x


def run():
    return fx.Tracer().trace(f)
