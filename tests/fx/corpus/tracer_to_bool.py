from torch import fx


class AlwaysTrue(fx.Tracer):
    def to_bool(self, obj):
        return True


def f(x):
    if x > 0:
        return x * 2
    return x


def run():
    return AlwaysTrue().trace(f)
