from torch import fx


class Thing:
    pass


def f(x):
    return x.use(Thing())


def run():
    return fx.Tracer().trace(f)
