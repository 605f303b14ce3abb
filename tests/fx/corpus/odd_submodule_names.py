from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("0", nn.ReLU())
        self.add_module("conv-1x1", nn.Conv2d(3, 3, 1))
        self.add_module("BatchNorm", nn.BatchNorm2d(3))
        inner = nn.Module()
        inner.add_module("1", nn.Identity())
        self.add_module("Camel2Case", inner)

    def forward(self, x):
        for _, child in self.named_children():
            if not isinstance(child, nn.Identity) and list(child.children()) == []:
                x = child(x)
        return getattr(self.Camel2Case, "1")(x)


def run():
    return fx.Tracer().trace(Net())
