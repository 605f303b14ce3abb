"""Models for the tests of predict: what goes in comes out, and a small classifier."""

import torch
from torch import nn


class Identity(nn.Module):
    def forward(self, x):
        return x + 0


class Classifier(nn.Module):
    def __init__(self, channels=3, classes=7):
        super().__init__()
        self.conv = nn.Conv2d(channels, 8, 3, stride=2)
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(x.mean((2, 3)))
