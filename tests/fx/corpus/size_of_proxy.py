from torch import fx


def f(x):
    b, c = x.shape[:2]
    n, d, h, w = x.size()
    y = x.view(b, c, -1)
    return y.reshape(x.shape[0] // 2, x.size(1) * 2, h * w), x.dim(), x.numel(), x.ndim


def run():
    return fx.Tracer().trace(f)
