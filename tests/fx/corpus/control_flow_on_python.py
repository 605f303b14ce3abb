from torch import nn, fx


class Net(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.deep = deep

    def forward(self, x):
        if self.deep and self.training:
            for i in range(3):
                x = x * i
        while not self.deep:
            x = x - 1
        return [y for y in (x, x + 1)], {k: x for k in "ab"}


def run():
    return fx.Tracer().trace(Net(True))
