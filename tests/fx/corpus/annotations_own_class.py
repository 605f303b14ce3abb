from torch import nn, fx


class Box:
    pass


class Typed(nn.Module):
    def forward(self, x: Box, y: "Box", z: int | None = None) -> Box:
        return x.open(y)


def run():
    return fx.Tracer().trace(Typed())
