from torch import fx


def f(x):
    x.unused
    x.shape
    shape = x.shape
    first = shape[0] + shape[1]
    return first + x.shape[0], x.T.mH.real, x.grad_fn.name, hasattr(x, "anything")


def run():
    return fx.Tracer().trace(f)
