from torch import fx


class Own:
    pass


def f(x):
    return x.use(Own)


def run():
    return fx.Tracer().trace(f)
