from torch import fx


def g(x, scale=1):
    return x * scale


def f(x, options):
    return g(x, **options)


def run():
    return fx.Tracer().trace(f)
