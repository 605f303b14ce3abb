from torch import fx


class Pair(metaclass=fx.ProxyableClassMeta):
    def __init__(self, left, right):
        self.left, self.right = left, right

    def add(self, other):
        return Pair(self.left + other.left, self.right + other.right)


def f(x, y):
    p = Pair(x, y).add(Pair(y, 3))
    return p.left + p.right, Pair(1, 2).left


def run():
    return fx.Tracer().trace(f)
