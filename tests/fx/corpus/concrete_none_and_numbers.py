from torch import fx


def f(x, mask=None, n=2, name="x"):
    if mask is not None:
        x = x * mask
    for _ in range(n):
        x = x + 1
    return x.rename(name)


def run():
    return fx.Tracer().trace(f, concrete_args={"mask": None, "n": 3, "name": "wide"})
