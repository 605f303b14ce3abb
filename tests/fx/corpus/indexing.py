from torch import fx


def f(x, i):
    return [x[0], x[-1], x[1:3], x[::2], x[:, 1], x[..., None], x[None], x[i], x[i, :], x[:i], x[[0, 2]], x[0][1], x["key"],
            x[1:, ..., ::3], x[True]]


def run():
    return fx.Tracer().trace(f)
