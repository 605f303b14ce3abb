from torch import nn, fx


class Net(nn.Module):
    def forward(self, x):
        return nn.ReLU()(x)


def run():
    return fx.Tracer().trace(Net())
