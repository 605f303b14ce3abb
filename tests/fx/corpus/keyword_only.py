from torch import nn, fx


class Scaled(nn.Module):
    def forward(self, x, *rest, scale, bias=1.0):
        return x * scale + bias + rest[0]


def run():
    return fx.Tracer().trace(Scaled())
