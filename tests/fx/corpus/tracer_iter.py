from torch import fx


class Pairs(fx.Tracer):
    def iter(self, obj):
        return iter([obj[0], obj[1]])


def f(x):
    return [row + 1 for row in x]


def run():
    return Pairs().trace(f)
