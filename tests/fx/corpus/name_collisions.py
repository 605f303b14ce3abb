import torch
from torch import fx


def f(add, relu, add_1):
    a = add + relu
    b = a + add_1
    relu_2 = torch.relu(b)
    return torch.relu(relu_2) + b.add(1), b.input, b.self, b.torch, b.device()


def run():
    return fx.Tracer().trace(f)
