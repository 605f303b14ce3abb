from torch import nn, fx


class Net(nn.Module):
    def forward(self, x, double: bool = False, scale=1.0):
        if double:
            x = x * 2
        return x * scale


def run():
    return fx.Tracer().trace(Net(), concrete_args={"double": True})
