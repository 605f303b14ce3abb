from torch import nn, fx


class Encoding(fx.Tracer):
    traced_func_name = "encode"


class Net(nn.Module):
    def encode(self, x, k=2):
        return x * k

    def forward(self, x):
        return x


def run():
    return Encoding().trace(Net())
