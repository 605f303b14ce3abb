"""A network small enough to pack in a test, with the parts that larger ones have."""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.shortcut = nn.Identity() if stride == 1 else nn.AvgPool2d(stride)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.conv2(y) + self.shortcut(x))


class Tiny(nn.Module):
    def __init__(self, classes=5, channels=8):
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.Sequential(Block(channels), Block(channels, stride=2))
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        if x.shape[2] < 4:
            raise ValueError("image too small")
        x = self.blocks(self.stem(x))
        return self.head(x.mean((2, 3)))


class TwoOutputs(nn.Module):
    def forward(self, x, y):
        return {"sum": x + y, "rows": len(x), "pair": (x * y, y.flatten(1))}


def broken():
    return undefined_name


def endless():
    while True:
        pass


def scaled():
    model = Tiny()
    model.blocks[0].conv2.weight.data.mul_(20)
    return model
