from torch import fx


def f(a):
    return [1 + a, 2 - a, 3 * a, 4 / a, 5 // a, 6 % a, 2 ** a, 7 & a, 8 | a, 9 ^ a, 1 << a, 64 >> a]


def run():
    return fx.Tracer().trace(f)
