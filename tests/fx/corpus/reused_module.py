from torch import nn, fx


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        shared = nn.Linear(3, 3)
        self.first = shared
        self.second = shared
        self.inner = nn.Sequential(shared, nn.ReLU())
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.act(self.first(x))
        x = self.act(self.second(x))
        return self.inner(self.act(x))


def run():
    return fx.Tracer().trace(Twice())
