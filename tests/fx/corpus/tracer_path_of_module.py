from torch import nn, fx


class Short(fx.Tracer):
    def path_of_module(self, mod):
        return "root." + super().path_of_module(mod)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.ReLU()

    def forward(self, x):
        return self.a(x)


def run():
    return Short().trace(Net())
