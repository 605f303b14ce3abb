from torch import fx


def f(x, y):
    return x + y


def run():
    return fx.Tracer().trace(f, concrete_args=(fx.PH,))
