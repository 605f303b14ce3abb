from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.BatchNorm2D = nn.BatchNorm2d(1)
        self.ReLU = nn.ReLU()
        self.myConvABC = nn.Conv2d(1, 1, 1)

    def forward(self, inputTensor, __dunder__):
        return self.myConvABC(self.ReLU(self.BatchNorm2D(inputTensor))) + __dunder__


def run():
    return fx.Tracer().trace(Net())
