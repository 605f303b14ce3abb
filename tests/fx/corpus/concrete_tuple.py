from torch import fx


def f(x, y, flag):
    return x + y if flag else x - y


def run():
    return fx.Tracer().trace(f, concrete_args=(fx.PH, fx.PH, False))
