"""A small residual network after He et al. (2015), with what real ones have: a builder with options, strided shortcuts,
batch normalization, weights made by name of the kind of module."""
from typing import Callable, List, Optional, Type

import torch
from torch import Tensor, nn


def conv3x3(wide_in: int, wide_out: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(wide_in, wide_out, kernel_size=3, stride=stride, padding=1, bias=False)


class Block(nn.Module):
    expansion: int = 1

    def __init__(self, wide_in: int, wide_out: int, stride: int = 1, shortcut: Optional[nn.Module] = None,
                 norm: Callable[..., nn.Module] = nn.BatchNorm2d) -> None:
        super().__init__()
        self.conv1 = conv3x3(wide_in, wide_out, stride)
        self.bn1 = norm(wide_out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(wide_out, wide_out)
        self.bn2 = norm(wide_out)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        beside = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.shortcut is not None:
            beside = self.shortcut(x)
        out += beside
        return self.relu(out)


class Residual(nn.Module):
    def __init__(self, block: Type[Block], depths: List[int], classes: int = 10) -> None:
        super().__init__()
        self.wide = 8
        self.stem = nn.Sequential(nn.Conv2d(3, 8, kernel_size=5, stride=2, padding=2, bias=False), nn.BatchNorm2d(8),
                                  nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
        self.stage1 = self._stage(block, 8, depths[0])
        self.stage2 = self._stage(block, 16, depths[1], stride=2)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)

    def _stage(self, block: Type[Block], wide_out: int, depth: int, stride: int = 1) -> nn.Sequential:
        shortcut = None
        if stride != 1 or self.wide != wide_out:
            shortcut = nn.Sequential(nn.Conv2d(self.wide, wide_out, kernel_size=1, stride=stride, bias=False),
                                     nn.BatchNorm2d(wide_out))
        blocks = [block(self.wide, wide_out, stride, shortcut)]
        self.wide = wide_out
        blocks += [block(self.wide, wide_out) for _ in range(1, depth)]
        return nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage2(self.stage1(self.stem(x)))
        x = torch.flatten(self.pool(x), 1)
        return self.fc(x)


def small(classes: int = 10) -> Residual:
    return Residual(Block, [1, 2], classes)
